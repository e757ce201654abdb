import { NamedMutex } from '../sync/named-mutex.ts';
import type { GuardMutex } from './read-guard.ts';

/**
 * The named mutex of a `{ mutex: 'name' }` guard. It is made if there is none yet: its program makes the same one when it
 * starts, or finds ours.
 */
export function openGuardMutex(name: string): GuardMutex {
  return NamedMutex.openOrCreate(name);
}
