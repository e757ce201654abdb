import { closedError, MapFileError } from '../base/errors.ts';
import type { ParticipantId, Participants } from '../base/participants.ts';

/** What a guard needs to know about the lock that it guards. */
export interface Guarded {
  readonly what: string;
  /** Whose acquisitions the tickets number; absent where it is no participant's (kernel objects). */
  readonly participants?: Participants;
  /** Whether the acquisition of that ticket still stands. `place` is the lock's own affair. */
  holds(ticket: number, place: number): boolean;
  /** Releases that acquisition. @throws MapFileError ERR_NOT_OWNER if it does not stand any more */
  releaseHeld(ticket: number, place: number): void;
}

const HELD = 0;
/** A condition waits with it. */
const LENT = 1;
const RELEASED = 2;
const CLOSED = 3;

/**
 * Holds a lock until `unlock()` or the end of its `using` block.
 *
 * A guard stands for one acquisition of the thread that made it: it never releases a later one. If that thread dies the
 * lock is recovered, guard or not.
 */
export class Guard {
  readonly #lock: Guarded;
  readonly #ticket: number;
  readonly #place: number;
  #state: number = HELD;
  #ownerDied: boolean;

  /** Guards are made by the locks. */
  constructor(lock: Guarded, ownerDied: boolean, ticket: number, place = 0) {
    this.#lock = lock;
    this.#ownerDied = ownerDied;
    this.#ticket = ticket;
    this.#place = place;
  }

  /**
   * Whether the previous owner died while it held the lock, so that what the lock protects may be half written. Exactly
   * one acquirer is told: check the data before you go on. The same thing as WAIT_ABANDONED and EOWNERDEAD.
   */
  get ownerDied(): boolean {
    return this.#ownerDied;
  }

  /**
   * Whether what it acquired is still to be released, by `unlock()` or otherwise. False while a condition waits with it, for
   * others may hold the lock meanwhile; false in closed memory, where nothing can be released any more.
   */
  get held(): boolean {
    if (this.#state !== HELD) return false;
    try {
      return this.#lock.holds(this.#ticket, this.#place);
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ERR_CLOSED') return false;
      throw error;
    }
  }

  /**
   * Releases the lock.
   * @throws MapFileError ERR_NOT_OWNER if what this guard acquired has been released already, by whatever means
   * @throws TypeError ERR_CLOSED if the lock has been closed
   */
  unlock(): void {
    if (this.#state !== HELD) throw this.#cannot();
    this.#lock.releaseHeld(this.#ticket, this.#place);
    this.#state = RELEASED;
  }

  /**
   * Releases the lock unless that has happened, or its memory is closed.
   * @throws MapFileError ERR_NOT_OWNER if a condition waits with this guard: nobody would release what it acquires again
   */
  [Symbol.dispose](): void {
    if (this.#state === LENT || this.held) this.unlock();
  }

  /** The lock is about to be closed. @internal */
  close(): void {
    if (this.#state === RELEASED) return;
    if (this.held) this.unlock();
    this.#state = CLOSED;
  }

  /** Whether it holds the lock that this one is, too: several objects may stand for the same memory. @internal */
  guards(lock: Guarded): boolean {
    // Tickets of one participant are never the same for two things that it holds.
    const sameThread = this.#lock.participants !== undefined && this.#lock.participants === lock.participants;
    return this.#state === HELD && sameThread && lock.holds(this.#ticket, this.#place);
  }

  /** A condition releases the lock until it calls {@link reacquired}. @internal */
  lend(): void {
    this.#state = LENT;
  }

  /** @internal */
  reacquired(ownerDied: boolean): void {
    this.#state = HELD;
    this.#ownerDied = ownerDied;
  }

  #cannot(): Error {
    if (this.#state === CLOSED) return closedError(this.#lock.what);
    const why =
      this.#state === LENT
        ? 'a condition that waits with this guard has released it, await the wait first'
        : 'this guard has released it already';
    return new MapFileError('ERR_NOT_OWNER', `Cannot release ${this.#lock.what}: ${why}`, { owner: 0, self: 0 });
  }
}

/** The error of a guard that comes too late: the thread holds the lock, but by a later acquisition. */
export function laterAcquisition(what: string, self: ParticipantId | 0): MapFileError<'ERR_NOT_OWNER'> {
  return new MapFileError(
    'ERR_NOT_OWNER',
    `Cannot release ${what}: what this guard acquired has been released already, and this thread has acquired it anew; ` +
      'release each acquisition once, by its guard',
    { owner: self, self },
  );
}
