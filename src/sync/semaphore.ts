import { MapFileError } from '../base/errors.ts';
import { type Memory, memoryRange, offsetKey } from '../base/memory.ts';
import type { ParticipantId, Participants, WaitOptions } from '../base/participants.ts';
import { agree, checkedInteger } from './agree.ts';
import { type PrimitiveCodec, primitiveCodec } from './codecs.ts';
import { Guard, laterAcquisition } from './guard.ts';
import { checkedSameThread, type SameThread } from './lock-word.ts';
import { checkedOptions, participantsOf, type SyncOptions } from './options.ts';
import { byteLength, PERMITS_INDEX, permitIndex, ticketIndex, WAITERS_INDEX } from './semaphore-layout.ts';
import { ABOVE_TICKET } from './ticket-layout.ts';
import { type Tickets, ticketsOf } from './tickets.ts';
import { type Waitable, wait, waitSync } from './wait.ts';
import { stillOpen, wordsOf } from './words.ts';

export interface SemaphoreOptions extends SyncOptions {
  /** How many may hold it at once. The same in every process. */
  readonly permits: number;
}

/**
 * At most `permits` holders at once, between the threads of any number of processes, in shared memory. All zero is free.
 *
 * A permit belongs to the thread that acquired it. If that thread dies, its permits go to whoever acquires next, told by
 * `guard.ownerDied`: no permit is ever lost. A thread may hold several; if it
 * holds all of them and asks for one more, that is an error at once, unless tasks of one thread that take turns pass
 * `{ sameThread: 'wait' }`. For a count that one side raises and the other
 * lowers see CountingSemaphore, whose permits belong to nobody.
 *
 * @example
 * ```ts
 * import { Semaphore } from 'mapfile/sync';
 *
 * const pool = new Semaphore(new ArrayBuffer(Semaphore.byteLengthFor(4)), 0, { permits: 4 });
 * const permit = pool.acquireSync();
 * console.log(pool.available); // 3
 * permit.unlock();
 * ```
 */
export class Semaphore {
  /** Bytes that a semaphore of so many permits takes. */
  static byteLengthFor(permits: number): number {
    return byteLength(checkedInteger(permits, 1, 1_000_000, 'permits'));
  }

  /** A semaphore as a field of a struct. */
  static codec(options: SemaphoreOptions): PrimitiveCodec<Semaphore> {
    const { permits } = withPermits(options);
    const bytes = Semaphore.byteLengthFor(permits);
    return primitiveCodec(`semaphore of ${permits}`, bytes, (memory, at) => new Semaphore(memory, at, options));
  }

  readonly what: string;
  readonly permits: number;
  /** @internal */
  readonly participants: Participants;
  readonly #memory: Int32Array;
  readonly #tickets: Tickets;
  readonly #target: Waitable<number>;
  #self = 0;
  #next = 0;

  /** @throws RangeError if it does not fit there; MapFileError ERR_LAYOUT_MISMATCH for another number of permits */
  constructor(memory: Memory, byteOffset: number, options: SemaphoreOptions) {
    const range = memoryRange(memory);
    this.what = withPermits(options).what ?? 'a semaphore';
    this.permits = options.permits;
    this.#memory = wordsOf(range, byteOffset, Semaphore.byteLengthFor(this.permits), this.what);
    agree(this.#words, PERMITS_INDEX, this.permits, this.what, 'permits');
    this.participants = participantsOf(range, options);
    this.#tickets = ticketsOf(this.participants);
    this.#target = {
      what: this.what,
      participants: this.participants,
      key: offsetKey(range.originKey, byteOffset),
      inTurn: true,
      refuse: () => this.#refuse(),
      attempt: () => this.#take(),
      attemptThorough: () => this.#take() || this.#takeFromTheDead(),
      mark: () => this.#mark(),
    };
  }

