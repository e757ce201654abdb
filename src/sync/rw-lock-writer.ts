import { beforeDetach } from '../base/before-detach.ts';
import { MapFileError } from '../base/errors.ts';
import type { ParticipantId, Participants } from '../base/participants.ts';
import type { LockState } from './lock-word.ts';
import {
  ABANDONED,
  BROKEN,
  DRAIN_INDEX,
  OWNER_MASK,
  readerIndex,
  TICKET_INDEX,
  ticketOf,
  WAITERS,
  WRITER_INDEX,
} from './rw-lock-layout.ts';
import type { Tickets } from './tickets.ts';
import type { Waitable } from './wait.ts';
import { stillOpen } from './words.ts';

/** What the two sides of a reader-writer lock share. */
export interface RwAccess {
  readonly what: string;
  readonly key: number;
  readonly words: Int32Array;
  readonly readers: number;
  readonly participants: Participants;
  readonly tickets: Tickets;
}

/** What other tasks of the same thread are to one that does not block it (`sameThread`), or to one that does. */
export type Turns = 'error' | 'wait' | 'blocking';

/**
 * One way in for a writer: first the writer word, which keeps new readers out, then the readers that are in have to leave.
 * Between the two it owns the word already; {@link end} gives it back if the second half was never reached. An attempt that
 * succeeds answers the ticket of the acquisition; negative if the last writer died.
 */
export class WriteAttempt implements Waitable<number> {
  readonly inTurn = true;
  readonly #access: RwAccess;
  readonly #turns: Turns;
  /** The state with which the writer word was taken; 0 while it is not. */
  #taken: LockState = 0;
  /** A wait that goes on keeps the word until then. */
  #stopWatching: (() => void) | undefined;

  constructor(access: RwAccess, turns: Turns) {
    this.#access = access;
    this.#turns = turns;
  }

  get what(): string {
    return this.#access.what;
  }

  get key(): number {
    return this.#access.key;
  }

  get participants(): Participants {
    return this.#access.participants;
  }

