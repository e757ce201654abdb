import { setTimeout as delay } from 'node:timers/promises';
import { abortError, MapFileError, timeoutError } from '../base/errors.ts';
import type { WaitOptions } from '../base/participants.ts';
import type { KernelMutex } from '../os/kernel-objects.ts';
import { Guard, laterAcquisition } from './guard.ts';
import { checkedSameThread, type SameThread } from './lock-word.ts';
import { Tickets } from './tickets.ts';
import { anybodyWaits, Turn } from './turn.ts';
import { checkedTimeout } from './wait.ts';

/** A native wait may last no longer: a Worker can be terminated only between two. */
const SLICE_MS = 100;
/** The pauses between the attempts of an asynchronous wait, in milliseconds. */
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 16;

/** What this thread holds of a kernel mutex. */
interface Hold {
  count: number;
  readonly ticket: number;
}

/** By the mutexes' names: the kernel lets their thread in again without a word, and knows one acquisition like another. */
const heldHere = new Map<string, Hold>();
const tickets = new Tickets();

/** A mutex of the kernel: recursive, as it is there. It has the members of a Mutex that a NamedMutex needs. */
export class KernelLock {
  readonly what: string;
  readonly #kernel: KernelMutex;
  readonly #key: string;
  readonly #use: () => void;

  /** @param use throws once the mutex is closed */
  constructor(kernel: KernelMutex, name: string, what: string, use: () => void) {
    this.what = what;
    this.#kernel = kernel;
    this.#key = name.replace(/^local[\\/]/i, '').replace(/^global[\\/]/i, 'Global\\');
    this.#use = use;
  }

  get isMine(): boolean {
    return heldHere.has(this.#key);
  }

  tryLock(): Guard | undefined {
    return this.#taken(this.#kernel.take(0));
  }

  lockSync(options?: WaitOptions): Guard {
    const timeoutMs = checkedTimeout(options);
    if (options?.signal?.aborted) throw abortError(options.signal);
    const deadline = performance.now() + timeoutMs;
    for (let left = timeoutMs; ; left = deadline - performance.now()) {
      const guard = this.#taken(this.#kernel.take(Math.min(Math.max(left, 0), SLICE_MS)));
      if (guard) return guard;
      if (left <= 0) throw timeoutError(this.what, timeoutMs);
    }
  }

  /** By attempts of this thread, which has to become the owner. */
  async lockNoting(options: (WaitOptions & SameThread) | undefined, note: (guard: Guard) => void): Promise<Guard> {
    const timeoutMs = checkedTimeout(options);
    const signal = options?.signal;
    if (signal?.aborted) throw abortError(signal);
    this.#use();
    const again = !checkedSameThread(options) && this.isMine;
    const behind = timeoutMs !== 0 && !again && anybodyWaits(heldHere, this.#key);
    if (!behind) {
      const guard = this.#tried(again, note);
      if (guard) return guard;
    }
    if (timeoutMs === 0) throw timeoutError(this.what, 0);
    const turn = new Turn(heldHere, this.#key);
    try {
      return await this.#inTurn(turn, timeoutMs, options, note);
    } finally {
      turn.end();
    }
  }

  async #inTurn(
    turn: Turn,
    timeoutMs: number,
    options: WaitOptions | undefined,
    note: (guard: Guard) => void,
  ): Promise<Guard> {
    const signal = options?.signal;
    const deadline = performance.now() + timeoutMs;
    let pause = FIRST_PAUSE_MS;
    for (let left = timeoutMs; left > 0; left = deadline - performance.now()) {
      if (turn.isFirst) {
        await delay(Math.min(pause, left), undefined, { ref: options?.ref ?? true });
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      } else await turn.come(left, signal, options?.ref);
      if (signal?.aborted) throw abortError(signal);
      this.#use();
      const guard = turn.isFirst ? this.#tried(false, note) : undefined;
      if (guard) return guard;
    }
    throw timeoutError(this.what, timeoutMs);
  }

  /** Not while another task of this thread has it, unless `again`: the kernel would let us in. */
  #tried(again: boolean, note: (guard: Guard) => void): Guard | undefined {
    const guard = this.isMine && !again ? undefined : this.#taken(this.#kernel.take(0));
    if (guard) note(guard);
    return guard;
  }

  unlock(): void {
    if (!this.#kernel.release()) {
      const message = `Cannot release ${this.what}: this thread does not hold it, release it once and on the thread that acquired it`;
      throw new MapFileError('ERR_NOT_OWNER', message, { owner: 0, self: 0 });
    }
    const hold = heldHere.get(this.#key);
    if (hold && hold.count > 1) hold.count -= 1;
    else heldHere.delete(this.#key);
  }

  holds(ticket: number): boolean {
    return heldHere.get(this.#key)?.ticket === ticket;
  }

  releaseHeld(ticket: number): void {
    if (this.isMine && !this.holds(ticket)) throw laterAcquisition(this.what, 0);
    this.unlock();
  }

  #taken(state: 0 | 1 | 2): Guard | undefined {
    if (state === 0) return undefined;
    let hold = heldHere.get(this.#key);
    if (hold) hold.count += 1;
    else {
      hold = { count: 1, ticket: tickets.next() };
      heldHere.set(this.#key, hold);
    }
    return new Guard(this, state === 2, hold.ticket);
  }
}
