import type { MemoryRange } from '../base/memory.ts';
import type { WaitOptions } from '../base/participants.ts';
import type { Recovery } from './cell-writer.ts';
import type { Stamp } from './read-guard.ts';

/** How long, and for whose sake, a watcher sleeps. */
export interface SleepOptions {
  readonly signal: AbortSignal;
  readonly ref: boolean;
  /** Looks again after so many milliseconds, whatever it hears. */
  readonly intervalMs: number | undefined;
}

/** What a MapFile stands on: an object of ours (a cell), or one of a program that knows nothing of us (a guard). */
export interface Body {
  readonly foreign: boolean;
  /** Whether there is a lock for updates. */
  readonly lockable: boolean;
  /** The struct in place. */
  readonly range: MemoryRange;
  /** Which value {@link copy} would give. */
  readonly version: Stamp;
  /** Whether `version` changes with every write, direct ones apart. */
  readonly counts: boolean;

  /**
   * Copies the last whole value into private memory, which the next call overwrites.
   * @throws MapFileError ERR_BUSY if none is to be had without waiting
   */
  copy(): DataView;
  /** The `version` of the last copy. */
  readonly copied: Stamp;

  /** The last recovery that fell to this body. */
  readonly lastRecovery: Recovery | undefined;

  /** Whether this thread is in the middle of an update of it. */
  readonly updating: boolean;
  updateSync<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): R;
  update<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): Promise<R>;

  /** Ends when the version may be another than `seen`, or somebody should look. */
  sleep(seen: Stamp, options: SleepOptions): Promise<void>;

  /** Lets go of what it has opened beside the memory. */
  close?(): void;
}