  /** Permits that are free now; those of the dead count as taken until somebody needs them. */
  get available(): number {
    let free = 0;
    for (let i = 0; i < this.permits; i++) if (Atomics.load(this.#words, permitIndex(i)) === 0) free += 1;
    return free;
  }

  /** A guard, or undefined if all permits are taken by living threads. Never waits. */
  tryAcquire(): Guard | undefined {
    const taken = this.#target.attemptThorough();
    return taken === 0 ? undefined : this.#guard(taken);
  }

  /** Blocks the thread until it has a permit. @throws MapFileError ERR_ALREADY_OWNER if it holds all of them; ERR_TIMEOUT */
  acquireSync(options?: WaitOptions): Guard {
    return this.#guard(waitSync(this.#target, options));
  }

  /**
   * Waits without blocking the event loop.
   * @throws MapFileError ERR_ALREADY_OWNER if this thread holds all permits, unless `{ sameThread: 'wait' }`; ERR_TIMEOUT; AbortError
   */
  async acquire(options?: WaitOptions & SameThread): Promise<Guard> {
    const target = checkedSameThread(options) ? { ...this.#target, refuse: undefined } : this.#target;
    return this.#guard(await wait(target, options));
  }

  /** Gives one of this thread's permits back, without a guard. @throws MapFileError ERR_NOT_OWNER if it has none */
  release(): void {
    const self = this.#me();
    for (let i = 0; i < this.permits; i++) {
      if (Atomics.load(this.#words, permitIndex(i)) !== self) continue;
      this.#giveBack(i);
      return;
    }
    throw this.#notOwner();
  }

  get #words(): Int32Array {
    return stillOpen(this.#memory, this.what);
  }

  #me(): number {
    if (this.#self === 0) this.#self = this.participants.self;
    return this.#self;
  }

  /** @internal */
  holds(ticket: number, permit: number): boolean {
    const mine = Atomics.load(this.#words, permitIndex(permit)) === this.#me();
    return mine && Atomics.load(this.#words, ticketIndex(permit)) === ticket;
  }

  /** @internal */
  releaseHeld(ticket: number, permit: number): void {
    const mine = Atomics.load(this.#words, permitIndex(permit)) === this.#me();
    if (mine && Atomics.load(this.#words, ticketIndex(permit)) !== ticket) {
      throw laterAcquisition(this.what, this.participants.self);
    }
    this.#giveBack(permit);
  }

  /** `taken`: see {@link #begin}. */
  #guard(taken: number): Guard {
    const acquisition = Math.abs(taken);
    const permit = Math.floor(acquisition / ABOVE_TICKET);
    return new Guard(this, taken < 0, acquisition % ABOVE_TICKET, permit);
  }

  /** Permit and ticket in one number; negative if the last holder died. */
  #begin(permit: number, died: boolean): number {
    const ticket = this.#tickets.next();
    Atomics.store(this.#words, ticketIndex(permit), ticket);
    const acquisition = permit * ABOVE_TICKET + ticket;
    return died ? -acquisition : acquisition;
  }

  #take(): number {
    const words = this.#words;
    const self = this.#me();
    for (let i = 0; i < this.permits; i++) {
      const permit = (this.#next + i) % this.permits;
      if (Atomics.load(words, permitIndex(permit)) !== 0) continue;
      // ORDER: seq_cst; pairs with the store of the one who gave it back.
      if (Atomics.compareExchange(words, permitIndex(permit), 0, self) !== 0) continue;
      this.#next = permit;
      return this.#begin(permit, false);
    }
    return 0;
  }

  #takeFromTheDead(): number {
    const words = this.#words;
    const self = this.#me();
    for (let permit = 0; permit < this.permits; permit++) {
      const holder = Atomics.load(words, permitIndex(permit));
      if (holder !== 0 && (holder === self || this.participants.isAlive(holder as ParticipantId))) continue;
      if (Atomics.compareExchange(words, permitIndex(permit), holder, self) !== holder) continue;
      return this.#begin(permit, holder !== 0);
    }
    return 0;
  }

  #giveBack(permit: number): void {
    const self = this.#me();
    // ORDER: seq_cst, before the load of `waiters`: a waiter stores that word first and looks at the permits then.
    if (Atomics.compareExchange(this.#words, permitIndex(permit), self, 0) !== self) throw this.#notOwner();
    this.#next = permit;
    if (Atomics.load(this.#words, WAITERS_INDEX) === 0) return;
    Atomics.store(this.#words, WAITERS_INDEX, 0);
    this.participants.ring(this.#target.key);
  }

  #refuse(): void {
    const self = this.#me();
    for (let i = 0; i < this.permits; i++) if (Atomics.load(this.#words, permitIndex(i)) !== self) return;
    const message = `Cannot acquire ${this.what}: this thread (participant ${self}) holds all ${this.permits} permits already, release one first; tasks of one thread that take turns pass { sameThread: 'wait' }`;
    throw new MapFileError('ERR_ALREADY_OWNER', message, { self: self as ParticipantId });
  }

  #notOwner(): MapFileError<'ERR_NOT_OWNER'> {
    const self = this.#me();
    const message = `Cannot release ${this.what}: this thread (participant ${self}) does not hold that permit, release each once and on the thread that acquired it`;
    return new MapFileError('ERR_NOT_OWNER', message, { owner: 0, self });
  }

  #mark(): boolean {
    Atomics.store(this.#words, WAITERS_INDEX, 1);
    return this.available === 0;
  }
}

function withPermits(options: SemaphoreOptions): SemaphoreOptions {
  if (options !== undefined) return checkedOptions(options);
  throw new TypeError('Cannot make a semaphore without options: pass { permits }');
}
