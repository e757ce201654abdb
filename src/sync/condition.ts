import { beforeDetach } from '../base/before-detach.ts';
import { abortError, MapFileError, timeoutError } from '../base/errors.ts';
import { type Memory, memoryRange, offsetKey } from '../base/memory.ts';
import type { ParticipantId, Participants, WaitOptions } from '../base/participants.ts';
import { show } from '../base/show.ts';
import { agree, checkedInteger } from './agree.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import {
  byteLength,
  DEFAULT_PLACES,
  NOTIFIED,
  OWNER_MASK,
  PLACES_INDEX,
  placeIndex,
  TURN_INDEX,
} from './condition-layout.ts';
import type { Guard } from './guard.ts';
import { Mutex } from './mutex.ts';
import { checkedOptions, participantsOf, type SyncOptions } from './options.ts';
import { checkedTimeout, type Waitable, wait, waitSync } from './wait.ts';
import { stillOpen, wordsOf } from './words.ts';

export interface ConditionOptions extends SyncOptions {
  /** Waits that can be pending at once, in all processes. The same in every process. Default 14. */
  readonly places?: number;
}

/**
 * Waits, outside of a mutex, until another thread says that what the mutex protects has changed; in shared memory.
 *
 * `notifyOne` wakes exactly one waiter that is alive, in turn. If that one dies before it has the mutex back, another gets
 * its notification. Nothing is remembered for those who come later, and a waiter may be woken without need after a death:
 * wait in a loop, or by `waitFor`.
 *
 * @example
 * ```ts
 * import { Condition, Mutex } from 'mapfile/sync';
 *
 * const memory = new ArrayBuffer(128);
 * const mutex = new Mutex(memory, 0);
 * const filled = new Condition(memory, 64, mutex);
 *
 * async function take(items: Int32Array) {
 *   const guard = await mutex.lock();
 *   try {
 *     await filled.waitFor(guard, () => items[0] !== 0);
 *     return items[0];
 *   } finally {
 *     guard.unlock();
 *   }
 * }
 * console.log(await take(Int32Array.of(7)));
 * ```
 */
export class Condition {
  /** Bytes that a condition with the default 14 places takes. */
  static readonly byteLength: number = byteLength(DEFAULT_PLACES);

  /** Bytes that a condition with so many places takes. */
  static byteLengthFor(places: number): number {
    return byteLength(checkedInteger(places, 1, 1_000_000, 'places'));
  }

  /** A condition as a field of a struct; `mutexOffset` says how many bytes from it its mutex stands (often negative). */
  static codec(mutexOffset: number, options: ConditionOptions = {}): PrimitiveCodec<Condition> {
    checkedInteger(mutexOffset, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'mutexOffset');
    const { places = DEFAULT_PLACES } = checkedOptions(options);
    const bytes = Condition.byteLengthFor(places);
    return primitiveCodec(
      `condition of ${places}`,
      bytes,
      (memory, at) => new Condition(memory, at, Mutex.asFound(memory, at + mutexOffset, options), options),
    );
  }

  readonly what: string;
  readonly #memory: Int32Array;
  readonly #participants: Participants;
  readonly #mutex: Mutex;
  readonly #places: number;
  readonly #key: number;

