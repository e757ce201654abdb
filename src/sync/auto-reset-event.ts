import { type Memory, memoryRange, offsetKey } from '../base/memory.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import { BYTE_LENGTH, SET, WAITERS } from './event-layout.ts';
import { checkedOptions, participantsOf, type SyncOptions } from './options.ts';
import { type Waitable, wait, waitSync } from './wait.ts';
import { stillOpen, wordsOf } from './words.ts';

/**
 * A signal that lets exactly one waiter through and is then off again, in 4 bytes of shared memory. All zero is not set.
 *
 * Setting it twice before anybody came is setting it once. A waiter that dies while it waits takes no signal with it; one
 * that died after it was let through has used it up.
 *
 * @example
 * ```ts
 * import { AutoResetEvent } from 'mapfile/sync';
 *
 * const event = new AutoResetEvent(new ArrayBuffer(AutoResetEvent.byteLength));
 * event.set();
 * console.log(event.tryWait(), event.tryWait()); // true false
 * ```
 */
export class AutoResetEvent {
  /** Bytes that it takes. */
  static readonly byteLength: number = BYTE_LENGTH;

  /** An event as a field of a struct. */
  static readonly codec: PrimitiveCodec<AutoResetEvent> = primitiveCodec(
    'auto-reset event',
    BYTE_LENGTH,
    (memory, at) => new AutoResetEvent(memory, at),
  );

  readonly what: string;
  readonly #memory: Int32Array;
  readonly #participants: Participants;
  readonly #target: Waitable<0 | 1>;

  /** @throws RangeError if it does not fit there */
  constructor(memory: Memory, byteOffset = 0, options: SyncOptions = {}) {
    const range = memoryRange(memory);
    this.what = checkedOptions(options).what ?? 'an auto-reset event';
    this.#memory = wordsOf(range, byteOffset, BYTE_LENGTH, this.what);
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

  /** Whether it is set now. */
  get isSet(): boolean {
    return (Atomics.load(this.#words, 0) & SET) !== 0;
  }

  /** Lets one waiter through, now or later. */
  set(): void {
    // ORDER: seq_cst, and before the scan of ring(): a waiter announces itself before it sets WAITERS.
    if ((Atomics.exchange(this.#words, 0, SET) & WAITERS) !== 0) this.#participants.ring(this.#target.key);
  }

  /** Takes the signal back if nobody has used it. */
  reset(): void {
    Atomics.and(this.#words, 0, ~SET);
  }

  /** Uses the signal up if there is one. Never waits. */
  tryWait(): boolean {
    return this.#take() === 1;
  }

  /** Blocks the thread until it is let through. @throws MapFileError ERR_TIMEOUT */
  waitSync(options?: WaitOptions): void {
    waitSync(this.#target, options);
  }

  /** Waits without blocking the event loop; an aborted wait uses no signal up. @throws MapFileError ERR_TIMEOUT; AbortError */
  async wait(options?: WaitOptions): Promise<void> {
    await wait(this.#target, options);
  }

  get #words(): Int32Array {
    return stillOpen(this.#memory, this.what);
  }

  #take(): 0 | 1 {
    for (let seen = Atomics.load(this.#words, 0); (seen & SET) !== 0; ) {
      // ORDER: seq_cst; pairs with the store of set().
      const before = Atomics.compareExchange(this.#words, 0, seen, seen & ~SET);
      if (before === seen) return 1;
      seen = before;
    }
    return 0;
  }

  #mark(): boolean {
    for (let seen = Atomics.load(this.#words, 0); (seen & SET) === 0; ) {
      if ((seen & WAITERS) !== 0) return true;
      const before = Atomics.compareExchange(this.#words, 0, seen, seen | WAITERS);
      if (before === seen) return true;
      seen = before;
    }
    return false;
  }
}
