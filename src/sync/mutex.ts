import { type Memory, memoryRange } from '../base/memory.ts';
import type { ParticipantId, Participants, WaitOptions } from '../base/participants.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import { Guard } from './guard.ts';
import { type LockState, LockWord, type SameThread } from './lock-word.ts';
import { BYTE_LENGTH, DEPTH_INDEX, LOCK_OFFSET } from './mutex-layout.ts';
import { participantsOf, type SyncOptions } from './options.ts';
import { wordsOf } from './words.ts';

export interface MutexOptions extends SyncOptions {
  /** Whether the thread that holds it may lock it again; it then unlocks as often. Default false. */
  readonly recursive?: boolean;
}

/**
 * Mutual exclusion between the threads of any number of processes, in 8 bytes of memory that they share.
 *
 * All zero is free, so a mutex needs no initialisation and may stand anywhere at a multiple of 4. If its owner dies, however
 * it dies, the next one to lock it takes it over within 100 ms and is told by `guard.ownerDied`.
 *
 * The owner is a THREAD. Locking a mutex that this thread holds is an error at once, also for the Promise form, unless the
 * mutex is `recursive`; tasks of one thread that take turns pass `{ sameThread: 'wait' }`. Not fair: a thread that runs may
 * overtake one that sleeps, but nobody sleeps for longer than 50 ms without looking.
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
    return primitiveCodec('mutex', BYTE_LENGTH, (memory, at) => new Mutex(memory, at, options));
  }

  /** How it is called in messages. */
  readonly what: string;
  readonly #lock: LockWord;
  readonly #words: Int32Array;
  readonly #recursive: boolean;

  /**
   * The mutex at `byteOffset` of `memory`.
   * @throws RangeError if it does not fit there or the address is no multiple of 4
   * @throws TypeError ERR_READ_ONLY if the memory is read-only
   */
  constructor(memory: Memory, byteOffset = 0, options: MutexOptions = {}) {
    const range = memoryRange(memory);
    this.what = options.what ?? 'a mutex';
    this.#words = wordsOf(range, byteOffset, BYTE_LENGTH, this.what);
    const participants: Participants = participantsOf(range, options);
    this.#lock = new LockWord(range, byteOffset + LOCK_OFFSET, participants, this.what);
    this.#recursive = options.recursive ?? false;
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
    if (this.#deeper()) return new Guard(this, false);
    const state = this.#lock.tryAcquire();
    return state === 0 ? undefined : this.#acquired(state);
  }

  /**
   * Blocks the thread until it holds the mutex.
   * @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT
   */
  lockSync(options?: WaitOptions): Guard {
    if (this.#deeper()) return new Guard(this, false);
    return this.#acquired(this.#lock.acquireSync(options));
  }

  /**
   * Waits without blocking the event loop. A free mutex is held when this returns its Promise.
   * @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT; AbortError
   */
  async lock(options?: WaitOptions & SameThread): Promise<Guard> {
    if (this.#deeper()) return new Guard(this, false);
    return this.#acquired(await this.#lock.acquire(options));
  }

  /**
   * Releases it without a guard.
   * @throws MapFileError ERR_NOT_OWNER if this thread does not hold it
   */
  unlock(): void {
    if (this.#recursive && this.#lock.isMine) {
      const depth = Atomics.load(this.#words, DEPTH_INDEX);
      if (depth > 0) {
        Atomics.store(this.#words, DEPTH_INDEX, depth - 1);
        return;
      }
    }
    this.#lock.release();
  }

  /** Releases it however deep; answers the depth for {@link relocked}. @internal */
  unlockFully(): number {
    const depth = this.#recursive ? Atomics.load(this.#words, DEPTH_INDEX) : 0;
    if (depth > 0 && this.#lock.isMine) Atomics.store(this.#words, DEPTH_INDEX, 0);
    this.#lock.release();
    return depth;
  }

  /** @internal */
  relockSync(depth: number): boolean {
    return this.#relocked(depth, this.#lock.acquireSync());
  }

  /** @internal */
  async relock(depth: number, ref: boolean | undefined): Promise<boolean> {
    return this.#relocked(depth, await this.#lock.acquire({ sameThread: 'wait', ref: ref ?? true }));
  }

  #relocked(depth: number, state: LockState): boolean {
    if (depth > 0 || state === 2) Atomics.store(this.#words, DEPTH_INDEX, depth);
    return state === 2;
  }

  #deeper(): boolean {
    if (!this.#recursive || !this.#lock.isMine) return false;
    Atomics.store(this.#words, DEPTH_INDEX, Atomics.load(this.#words, DEPTH_INDEX) + 1);
    return true;
  }

  #acquired(state: LockState): Guard {
    // Before anybody is told: if we die here, we are the dead owner of the next one, which does the same.
    if (state === 2) Atomics.store(this.#words, DEPTH_INDEX, 0);
    return new Guard(this, state === 2);
  }
}
