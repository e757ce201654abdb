import { MapFileError } from '../base/errors.ts';
import { type Memory, memoryRange, offsetKey } from '../base/memory.ts';
import type { ParticipantId, Participants, WaitOptions } from '../base/participants.ts';
import { agree, checkedInteger } from './agree.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import { GivingWay } from './giving-way.ts';
import { Guard, type Guarded, laterAcquisition } from './guard.ts';
import { checkedSameThread, type SameThread } from './lock-word.ts';
import { checkedOptions, participantsOf, type SyncOptions } from './options.ts';
import {
  ABANDONED,
  byteLength,
  DEFAULT_READERS,
  DRAIN_INDEX,
  depthOf,
  holdIndex,
  MAX_DEPTH,
  ONE_DEEPER,
  OWNER_MASK,
  READERS_INDEX,
  readerIndex,
  TICKET_INDEX,
  ticketOf,
  WAITERS,
  WRITER_INDEX,
} from './rw-lock-layout.ts';
import {
  brokenBy,
  freeTheDead,
  markWriter,
  type RwAccess,
  refuseBehindOwnWriter,
  WriteAttempt,
} from './rw-lock-writer.ts';
import { ticketsOf } from './tickets.ts';
import { type Waitable, wait, waitSync } from './wait.ts';
import { stillOpen, wordsOf } from './words.ts';

export interface RwLockOptions extends SyncOptions {
  /** Threads that can read at once; one more waits until another leaves. The same in every process. Default 30. */
  readonly readers?: number;
}

/**
 * Many readers or one writer, between the threads of any number of processes, in shared memory. All zero is free.
 *
 * Writers are not starved: from the moment a writer asks, new readers wait. A thread that reads already may read again
 * (nested), at once by `lockReadSync` and `tryLockRead`. `lockRead` cannot tell a nested read from another task of the thread:
 * it gives way to a writer that waits for 50 ms, and for twice as long each time that this writer has been overtaken. Each reader is known by name, so one that dies is not waited for. If a writer dies, every
 * guard says `ownerDied` until a writer has had the lock: readers cannot repair what it left half written.
 *
 * @example
 * ```ts
 * import { RwLock } from 'mapfile/sync';
 *
 * const lock = new RwLock(new ArrayBuffer(RwLock.byteLengthFor(30)), 0);
 * const reading = lock.lockReadSync();
 * reading.unlock();
 * ```
 */
export class RwLock {
  /** Bytes that a lock for the default 30 readers takes. */
  static readonly byteLength: number = byteLength(DEFAULT_READERS);

  /** Bytes that a lock for so many concurrently reading threads takes. */
  static byteLengthFor(readers: number): number {
    return byteLength(checkedInteger(readers, 1, 1_000_000, 'readers'));
  }

  /** A reader-writer lock as a field of a struct. */
  static codec(options: RwLockOptions = {}): PrimitiveCodec<RwLock> {
    const { readers = DEFAULT_READERS } = checkedOptions(options);
    const bytes = RwLock.byteLengthFor(readers);
    return primitiveCodec(`reader-writer lock of ${readers}`, bytes, (memory, at) => new RwLock(memory, at, options));
  }

  readonly what: string;
  readonly #memory: Int32Array;
  readonly #participants: Participants;
  readonly #readers: number;
  readonly #access: RwAccess;
  readonly #reading: Waitable<number>;
  readonly #givingWay = new GivingWay();
  readonly #writing: WriteAttempt;
  readonly #readSide: Guarded;
  readonly #writeSide: Guarded;
  #self = 0;
  #place = 0;