  refuse(): void {
    const { words, readers, what, participants } = this.#access;
    const { self } = participants;
    if (this.#taken === 0) refuseBehindOwnWriter(this.#access, self, this.#turns);
    if (this.#turns === 'wait') return;
    for (let i = 0; i < readers; i++) {
      if (Atomics.load(stillOpen(words, what), readerIndex(i)) === self) throw readsOrWrites(this.#access, self);
    }
  }

  attempt(): number {
    return this.#attempt(false);
  }

  attemptThorough(): number {
    return this.#attempt(true);
  }

  /** A single attempt that leaves nothing behind. */
  once(): number {
    try {
      const ticket = this.#attempt(true);
      if (ticket === 0) this.refuse();
      return ticket;
    } finally {
      this.end();
    }
  }

  /** Gives the writer word back unless the lock was acquired. The mark of a dead writer stays. */
  end(): void {
    this.#stopWatching?.();
    this.#stopWatching = undefined;
    if (this.#taken === 0 || this.#access.words.length === 0) return;
    const left = this.#taken === 2 ? ABANDONED : 0;
    this.#taken = 0;
    const seen = Atomics.exchange(this.#access.words, WRITER_INDEX, left);
    if ((seen & WAITERS) !== 0) this.participants.ring(this.key);
  }

  readonly mark = (): boolean => {
    const { what, readers } = this.#access;
    const words = stillOpen(this.#access.words, what);
    if (this.#taken === 0) return markWriter(words);
    this.#stopWatching ??= beforeDetach(words.buffer, () => this.end());
    // ORDER: seq_cst, before the look at the places: a reader that leaves frees its place first and loads this word then.
    Atomics.store(words, DRAIN_INDEX, 1);
    for (let i = 0; i < readers; i++) if (Atomics.load(words, readerIndex(i)) !== 0) return true;
    return false;
  };

  #attempt(thorough: boolean): number {
    const { participants, tickets, what } = this.#access;
    const words = stillOpen(this.#access.words, what);
    const { self } = participants;
    if (this.#taken === 0) {
      this.#taken = this.#takeWord(self, thorough);
      // Over what the dead writer left: until it is ours whole, no unlock may take it for held.
      if (this.#taken === 2) Atomics.store(words, TICKET_INDEX, BROKEN);
    }
    if (this.#taken === 0 || !this.#drained(self, thorough)) return 0;
    const ticket = tickets.next();
    Atomics.store(words, TICKET_INDEX, ticket);
    const died = this.#taken === 2;
    this.#taken = 0;
    return died ? -ticket : ticket;
  }

  #takeWord(self: number, thorough: boolean): LockState {
    const { words } = this.#access;
    // ORDER: seq_cst, before the look at the places; a reader takes its place first and loads this word then.
    let seen = Atomics.compareExchange(words, WRITER_INDEX, 0, self);
    for (;;) {
      if (seen === 0) return 1;
      const owner = seen & OWNER_MASK;
      if (owner === self) return 0;
      if (owner !== 0 && (!thorough || this.participants.isAlive(owner as ParticipantId))) return 0;
      const broken = owner === 0 || brokenBy(words);
      const before = Atomics.compareExchange(words, WRITER_INDEX, seen, self | (seen & WAITERS));
      if (before === seen) return broken ? 2 : 1;
      seen = before === 0 ? Atomics.compareExchange(words, WRITER_INDEX, 0, self) : before;
    }
  }

  #drained(self: number, thorough: boolean): boolean {
    const { words, readers } = this.#access;
    for (let i = 0; i < readers; i++) {
      const index = readerIndex(i);
      const reader = Atomics.load(words, index);
      if (reader === 0) continue;
      if (!thorough || reader === self) return false;
      if (this.participants.isAlive(reader as ParticipantId)) return false;
      Atomics.compareExchange(words, index, reader, 0);
    }
    return true;
  }
}

/**
 * Throws if a writer of this thread is in the way, unless it is to be waited for: any, if it was so asked; and without
 * blocking the thread one that still waits itself, for that holds nothing yet.
 */
export function refuseBehindOwnWriter(access: RwAccess, self: number, turns: Turns): void {
  const words = stillOpen(access.words, access.what);
  if (turns === 'wait' || (Atomics.load(words, WRITER_INDEX) & OWNER_MASK) !== self) return;
  if (turns === 'blocking' || ticketOf(Atomics.load(words, TICKET_INDEX)) !== 0) throw readsOrWrites(access, self);
}

/** Whether the dead writer whose name stands there may have left something half written, or knew of one who had. */
export function brokenBy(words: Int32Array): boolean {
  return Atomics.load(words, TICKET_INDEX) !== 0;
}

/** Sets the bit that makes the writer's release ring; false if no writer is there. */
export function markWriter(words: Int32Array): boolean {
  for (let seen = Atomics.load(words, WRITER_INDEX); (seen & OWNER_MASK) !== 0; ) {
    if ((seen & WAITERS) !== 0) return true;
    // ORDER: seq_cst, after the announcement of sleep(): the release that sees this bit finds the sleeper.
    const before = Atomics.compareExchange(words, WRITER_INDEX, seen, seen | WAITERS);
    if (before === seen) return true;
    seen = before;
  }
  return false;
}

/** Frees the places of dead readers; whether there was one. */
export function freeTheDead({ words, readers, participants }: RwAccess, self: number): boolean {
  let freed = false;
  for (let i = 0; i < readers; i++) {
    const index = readerIndex(i);
    const reader = Atomics.load(words, index);
    if (reader === 0 || reader === self || participants.isAlive(reader as ParticipantId)) continue;
    if (Atomics.compareExchange(words, index, reader, 0) === reader) freed = true;
  }
  return freed;
}

/** The error of a thread that would wait for itself. */
export function readsOrWrites({ what }: RwAccess, self: number): MapFileError<'ERR_ALREADY_OWNER'> {
  return new MapFileError(
    'ERR_ALREADY_OWNER',
    `Cannot acquire ${what}: this thread (participant ${self}) reads or writes under it already, release it first`,
    { self },
  );
}
