import { MapFileError } from '../base/errors.ts';
import { type Memory, memoryRange } from '../base/memory.ts';
import type { ParticipantId, Participants, WaitOptions } from '../base/participants.ts';
import { disagreement } from './agree.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import { Guard, laterAcquisition } from './guard.ts';
import { checkedSameThread, type LockState, LockWord, type SameThread } from './lock-word.ts';
import {
  BYTE_LENGTH,
  depthOf,
  LOCK_OFFSET,
  MAX_DEPTH,
  ONE_DEEPER,
  PLAIN,
  RECURSIVE,
  STATE_INDEX,
  ticketOf,
} from './mutex-layout.ts';
import { checkedOptions, participantsOf, type SyncOptions } from './options.ts';
import { type Tickets, ticketsOf } from './tickets.ts';
import { type Waitable, wait } from './wait.ts';
import { wordsClosed, wordsOf } from './words.ts';

export interface MutexOptions extends SyncOptions {
  /**
   * Whether the thread that holds it may lock it again, up to 1,023 times; it then unlocks as often. The same in every process.
   * Default false.
   */
  readonly recursive?: boolean;
}

const AS_FOUND: unique symbol = Symbol('as found');

/**
 * Mutual exclusion between the threads of any number of processes, in 8 bytes of memory that they share.
 *
 * All zero is free, so a mutex needs no initialisation and may stand anywhere at a multiple of 4. If its owner dies, however
 * it dies, the next one to lock it takes it over within 100 ms and is told by `guard.ownerDied`.
 *
 * The owner is a THREAD. Locking a mutex that this thread holds is an error at once, also for the Promise form, unless the
 * mutex is `recursive`; tasks of one thread that take turns pass `{ sameThread: 'wait' }`. Only the call counts: a Promise that
 * waits goes on waiting if another task of its thread comes to hold the mutex. The promises of one thread are served in the
 * order of their calls. Between threads it is not fair: one that runs may overtake one that sleeps, but nobody sleeps for
 * longer than 50 ms without looking.
 *
 * @example
 * ```ts
 * import { Mutex } from 'mapfile/sync';
 *
 * const memory = new ArrayBuffer(Mutex.byteLength); // or a MappedView
 * const mutex = new Mutex(memory, 0);
 * const guard = mutex.lockSync();
 * try {
 *   if (guard.ownerDied) console.log('check what the mutex protects');
 * } finally {
 *   guard.unlock();
 * }
 * ```
 */
export class Mutex {
  /** Bytes that a mutex takes. */
  static readonly byteLength: number = BYTE_LENGTH;

  /** A mutex as a field of a struct. */
  static readonly codec: PrimitiveCodec<Mutex> = primitiveCodec('mutex', BYTE_LENGTH, (m, at) => new Mutex(m, at));

  /** A mutex as a field of a struct, with options. */
  static codecWith(options: MutexOptions): PrimitiveCodec<Mutex> {
    const name = options.recursive ? 'recursive mutex' : 'mutex';
    return primitiveCodec(name, BYTE_LENGTH, (memory, at) => new Mutex(memory, at, options));
  }

  /** The one that stands there, or will, of whichever kind: for those who neither lock nor unlock it. @internal */
  static asFound(memory: Memory, byteOffset: number, options: SyncOptions): Mutex {
    return new Mutex(memory, byteOffset, { ...options, [AS_FOUND]: true } as MutexOptions);
  }

  /** How it is called in messages. */
  readonly what: string;
  /** @internal */
  readonly participants: Participants;
  readonly #lock: LockWord;
  readonly #words: Int32Array;
  readonly #view: DataView;
  readonly #stateAt: number;
  readonly #recursive: boolean;
  readonly #kind: number;
  readonly #tickets: Tickets;

  /**
   * The mutex at `byteOffset` of `memory`.
   * @throws RangeError if it does not fit there or the address is no multiple of 4
   * @throws TypeError ERR_READ_ONLY if the memory is read-only
   * @throws MapFileError ERR_LAYOUT_MISMATCH if it is recursive and is not said to be, or the other way round
   */
  constructor(memory: Memory, byteOffset = 0, options: MutexOptions = {}) {
    const range = memoryRange(memory);
    this.what = checkedOptions(options).what ?? 'a mutex';
    this.#words = wordsOf(range, byteOffset, BYTE_LENGTH, this.what);
    this.#view = range.dataView;
    this.#stateAt = byteOffset + STATE_INDEX * 4;
    this.participants = participantsOf(range, options);
    this.#lock = new LockWord(range, byteOffset + LOCK_OFFSET, this.participants, this.what);
    this.#tickets = ticketsOf(this.participants);
    this.#recursive = options.recursive ?? false;
    this.#kind = this.#recursive ? RECURSIVE : PLAIN;
    if (!(AS_FOUND in options)) this.#agree();
  }

  /** The participant that holds it now; 0 if nobody does. */
  get owner(): ParticipantId | 0 {
    return this.#lock.owner;
  }

  /** Whether this thread holds it. */
  get isMine(): boolean {
    return this.#lock.isMine;
  }

