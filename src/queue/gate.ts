import { MapFileError } from '../base/errors.ts';
import type { WaitOptions } from '../base/participants.ts';
import type { LockWord } from '../sync/lock-word.ts';

/** Beyond so many looks the holder does not run: whoever must not wait gives up. */
const MAX_SPINS = 64;

/**
 * What each end of the queue passes before it touches its positions.
 *
 * With many participants at the end it is a lock, held for some ten loads and stores and the copy of a message, and never
 * while the caller's code runs. With one it is taken for good at the first use, so that passing it costs nothing.
 */
export interface Gate {
  /** Whether others may stand at this end too. */
  readonly many: boolean;
  /** False if somebody alive is inside and stays there: preempted, or stopped. */
  tryEnter(): boolean;
  /**
   * As {@link tryEnter}, to do something on the side for those who stand at this end. Never takes the place of the only one:
   * false unless this object is it.
   */
  tryVisit(): boolean;
  leave(): void;
  /** Until whoever is inside has left. */
  passSync(options: WaitOptions): void;
  pass(options: WaitOptions): Promise<void>;
  /** Gives up what is held for good. */
  close(): void;
}

export class ManyGate implements Gate {
  readonly many = true;
  readonly #lock: LockWord;
  readonly #attempt: () => number;
  readonly #spins: number;

  constructor(lock: LockWord, spins: number) {
    this.#lock = lock;
    this.#attempt = lock.waitable.attempt;
    this.#spins = Math.min(spins, MAX_SPINS);
  }

  tryEnter(): boolean {
    // A previous owner that died leaves nothing to repair: its one publishing store has happened, or nothing has.
    return this.#lock.tryAcquire() !== 0 || this.#tryLong();
  }

  tryVisit(): boolean {
    return this.tryEnter();
  }

  leave(): void {
    this.#lock.release();
  }

  #tryLong(): boolean {
    for (let left = this.#spins; left > 0; left--) if (this.#attempt() !== 0) return true;
    return this.#lock.tryAcquire() !== 0;
  }

  passSync(options: WaitOptions): void {
    this.#lock.acquireSync(options);
    this.#lock.release();
  }

  async pass(options: WaitOptions): Promise<void> {
    await this.#lock.acquire(options);
    this.#lock.release();
  }

  close(): void {}
}

export class OneGate implements Gate {
  readonly many = false;
  readonly #lock: LockWord;
  readonly #role: 'producer' | 'consumer';
  readonly #queue: string;
  #held = false;

  constructor(lock: LockWord, role: 'producer' | 'consumer', queue: string) {
    this.#lock = lock;
    this.#role = role;
    this.#queue = queue;
  }

  /** @throws MapFileError ERR_BUSY if another living thread, or another object of this one, has the role */
  tryEnter(): boolean {
    if (!this.#held) this.#take();
    return true;
  }

  tryVisit(): boolean {
    return this.#held;
  }

  leave(): void {}
  passSync(): void {}
  async pass(): Promise<void> {}

  close(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#lock.release();
  }

  #take(): void {
    if (this.#lock.isMine || this.#lock.tryAcquire() === 0) {
      const owner = this.#lock.owner;
      throw new MapFileError(
        'ERR_BUSY',
        `Cannot become the ${this.#role} of ${this.#queue}: it was made for one and participant ${owner} is it, ` +
          `close that one or create the queue with more ${this.#role}s`,
        { owner },
      );
    }
    this.#held = true;
  }
}