  /** @throws RangeError if it does not fit there; MapFileError ERR_LAYOUT_MISMATCH for another number of readers */
  constructor(memory: Memory, byteOffset = 0, options: RwLockOptions = {}) {
    const range = memoryRange(memory);
    const { what = 'a reader-writer lock', readers = DEFAULT_READERS } = checkedOptions(options);
    this.what = what;
    this.#readers = readers;
    this.#memory = wordsOf(range, byteOffset, RwLock.byteLengthFor(this.#readers), this.what);
    agree(this.#words, READERS_INDEX, this.#readers, this.what, 'readers');
    this.#participants = participantsOf(range, options);
    const key = offsetKey(range.originKey, byteOffset);
    this.#access = {
      what: this.what,
      key,
      words: this.#memory,
      readers: this.#readers,
      participants: this.#participants,
      tickets: ticketsOf(this.#participants),
    };
    this.#writing = new WriteAttempt(this.#access, 'blocking');
    this.#reading = {
      what: this.what,
      participants: this.#participants,
      key,
      refuse: () => refuseBehindOwnWriter(this.#access, this.#me(), 'blocking'),
      attempt: () => this.#tryRead(false),
      attemptThorough: () => this.#tryRead(true),
      mark: () => this.#markReading(),
    };
    this.#readSide = {
      what: `${this.what} for reading`,
      participants: this.#participants,
      holds: (ticket) => this.#readTicket() === ticket,
      releaseHeld: (ticket) => {
        const mine = this.#readTicket();
        if (mine !== 0 && mine !== ticket) throw laterAcquisition(this.#readSide.what, this.#participants.self);
        this.unlockRead();
      },
    };
    this.#writeSide = {
      what: `${this.what} for writing`,
      participants: this.#participants,
      holds: (ticket) => this.#writeTicket() === ticket,
      releaseHeld: (ticket) => {
        const mine = this.#writeTicket();
        if (mine !== 0 && mine !== ticket) throw laterAcquisition(this.#writeSide.what, this.#participants.self);
        this.unlockWrite();
      },
    };
  }

  /** The participant that writes or waits for readers to leave; 0 if none does. */
  get writer(): ParticipantId | 0 {
    return (Atomics.load(this.#words, WRITER_INDEX) & OWNER_MASK) as ParticipantId | 0;
  }

  /** How many threads read now, dead ones included until somebody is held up by them. */
  get readerCount(): number {
    let count = 0;
    for (let i = 0; i < this.#readers; i++) if (Atomics.load(this.#words, readerIndex(i)) !== 0) count += 1;
    return count;
  }

  /**
   * A guard, or undefined if a writer is there. Never waits.
   * @throws MapFileError ERR_ALREADY_OWNER if this thread writes
   */
  tryLockRead(): Guard | undefined {
    const ticket = this.#tryRead(true);
    if (ticket === 0) this.#reading.refuse!();
    return this.#guard(this.#readSide, ticket);
  }

  /** @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT */
  lockReadSync(options?: WaitOptions): Guard {
    return this.#guard(this.#readSide, waitSync(this.#reading, options))!;
  }

  /**
   * Waits without blocking the event loop. If this thread reads already and a writer waits, it gives way to the writer for a
   * while: see the class.
   * @throws MapFileError ERR_ALREADY_OWNER if this thread writes; ERR_TIMEOUT; AbortError
   */
  async lockRead(options?: WaitOptions & SameThread): Promise<Guard> {
    const turns = checkedSameThread(options) ? 'wait' : 'error';
    const since = performance.now();
    const target: Waitable<number> = {
      ...this.#reading,
      // Not behind the thread's own writers if it reads: it may be what they wait for.
      inTurn: this.#myPlace() < 0,
      refuse: () => refuseBehindOwnWriter(this.#access, this.#me(), turns),
      attempt: () => this.#tryRead(false, since),
      attemptThorough: () => this.#tryRead(true, since),
    };
    return this.#guard(this.#readSide, await wait(target, options))!;
  }

  /**
   * A guard, or undefined if somebody alive reads or writes. Never waits.
   * @throws MapFileError ERR_ALREADY_OWNER if this thread reads or writes
   */
  tryLockWrite(): Guard | undefined {
    return this.#guard(this.#writeSide, this.#writing.once());
  }

  /** @throws MapFileError ERR_ALREADY_OWNER if this thread reads or writes; ERR_TIMEOUT */
  lockWriteSync(options?: WaitOptions): Guard {
    try {
      return this.#guard(this.#writeSide, waitSync(this.#writing, options))!;
    } finally {
      this.#writing.end();
    }
  }

  /** @throws MapFileError ERR_ALREADY_OWNER if this thread reads or writes; ERR_TIMEOUT; AbortError */
  async lockWrite(options?: WaitOptions & SameThread): Promise<Guard> {
    const attempt = new WriteAttempt(this.#access, checkedSameThread(options) ? 'wait' : 'error');
    try {
      return this.#guard(this.#writeSide, await wait(attempt, options))!;
    } finally {
      attempt.end();
    }
  }

  /** Leaves as a reader, without a guard. @throws MapFileError ERR_NOT_OWNER if this thread does not read */
  unlockRead(): void {
    const place = this.#myPlace();
    if (place < 0) throw this.#notOwner(this.#readSide.what, 0);
    const hold = Atomics.load(this.#words, holdIndex(place));
    if (depthOf(hold) > 0) Atomics.store(this.#words, holdIndex(place), hold - ONE_DEEPER);
    else this.#leave(place);
  }

  /** Leaves as the writer, without a guard. @throws MapFileError ERR_NOT_OWNER if this thread does not write */
  unlockWrite(): void {
    const self = this.#me();
    if (this.#writeTicket() === 0) throw this.#notOwner(this.#writeSide.what, this.writer);
    Atomics.store(this.#words, TICKET_INDEX, 0);
    // ORDER: seq_cst; publishes what was written to the readers and writers that load this word next.
    const seen = Atomics.compareExchange(this.#words, WRITER_INDEX, self, 0);
    if (seen === self) return;
    Atomics.store(this.#words, WRITER_INDEX, 0);
    this.#participants.ring(this.#reading.key);
  }

  get #liveWriter(): number {
    const { writer } = this;
    return writer !== 0 && this.#participants.isAlive(writer) ? writer : 0;
  }

  get #words(): Int32Array {
    return stillOpen(this.#memory, this.what);
  }

  #me(): number {
    if (this.#self === 0) this.#self = this.#participants.self;
    return this.#self;
  }

  #guard(side: Guarded, ticket: number): Guard | undefined {
    return ticket === 0 ? undefined : new Guard(side, ticket < 0, Math.abs(ticket));
  }

  /** Of the acquisition by which this thread writes; 0 if it does not. */
  #writeTicket(): number {
    if ((Atomics.load(this.#words, WRITER_INDEX) & OWNER_MASK) !== this.#me()) return 0;
    return ticketOf(Atomics.load(this.#words, TICKET_INDEX));
  }

  /** Of the acquisition by which this thread reads; 0 if it does not. */
  #readTicket(): number {
    const place = this.#myPlace();
    return place < 0 ? 0 : ticketOf(Atomics.load(this.#words, holdIndex(place)));
  }

  /**
   * The ticket of the acquisition; negative if a writer died. 0: not yet. One that asked at `since` gives way to a writer
   * that waits for this thread to leave.
   */
  #tryRead(thorough: boolean, since?: number): number {
    const words = this.#words;
    const self = this.#me();
    for (;;) {
      const place = this.#place;
      if (Atomics.load(words, readerIndex(place)) === self) return this.#nested(place, since);
      const seen = Atomics.load(words, WRITER_INDEX);
      const writer = seen & OWNER_MASK;
      if (writer === 0) {
        this.#givingWay.end();
        const taken = this.#takePlace(self) || (thorough && freeTheDead(this.#access, self));
        if (!taken) return 0;
        if (Atomics.load(words, readerIndex(this.#place)) !== self) continue; // a dead reader's place is free now
        // ORDER: after the store that took the place; a writer stores its word first and looks at the places then, so
        // one of the two sees the other.
        const now = Atomics.load(words, WRITER_INDEX);
        if ((now & OWNER_MASK) === 0) {
          const ticket = ticketOf(Atomics.load(words, holdIndex(this.#place)));
          return (now & ABANDONED) !== 0 ? -ticket : ticket;
        }
        this.#leave(this.#place);
        if (!thorough) return 0;
        continue;
      }
      const nested = this.#myPlace();
      if (nested >= 0) return this.#nested(nested, since);
      if (!thorough) return 0;
      if (writer === self || this.#participants.isAlive(writer as ParticipantId)) return 0;
      const left = brokenBy(words) ? ABANDONED : 0;
      if (Atomics.compareExchange(words, WRITER_INDEX, seen, left) === seen && (seen & WAITERS) !== 0) {
        this.#participants.ring(this.#reading.key);
      }
    }
  }

  #nested(place: number, since: number | undefined): number {
    if (since !== undefined && this.#givingWay.to(this.#liveWriter, since)) return 0;
    return this.#deeper(place);
  }

  #deeper(place: number): number {
    const hold = Atomics.load(this.#words, holdIndex(place));
    if (depthOf(hold) === MAX_DEPTH) {
      const message = `Cannot acquire ${this.what}: this thread reads ${MAX_DEPTH + 1} times, release it as often as you lock it`;
      throw new MapFileError('ERR_LIMIT', message, { limit: MAX_DEPTH + 1, value: MAX_DEPTH + 2 });
    }
    Atomics.store(this.#words, holdIndex(place), hold + ONE_DEEPER);
    return ticketOf(hold);
  }

  #takePlace(self: number): boolean {
    for (let i = 0; i < this.#readers; i++) {
      const place = (this.#place + i) % this.#readers;
      if (Atomics.compareExchange(this.#words, readerIndex(place), 0, self) !== 0) continue;
      // Over what the last reader left, and a dead one: the depth is 0.
      Atomics.store(this.#words, holdIndex(place), this.#access.tickets.next());
      this.#place = place;
      return true;
    }
    return false;
  }

  #myPlace(): number {
    const self = this.#me();
    if (Atomics.load(this.#words, readerIndex(this.#place)) === self) return this.#place;
    for (let i = 0; i < this.#readers; i++) if (Atomics.load(this.#words, readerIndex(i)) === self) return i;
    return -1;
  }

  #leave(place: number): void {
    // ORDER: seq_cst, before the load of `drain`: who sleeps until we leave stores that word first and looks at us then.
    Atomics.store(this.#words, readerIndex(place), 0);
    if (Atomics.load(this.#words, DRAIN_INDEX) === 0) return;
    Atomics.store(this.#words, DRAIN_INDEX, 0);
    this.#participants.ring(this.#reading.key);
  }

  #markReading(): boolean {
    if (markWriter(this.#words)) return true;
    Atomics.store(this.#words, DRAIN_INDEX, 1);
    if (this.writer !== 0) return markWriter(this.#words);
    return this.readerCount === this.#readers;
  }

  #notOwner(what: string, owner: number): MapFileError<'ERR_NOT_OWNER'> {
    return new MapFileError(
      'ERR_NOT_OWNER',
      `Cannot release ${what}: this thread (participant ${this.#self}) does not hold it, release it once and on the thread that acquired it`,
      { owner, self: this.#self },
    );
  }
}
