import type { MemoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { currentParticipants } from '../os/current-participants.ts';

/** What every primitive takes. */
export interface SyncOptions {
  /** Who takes part; the threads of this machine if absent. */
  readonly participants?: Participants;
  /** How errors call it, for example `the mutex of "Global\\X"`. */
  readonly what?: string;
}

/** The participants of that memory. */
export function participantsOf(range: MemoryRange, options: SyncOptions): Participants {
  return options.participants ?? currentParticipants(range.scope);
}
