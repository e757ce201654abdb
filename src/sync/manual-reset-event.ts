import { type Memory, memoryRange, offsetKey } from '../base/memory.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import { BYTE_LENGTH, ONE_TURN, SET, TURNS_MASK, WAITERS } from './event-layout.ts';
import { checkedOptions, participantsOf, type SyncOptions } from './options.ts';
import { type Waitable, wait, waitSync } from './wait.ts';
import { stillOpen, wordsOf } from './words.ts';

/**
 * A gate: open it with `set()` and everybody passes until `reset()`, in 4 bytes of shared memory. All zero is closed.
 *
 * Whoever waited before a `set()` passes, even if `reset()` follows at once.
 *
 * @example
 * ```ts
 * import { ManualResetEvent } from 'mapfile/sync';
 *
 * const ready = new ManualResetEvent(new ArrayBuffer(ManualResetEvent.byteLength));
 * ready.set();
 * ready.waitSync();
 * console.log(ready.isSet); // true
 * ```
 */
export class ManualResetEvent {
  /** Bytes that it takes. */
  static readonly byteLength: number = BYTE_LENGTH;

  /** An event as a field of a struct. */
  static readonly codec: PrimitiveCodec<ManualResetEvent> = primitiveCodec(
    'manual-reset event',
    BYTE_LENGTH,
    (memory, at) => new ManualResetEvent(memory, at),
  );

  readonly what: string;
  readonly #memory: Int32Array;
  readonly #participants: Participants;
  readonly #key: number;

  /** @throws RangeError if it does not fit there */
  constructor(memory: Memory, byteOffset = 0, options: SyncOptions = {}) {
    const range = memoryRange(memory);
    this.what = checkedOptions(options).what ?? 'a manual-reset event';
    this.#memory = wordsOf(range, byteOffset, BYTE_LENGTH, this.what);
    this.#participants = participantsOf(range, options);
    this.#key = offsetKey(range.originKey, byteOffset);
  }

  /** Whether the gate is open now. */
  get isSet(): boolean {
    return (Atomics.load(this.#words, 0) & SET) !== 0;
  }

  /** Opens the gate. */
  set(): void {
    for (let seen = Atomics.load(this.#words, 0); (seen & SET) === 0; ) {
      const opened = ((seen + ONE_TURN) & TURNS_MASK) | SET;
      // ORDER: seq_cst, and before the scan of ring(): a waiter announces itself before it sets WAITERS.
      const before = Atomics.compareExchange(this.#words, 0, seen, opened);
      if (before === seen) {
        if ((seen & WAITERS) !== 0) this.#participants.ring(this.#key);
        return;
      }
      seen = before;
    }
  }

  /** Closes the gate. */
  reset(): void {
    Atomics.and(this.#words, 0, ~SET);
  }

  /** Whether the gate is open; the same as `isSet`, in the grammar of the waits. */
  tryWait(): boolean {
    return this.isSet;
  }

  /** Blocks the thread until the gate is opened. @throws MapFileError ERR_TIMEOUT */
  waitSync(options?: WaitOptions): void {
    if (!this.isSet) waitSync(this.#target(), options);
  }

  /** Waits without blocking the event loop. @throws MapFileError ERR_TIMEOUT; AbortError */
  async wait(options?: WaitOptions): Promise<void> {
    await wait(this.#target(), options);
  }

  get #words(): Int32Array {
    return stillOpen(this.#memory, this.what);
  }

  /** One wait: it is over when the gate is open or has been opened since now. */
  #target(): Waitable<0 | 1> {
    const start = Atomics.load(this.#words, 0) & TURNS_MASK;
    const passes = (seen: number) => (seen & SET) !== 0 || (seen & TURNS_MASK) !== start;
    const attempt = () => (passes(Atomics.load(this.#words, 0)) ? 1 : 0);
    const mark = () => {
      const words = this.#words;
      for (let seen = Atomics.load(words, 0); !passes(seen); ) {
        if ((seen & WAITERS) !== 0) return true;
        const before = Atomics.compareExchange(words, 0, seen, seen | WAITERS);
        if (before === seen) return true;
        seen = before;
      }
      return false;
    };
    const participants = this.#participants;
    return { what: this.what, participants, key: this.#key, attempt, attemptThorough: attempt, mark };
  }
}
