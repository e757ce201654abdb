import { MapFileError } from '../base/errors.ts';
import { type MemoryRange, offsetKey } from '../base/memory.ts';
import type { ParticipantId, Participants, WaitOptions } from '../base/participants.ts';
import { BYTE_LENGTH, OWNER_MASK, WAITERS } from './lock-word-layout.ts';
import { type Waitable, wait, waitSync } from './wait.ts';
import { wordsClosed, wordsOf } from './words.ts';

/** 0: busy. 1: acquired. 2: acquired, and the previous owner died while it held the lock; nobody else is told. */
export type LockState = 0 | 1 | 2;

/**
 * A lock in one 32-bit word that survives its owner. Not recursive, not fair: a thread that runs may overtake one that
 * sleeps. Uncontended, acquiring and releasing are one compareExchange each.
 *
 * `what` is how the lock is called in error messages.
 */
export class LockWord {
  readonly #words: Int32Array;
  readonly #participants: Participants;
  readonly #target: Waitable<LockState>;
  #self = 0;

  constructor(range: MemoryRange, byteOffset: number, participants: Participants, what = 'a lock') {
    this.#words = wordsOf(range, byteOffset, BYTE_LENGTH, what);
    this.#participants = participants;
    this.#target = {
      what,
      participants,
      key: offsetKey(range.originKey, byteOffset),
      attempt: () => this.#attempt(),
      inTurn: true,
      refuse: () => {
        if (this.isMine) throw this.#alreadyOwner();
      },
      attemptThorough: () => (this.isMine ? 0 : this.tryAcquire()),
      mark: () => this.#mark(),
    };
  }

  /** For the floors above: to make an attempt of their own (lock, work, unlock) of what `wait.ts` waits for. */
  get waitable(): Waitable<LockState> {
    return this.#target;
  }

  /** Who holds it now; 0 if nobody does. Others may change it meanwhile, unless it is the caller. */
  get owner(): ParticipantId | 0 {
    this.#check();
    return (Atomics.load(this.#words, 0) & OWNER_MASK) as ParticipantId | 0;
  }

  /** Whether somebody sleeps until it is released. An owner who will soon be back may rest then, for it is not fair. */
  get isWanted(): boolean {
    this.#check();
    return (Atomics.load(this.#words, 0) & WAITERS) !== 0;
  }

  /** Whether the calling thread holds it. */
  get isMine(): boolean {
    this.#check();
    return (Atomics.load(this.#words, 0) & OWNER_MASK) === this.#me();
  }

  /**
   * Never waits; takes the lock over if its owner is dead.
   * @throws MapFileError ERR_ALREADY_OWNER if the calling thread holds it
   */
  tryAcquire(): LockState {
    this.#check();
    const self = this.#me();
    // ORDER: seq_cst; pairs with the stores of release(), so what the last owner wrote is seen.
    const seen = Atomics.compareExchange(this.#words, 0, 0, self);
    return seen === 0 ? 1 : this.#tryHeld(seen, self);
  }

  /** Of its own, so that the plain case above is short enough to be put in line. */
  #tryHeld(found: number, self: number): LockState {
    const words = this.#words;
    let seen = found;
    for (;;) {
      const owner = seen & OWNER_MASK;
      if (seen === 0) return 1;
      if (owner === self) throw this.#alreadyOwner();
      if (owner !== 0 && this.#participants.isAlive(owner as ParticipantId)) return 0;
      // The dead do not come back and ids are not reused, so this succeeds only while the same dead owner stands there.
      // The bit stays: those who sleep want to be rung by our release.
      const before = Atomics.compareExchange(words, 0, seen, self | (seen & WAITERS));
      if (before === seen) return owner === 0 ? 1 : 2;
      seen = before;
      if (seen === 0) seen = Atomics.compareExchange(words, 0, 0, self);
    }
  }

  /**
   * Blocks the calling thread until it holds the lock.
   * @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT
   */
  acquireSync(options?: WaitOptions): LockState {
    this.#check();
    if (options === undefined && Atomics.compareExchange(this.#words, 0, 0, this.#me()) === 0) return 1;
    return waitSync(this.#target, options);
  }

  /**
   * Waits without blocking the event loop; an uncontended lock is held when the call returns its Promise.
   *
   * Rejects with ERR_ALREADY_OWNER if the calling THREAD holds the lock now, unless `sameThread` is `'wait'`: then it waits
   * for another task of this thread to release it, as every wait does that has begun.
   */
  acquire(options?: WaitOptions & SameThread): Promise<LockState> {
    return wait(checkedSameThread(options) ? this.patient : this.#target, options);
  }

  /** {@link waitable} for one who waits for the other tasks of this thread, too. */
  get patient(): Waitable<LockState> {
    return { ...this.#target, refuse: undefined };
  }

  /** @throws MapFileError ERR_NOT_OWNER if the calling thread does not hold it */
  release(): void {
    this.#check();
    const self = this.#me();
    // ORDER: seq_cst; publishes what the owner wrote to whoever acquires next.
    const seen = Atomics.compareExchange(this.#words, 0, self, 0);
    if (seen !== self) this.#releaseWanted(seen, self);
  }

  #releaseWanted(seen: number, self: number): void {
    if ((seen & OWNER_MASK) !== self) throw this.#notOwner(seen & OWNER_MASK);
    // ORDER: seq_cst, and before the scan of ring(): a waiter announces itself before it sets WAITERS.
    Atomics.store(this.#words, 0, 0);
    this.#participants.ring(this.#target.key);
  }

  /** Atomics on closed memory would throw a TypeError without a code. */
  #check(): void {
    if (this.#words.length === 0) throw wordsClosed(this.#target.what);
  }

  #me(): number {
    if (this.#self === 0) this.#self = this.#participants.self;
    return this.#self;
  }

  #attempt(): LockState {
    this.#check();
    // Loads while it is held: a failing compareExchange would take the cache line from the owner.
    if (Atomics.load(this.#words, 0) !== 0) return 0;
    return Atomics.compareExchange(this.#words, 0, 0, this.#me()) === 0 ? 1 : 0;
  }

  #mark(): boolean {
    this.#check();
    for (let seen = Atomics.load(this.#words, 0); (seen & OWNER_MASK) !== 0; ) {
      if ((seen & WAITERS) !== 0) return true;
      // ORDER: seq_cst, after the announcement of sleep(): the release that sees this bit finds the sleeper.
      const before = Atomics.compareExchange(this.#words, 0, seen, seen | WAITERS);
      if (before === seen) return true;
      seen = before;
    }
    return false;
  }

  #alreadyOwner(): MapFileError<'ERR_ALREADY_OWNER'> {
    const { what } = this.#target;
    return new MapFileError(
      'ERR_ALREADY_OWNER',
      `Cannot acquire ${what}: this thread (participant ${this.#self}) holds it already, release it first`,
      { self: this.#self },
    );
  }

  #notOwner(owner: number): MapFileError<'ERR_NOT_OWNER'> {
    const { what } = this.#target;
    const holder = owner === 0 ? 'nobody holds it' : `it is held by participant ${owner}`;
    return new MapFileError(
      'ERR_NOT_OWNER',
      `Cannot release ${what}: ${holder}, release it once and on the thread that acquired it`,
      { owner, self: this.#self },
    );
  }
}

/** Whether to wait for the other tasks of this thread. @throws TypeError if the option is neither of its values */
export function checkedSameThread(options: SameThread | undefined): boolean {
  const sameThread = options?.sameThread;
  if (sameThread === undefined || sameThread === 'error' || sameThread === 'wait') return sameThread === 'wait';
  throw new TypeError(`Cannot use ${String(sameThread)} as sameThread: pass 'error' or 'wait'`);
}

/** What an asynchronous lock does when another task of the same thread holds it. */
export interface SameThread {
  /**
   * `'error'` (default): ERR_ALREADY_OWNER if the thread holds it at the call, as in the recursive case. `'wait'`: for the
   * other task to release it, also if the lock is recursive. A wait that has begun waits for the other tasks in any case.
   */
  readonly sameThread?: 'error' | 'wait';
}
