import type { GuardMutex } from './read-guard.ts';

/** The named mutex of a `{ mutex: 'name' }` guard. */
export function openGuardMutex(_name: string): GuardMutex {
  throw new TypeError('Cannot open a named mutex: pass the NamedMutex itself');
}
