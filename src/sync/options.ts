import type { MemoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { show } from '../base/show.ts';
import { currentParticipants } from '../os/current-participants.ts';

/** What every primitive takes. */
export interface SyncOptions {
  /** Who takes part; the threads of this machine if absent. */
  readonly participants?: Participants;
  /** How errors call it, for example `the mutex of "Global\\X"`. */
  readonly what?: string;
}

/** `options` if they are an object. @throws TypeError */
export function checkedOptions<T extends object>(options: T): T {
  if (typeof options === 'object' && options !== null) return options;
  throw new TypeError(`Cannot use ${show(options)} as options: pass an object, or leave them out`);
}

/** The participants of that memory. @throws TypeError if `options` brings something else */
export function participantsOf(range: MemoryRange, options: SyncOptions): Participants {
  const { participants } = options;
  if (participants === undefined) return currentParticipants(range.scope);
  if (typeof participants === 'object' && participants !== null && typeof participants.isAlive === 'function') {
    return participants;
  }
  throw new TypeError(
    `Cannot use ${String(participants)} as participants: leave them out for the threads of this machine`,
  );
}
