import { MapFileError } from '../base/errors.ts';
import { type Memory, memoryRange, offsetKey } from '../base/memory.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import { agree, checkedInteger } from './agree.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import {
  BYTE_LENGTH,
  deltaOf,
  INITIAL_INDEX,
  MAX_COUNT,
  MAXIMUM_INDEX,
  STATE_INDEX,
  stateOf,
  WAITERS,
} from './counting-semaphore-layout.ts';
import { checkedOptions, participantsOf, type SyncOptions } from './options.ts';
import { type Waitable, wait, waitSync } from './wait.ts';
import { stillOpen, wordsOf } from './words.ts';

export interface CountingSemaphoreOptions extends SyncOptions {
  /** The count of all-zero memory. The same in every process. Default 0. */
  readonly initial?: number;
  /** The highest count. The same in every process. Default 2^30 - 1. */
  readonly maximum?: number;
}

/**
 * A count that anybody raises and that waiters lower: the semaphore of POSIX and Win32, in 16 bytes of shared memory.
 *
 * Permits belong to nobody: `release` may be called by a thread that never acquired, and what a dead thread had acquired
 * stays acquired. Where permits must come back, use Semaphore. Raising and lowering are one store each, so a thread that
 * dies in the middle has either done it or not; one that dies while it waits has lowered nothing.
 *
 * @example
 * ```ts
 * import { CountingSemaphore } from 'mapfile/sync';
 *
 * const jobs = new CountingSemaphore(new ArrayBuffer(CountingSemaphore.byteLength));
 * jobs.release(2);
 * jobs.acquireSync();
 * console.log(jobs.count); // 1
 * ```
 */
export class CountingSemaphore {
  /** Bytes that it takes. */
  static readonly byteLength: number = BYTE_LENGTH;

  /** A counting semaphore as a field of a struct. */
  static codec(options: CountingSemaphoreOptions = {}): PrimitiveCodec<CountingSemaphore> {
    const { initial = 0, maximum = MAX_COUNT } = checkedOptions(options);
    checkedInteger(initial, 0, checkedInteger(maximum, 1, MAX_COUNT, 'maximum'), 'initial');
    const name = `counting semaphore ${initial}/${maximum}`;
    return primitiveCodec(name, BYTE_LENGTH, (memory, at) => new CountingSemaphore(memory, at, options));
  }

  readonly what: string;
  readonly initial: number;
  readonly maximum: number;
  readonly #memory: Int32Array;
  readonly #participants: Participants;
  readonly #target: Waitable<0 | 1>;

  /** @throws RangeError if it does not fit there; MapFileError ERR_LAYOUT_MISMATCH for other limits */
  constructor(memory: Memory, byteOffset = 0, options: CountingSemaphoreOptions = {}) {
    const range = memoryRange(memory);
    const { what = 'a counting semaphore', initial = 0, maximum = MAX_COUNT } = checkedOptions(options);
    this.what = what;
    this.maximum = checkedInteger(maximum, 1, MAX_COUNT, 'maximum');
    this.initial = checkedInteger(initial, 0, this.maximum, 'initial');
    this.#memory = wordsOf(range, byteOffset, BYTE_LENGTH, this.what);
    agree(this.#words, INITIAL_INDEX, this.initial, this.what, 'initial');
    agree(this.#words, MAXIMUM_INDEX, this.maximum, this.what, 'maximum');
    this.#participants = participantsOf(range, options);
    this.#target = {
      what: this.what,
      participants: this.#participants,
      key: offsetKey(range.originKey, byteOffset),
      inTurn: true,
      attempt: () => this.#take(),
      attemptThorough: () => this.#take(),
      mark: () => this.#mark(),
    };
  }

  /** The one that stands there already, with the limits it was made with. @internal */
  static existing(memory: Memory, byteOffset: number, options: SyncOptions): CountingSemaphore {
    const words = wordsOf(memoryRange(memory), byteOffset, BYTE_LENGTH, 'a counting semaphore');
    const initial = Atomics.load(words, INITIAL_INDEX) - 1;
    const maximum = Atomics.load(words, MAXIMUM_INDEX) - 1;
    return new CountingSemaphore(memory, byteOffset, { ...options, initial, maximum });
  }

  /** The count now. */
  get count(): number {
    return this.initial + deltaOf(Atomics.load(this.#words, STATE_INDEX));
  }

  /** Lowers the count if it is above 0. Never waits. */
  tryAcquire(): boolean {
    return this.#take() === 1;
  }

  /** Blocks the thread until it has lowered the count. @throws MapFileError ERR_TIMEOUT */
  acquireSync(options?: WaitOptions): void {
    waitSync(this.#target, options);
  }

  /** Waits without blocking the event loop. @throws MapFileError ERR_TIMEOUT; AbortError */
  async acquire(options?: WaitOptions): Promise<void> {
    await wait(this.#target, options);
  }

  /**
   * Raises the count.
   * @returns the count before
   * @throws MapFileError ERR_LIMIT if the count would exceed the maximum; nothing has changed then
   */
  release(count = 1): number {
    checkedInteger(count, 1, MAX_COUNT, 'count');
    for (let seen = Atomics.load(this.#words, STATE_INDEX); ; ) {
      const delta = deltaOf(seen);
      if (this.initial + delta + count > this.maximum) {
        throw new MapFileError(
          'ERR_LIMIT',
          `Cannot release ${count} of ${this.what}: its count is ${this.initial + delta}, its maximum ${this.maximum}`,
          { limit: this.maximum, value: this.initial + delta + count },
        );
      }
      // ORDER: seq_cst, and before the scan of ring(): a waiter announces itself before it sets WAITERS.
      const before = Atomics.compareExchange(this.#words, STATE_INDEX, seen, stateOf(delta + count));
      if (before === seen) {
        if ((seen & WAITERS) !== 0) this.#participants.ring(this.#target.key);
        return this.initial + delta;
      }
      seen = before;
    }
  }

  get #words(): Int32Array {
    return stillOpen(this.#memory, this.what);
  }

  #take(): 0 | 1 {
    for (let seen = Atomics.load(this.#words, STATE_INDEX); ; ) {
      const delta = deltaOf(seen);
      if (this.initial + delta <= 0) return 0;
      // ORDER: seq_cst; pairs with the store of release().
      const before = Atomics.compareExchange(this.#words, STATE_INDEX, seen, stateOf(delta - 1) | (seen & WAITERS));
      if (before === seen) return 1;
      seen = before;
    }
  }

  #mark(): boolean {
    for (let seen = Atomics.load(this.#words, STATE_INDEX); this.initial + deltaOf(seen) <= 0; ) {
      if ((seen & WAITERS) !== 0) return true;
      const before = Atomics.compareExchange(this.#words, STATE_INDEX, seen, seen | WAITERS);
      if (before === seen) return true;
      seen = before;
    }
    return false;
  }
}
