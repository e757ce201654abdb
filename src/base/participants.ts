/**
 * Who takes part in a shared structure, and how one that waits is woken.
 *
 * A participant is a THREAD (the main one or a Worker), because a Worker can be terminated while its process lives on.
 * Locks, heaps and queues take a `Participants` as a parameter and know no operating system: `os/` has the real one,
 * tests bring one with mortal identities.
 */

/** 1 to 2^30 - 1 (two bits of a lock word stay free); never reused while shared memory can still name it. */
export type ParticipantId = number & { readonly __brand: 'ParticipantId' };

/** How long a wait may last, and what ends it early. */
export interface WaitOptions {
  /** Milliseconds; absent or Infinity waits for ever, 0 tries once. */
  readonly timeoutMs?: number;
  /** Ends the wait with AbortError. */
  readonly signal?: AbortSignal;
  /** Whether a pending Promise keeps the event loop alive, as a timer does. Default true. */
  readonly ref?: boolean;
}

export interface Participants {
  /** This thread. */
  readonly self: ParticipantId;

  /** How often a waiter looks again before it sleeps. 0 on a single core, where whoever must act cannot meanwhile run. */
  readonly spins: number;

  /** Whether that thread still runs. A kernel lock that the thread holds decides, so PID reuse and zombies do not fool it. */
  isAlive(id: ParticipantId): boolean;

  /**
   * Wakes every participant that sleeps on `key` (`offsetKey` of the word's range). Needless wake-ups are allowed, lost
   * ones are not, with one exception: a participant that died between its store and this call; sleepers therefore
   * look again at least every `sliceMs`.
   */
  ring(key: number): void;

  /**
   * Sleeps until rung on `key`, or for at most `sliceMs`. Announces the interest first and then asks `stillWaiting()`
   * once more, so a ring in between is not lost. Blocks the thread.
   */
  sleepSync(key: number, stillWaiting: () => boolean, sliceMs: number): void;

  /**
   * The same without blocking the event loop and without a libuv pool thread. Ends early when `signal` fires; keeps the
   * loop alive meanwhile unless `ref` is false.
   */
  sleep(key: number, stillWaiting: () => boolean, sliceMs: number, signal?: AbortSignal, ref?: boolean): Promise<void>;
}
