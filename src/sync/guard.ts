import { MapFileError } from '../base/errors.ts';

/** What a guard needs to know about the lock that it guards. */
export interface Guarded {
  readonly what: string;
  unlock(): void;
}

/**
 * Holds a lock until `unlock()` or the end of its `using` block.
 *
 * A guard belongs to the thread that acquired it. If that thread dies the lock is recovered, guard or not.
 */
export class Guard {
  readonly #lock: Guarded;
  #held = true;
  #ownerDied: boolean;

  /** Guards are made by the locks. */
  constructor(lock: Guarded, ownerDied: boolean) {
    this.#lock = lock;
    this.#ownerDied = ownerDied;
  }

  /**
   * Whether the previous owner died while it held the lock, so that what the lock protects may be half written. Exactly
   * one acquirer is told: check the data before you go on. The same thing as WAIT_ABANDONED and EOWNERDEAD.
   */
  get ownerDied(): boolean {
    return this.#ownerDied;
  }

  /** Whether `unlock()` is still to come. */
  get held(): boolean {
    return this.#held;
  }

  /**
   * Releases the lock.
   * @throws MapFileError ERR_NOT_OWNER if this guard has released it already
   */
  unlock(): void {
    if (!this.#held) {
      const { what } = this.#lock;
      throw new MapFileError('ERR_NOT_OWNER', `Cannot release ${what}: this guard has released it already`, {
        owner: 0,
        self: 0,
      });
    }
    this.#lock.unlock();
    this.#held = false;
  }

  /** Releases the lock unless that has happened. */
  [Symbol.dispose](): void {
    if (this.#held) this.unlock();
  }

  /** Whether it holds that lock. @internal */
  guards(lock: Guarded): boolean {
    return this.#held && this.#lock === lock;
  }

  /** A condition has released and acquired the lock again meanwhile. @internal */
  reacquired(ownerDied: boolean): void {
    this.#ownerDied = ownerDied;
  }
}