  /**
   * A guard, or undefined if somebody alive holds the mutex. Never waits.
   * @throws MapFileError ERR_ALREADY_OWNER if this thread holds it and it is not recursive
   */
  tryLock(): Guard | undefined {
    if (this.#recursive && this.#lock.isMine) return this.#deeper();
    const state = this.#lock.tryAcquire();
    return state === 0 ? undefined : this.#guard(this.#begin(state));
  }

  /**
   * Blocks the thread until it holds the mutex.
   * @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT
   */
  lockSync(options?: WaitOptions): Guard {
    if (this.#recursive && this.#lock.isMine) return this.#deeper();
    return this.#guard(this.#begin(this.#lock.acquireSync(options)));
  }

  /**
   * Waits without blocking the event loop. A free mutex for which no Promise of this thread waits is held when this returns its Promise.
   * @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT; AbortError
   */
  lock(options?: WaitOptions & SameThread): Promise<Guard> {
    return this.lockNoting(options, () => {});
  }

  /** Calls `note` with the guard at the moment of the acquisition: the Promise settles later. @internal */
  async lockNoting(options: (WaitOptions & SameThread) | undefined, note: (guard: Guard) => void): Promise<Guard> {
    const patient = checkedSameThread(options);
    let guard: Guard | undefined;
    if (!patient && this.#recursive && this.#lock.isMine) {
      guard = this.#deeper();
      note(guard);
      return guard;
    }
    const taken = (state: LockState) => {
      guard = this.#guard(this.#begin(state));
      note(guard);
      return state;
    };
    await wait(this.#beginning(patient ? this.#lock.patient : this.#lock.waitable, taken), options);
    return guard!;
  }

  /**
   * Releases it without a guard.
   * @throws MapFileError ERR_NOT_OWNER if this thread does not hold it
   */
  unlock(): void {
    if (this.#recursive && this.#lock.isMine) {
      const state = this.#state();
      if (depthOf(state) > 0) {
        this.#setState(state - ONE_DEEPER);
        return;
      }
    }
    this.#lock.release();
  }

  /** @internal */
  holds(ticket: number): boolean {
    return this.#lock.isMine && ticketOf(this.#state()) === ticket;
  }

  /** @internal */
  releaseHeld(ticket: number): void {
    if (ticketOf(this.#state()) !== ticket && this.#lock.isMine) throw this.#later();
    if (this.#recursive) this.unlock();
    else this.#lock.release();
  }

  /** Releases it however deep; answers what {@link relocked} restores. @internal */
  unlockFully(): number {
    const state = this.#state();
    this.#lock.release();
    return state;
  }

  /** Acquires it anew as the acquisition that it was; whether the owner meanwhile died. @internal */
  relockSync(before: number): boolean {
    return this.#relocked(this.#lock.acquireSync(), before) === 2;
  }

  /** @internal */
  async relock(before: number, ref: boolean | undefined): Promise<boolean> {
    const target = this.#beginning(this.#lock.patient, (state) => this.#relocked(state, before));
    return (await wait(target, { ref: ref ?? true })) === 2;
  }

  /** `taken` runs with the acquisition, before any other task of this thread can find us holding the mutex. */
  #beginning(target: Waitable<LockState>, taken: (state: LockState) => number): Waitable<number> {
    const begun = (state: LockState) => (state === 0 ? 0 : taken(state));
    return {
      ...target,
      attempt: () => begun(target.attempt()),
      attemptThorough: () => begun(target.attemptThorough()),
    };
  }

  /** Plain: only the owner's are ever looked at, by itself. A DataView's, so that tests can let one die at each of them. */
  #state(): number {
    if (this.#words.length === 0) throw wordsClosed(this.what);
    return this.#view.getInt32(this.#stateAt, true);
  }

  #setState(state: number): void {
    this.#view.setInt32(this.#stateAt, state, true);
  }

  #relocked(state: LockState, before: number): LockState {
    this.#setState(before);
    return state;
  }

  /** The ticket; negative if the previous owner died. */
  #begin(state: LockState): number {
    const ticket = this.#tickets.next();
    // Before anybody is told: if we die here, we are the dead owner of the next one, which does the same. The depth is 0.
    this.#setState(this.#kind | ticket);
    return state === 2 ? -ticket : ticket;
  }

  #guard(ticket: number): Guard {
    return ticket < 0 ? new Guard(this, true, -ticket) : new Guard(this, false, ticket);
  }

  #later(): MapFileError<'ERR_NOT_OWNER'> {
    return laterAcquisition(this.what, this.participants.self);
  }

  #deeper(): Guard {
    const state = this.#state();
    if (depthOf(state) === MAX_DEPTH) {
      const message = `Cannot acquire ${this.what}: this thread holds it ${MAX_DEPTH + 1} times, release it as often as you lock it`;
      throw new MapFileError('ERR_LIMIT', message, { limit: MAX_DEPTH + 1, value: MAX_DEPTH + 2 });
    }
    this.#setState(state + ONE_DEEPER);
    return new Guard(this, false, ticketOf(state));
  }

  #agree(): void {
    const seen = Atomics.compareExchange(this.#words, STATE_INDEX, 0, this.#kind);
    if (seen === 0 || (seen & this.#kind) !== 0) return;
    throw disagreement(this.what, 'recursive', !this.#recursive, this.#recursive);
  }
}