  /**
   * The condition at `byteOffset` of `memory`, for what `mutex` protects.
   * @throws RangeError if it does not fit there; MapFileError ERR_LAYOUT_MISMATCH for another number of places
   */
  constructor(memory: Memory, byteOffset: number, mutex: Mutex, options: ConditionOptions = {}) {
    const range = memoryRange(memory);
    const { what = 'a condition', places = DEFAULT_PLACES } = checkedOptions(options);
    this.what = what;
    if (typeof mutex?.unlockFully !== 'function') {
      throw new TypeError(`Cannot use ${String(mutex)} as the mutex of ${this.what}: pass a Mutex`);
    }
    this.#places = places;
    this.#memory = wordsOf(range, byteOffset, Condition.byteLengthFor(this.#places), this.what);
    agree(this.#words, PLACES_INDEX, this.#places, this.what, 'places');
    this.#participants = participantsOf(range, options);
    this.#mutex = mutex;
    this.#key = offsetKey(range.originKey, byteOffset);
  }

  /**
   * Releases the mutex, blocks the thread until notified, and acquires the mutex again; `guard.ownerDied` is that of the
   * new acquisition. The mutex is held again also when this throws.
   * @throws MapFileError ERR_NOT_OWNER, ERR_TIMEOUT, ERR_TABLE_FULL
   */
  waitSync(guard: Guard, options?: WaitOptions): void {
    checkedTimeout(options);
    const place = this.#begin(guard);
    const before = this.#release(guard);
    let failure: unknown;
    try {
      waitSync(this.#target(place), options);
    } catch (error) {
      failure = this.#gaveUp(place, error);
    }
    guard.reacquired(this.#mutex.relockSync(before));
    this.#end(place, failure);
  }

  /**
   * The same without blocking the event loop. The Promise settles only when the mutex is held again, which neither the
   * time-out nor the signal cuts short.
   * @throws MapFileError ERR_NOT_OWNER, ERR_TIMEOUT, ERR_TABLE_FULL; AbortError
   */
  async wait(guard: Guard, options?: WaitOptions): Promise<void> {
    checkedTimeout(options);
    const place = this.#begin(guard);
    const before = this.#release(guard);
    // Whoever notifies must not find a living waiter that cannot hear it any more.
    const leave = beforeDetach(this.#memory.buffer, () => this.#gaveUp(place, undefined));
    let failure: unknown;
    try {
      await wait(this.#target(place), options);
    } catch (error) {
      failure = this.#gaveUp(place, error);
    }
    try {
      guard.reacquired(await this.#mutex.relock(before, options?.ref));
    } catch (error) {
      guard.close();
      throw error;
    } finally {
      leave();
    }
    this.#end(place, failure);
  }

  /** Waits until `predicate()`, asked with the mutex held, is true. @throws as {@link wait} */
  async waitFor(guard: Guard, predicate: () => boolean, options?: WaitOptions): Promise<void> {
    const left = this.#timeLeft(predicate, options);
    while (!predicate()) {
      try {
        await this.wait(guard, { ...options, timeoutMs: left() });
      } catch (error) {
        throw this.#inAll(error, options);
      }
    }
  }

  /** Blocks the thread until `predicate()`, asked with the mutex held, is true. @throws as {@link waitSync} */
  waitForSync(guard: Guard, predicate: () => boolean, options?: WaitOptions): void {
    const left = this.#timeLeft(predicate, options);
    while (!predicate()) {
      try {
        this.waitSync(guard, { ...options, timeoutMs: left() });
      } catch (error) {
        throw this.#inAll(error, options);
      }
    }
  }

  /** Wakes one waiter; whether there was one. The mutex need not be held, but notifying under it loses no change. */
  notifyOne(): boolean {
    const start = Atomics.load(this.#words, TURN_INDEX) >>> 0;
    for (let i = 0; i < this.#places; i++) {
      const place = (start + i) % this.#places;
      const seen = this.#waiting(place);
      if (seen === 0 || !this.#notify(place, seen)) continue;
      Atomics.store(this.#words, TURN_INDEX, (place + 1) % this.#places);
      return true;
    }
    return false;
  }

  /** Wakes everybody who waits now; how many. */
  notifyAll(): number {
    let count = 0;
    for (let place = 0; place < this.#places; place++) {
      const seen = this.#waiting(place);
      if (seen !== 0 && this.#notify(place, seen)) count += 1;
    }
    return count;
  }

  get #words(): Int32Array {
    return stillOpen(this.#memory, this.what);
  }

  /** Who waits in that place alive and not notified, or 0. The dead are cleared. */
  #waiting(place: number): number {
    const index = placeIndex(place);
    const seen = Atomics.load(this.#words, index);
    if (seen === 0) return 0;
    if (!this.#participants.isAlive((seen & OWNER_MASK) as ParticipantId)) {
      // A notification that the dead one had goes to another: a sleeper takes it over when its slice ends (#passedOn).
      if ((seen & NOTIFIED) === 0) Atomics.compareExchange(this.#words, index, seen, 0);
      return 0;
    }
    return (seen & NOTIFIED) === 0 ? seen : 0;
  }

  #notify(place: number, seen: number): boolean {
    const index = placeIndex(place);
    // ORDER: seq_cst, and before the scan of ring(): the waiter announces itself before it looks at this word.
    if (Atomics.compareExchange(this.#words, index, seen, seen | NOTIFIED) !== seen) return false;
    this.#participants.ring(this.#keyOf(place));
    return true;
  }

  /** Checks what {@link waitFor} got, as a wait would, also if the predicate is true already. */
  #timeLeft(predicate: () => boolean, options: WaitOptions | undefined): () => number {
    const timeoutMs = checkedTimeout(options);
    if (typeof predicate !== 'function') {
      throw new TypeError(
        `Cannot wait for ${this.what} until ${show(predicate)}: pass a function that answers whether to go on`,
      );
    }
    if (options?.signal?.aborted) throw abortError(options.signal);
    const deadline = performance.now() + timeoutMs;
    return () => Math.max(0, deadline - performance.now());
  }

  /** The time-out of the last of several waits, as that of all. */
  #inAll(error: unknown, options: WaitOptions | undefined): unknown {
    const { timeoutMs } = options ?? {};
    const isTimeout = timeoutMs !== undefined && (error as Partial<MapFileError> | undefined)?.code === 'ERR_TIMEOUT';
    return isTimeout ? timeoutError(this.what, timeoutMs) : error;
  }

  #release(guard: Guard): number {
    guard.lend();
    return this.#mutex.unlockFully();
  }

  #begin(guard: Guard): number {
    if (typeof guard?.guards !== 'function') {
      throw new TypeError(`Cannot wait for ${this.what} with ${String(guard)}: pass the guard of its mutex`);
    }
    if (!guard.guards(this.#mutex)) {
      const [owner, self] = [this.#mutex.owner, this.#participants.self];
      const message = `Cannot wait for ${this.what}: the guard does not hold ${this.#mutex.what}, lock it first`;
      throw new MapFileError('ERR_NOT_OWNER', message, { owner, self });
    }
    const self = this.#participants.self;
    for (const thorough of [false, true]) {
      for (let place = 0; place < this.#places; place++) {
        const index = placeIndex(place);
        const seen = Atomics.load(this.#words, index);
        if (seen !== 0) {
          if (!thorough || this.#participants.isAlive((seen & OWNER_MASK) as ParticipantId)) continue;
          if ((seen & NOTIFIED) !== 0) this.notifyOne(); // before the place is ours: a death between notifies twice, not never
        }
        if (Atomics.compareExchange(this.#words, index, seen, self) === seen) return place;
      }
    }
    throw new MapFileError(
      'ERR_TABLE_FULL',
      `Cannot wait for ${this.what}: all ${this.#places} places are taken, make it with more { places }`,
      { table: 'places', capacity: this.#places },
    );
  }

  #target(place: number): Waitable<0 | 1> {
    const index = placeIndex(place);
    const notified = () => (Atomics.load(this.#words, index) & NOTIFIED) !== 0;
    return {
      what: this.what,
      participants: this.#participants,
      key: this.#keyOf(place),
      attempt: () => (notified() ? 1 : 0),
      attemptThorough: () => (notified() || this.#passedOn(place) ? 1 : 0),
      mark: () => !notified(),
    };
  }

  /** Takes over the notification of a waiter that died before it could act on it. */
  #passedOn(mine: number): boolean {
    const words = this.#words;
    for (let place = 0; place < this.#places; place++) {
      const seen = Atomics.load(words, placeIndex(place));
      if (place === mine || (seen & NOTIFIED) === 0) continue;
      if (this.#participants.isAlive((seen & OWNER_MASK) as ParticipantId)) continue;
      // Ours first: if we die between the two stores, two notifications are passed on instead of none.
      Atomics.or(words, placeIndex(mine), NOTIFIED);
      Atomics.compareExchange(words, placeIndex(place), seen, 0);
      return true;
    }
    return false;
  }

  /** The wait failed: leave the place. A notification that came meanwhile counts against a time-out, not an abort. */
  #gaveUp(place: number, error: unknown): unknown {
    if (this.#memory.length === 0) return error;
    const index = placeIndex(place);
    const self = this.#participants.self;
    if (Atomics.compareExchange(this.#words, index, self, 0) === self) return error;
    if ((error as Partial<MapFileError> | undefined)?.code === 'ERR_TIMEOUT') return undefined;
    Atomics.store(this.#words, index, 0);
    this.notifyOne();
    return error;
  }

  #end(place: number, failure: unknown): void {
    if (failure !== undefined) throw failure;
    Atomics.store(this.#words, placeIndex(place), 0);
  }

  #keyOf(place: number): number {
    return offsetKey(this.#key, placeIndex(place) * 4);
  }
}
