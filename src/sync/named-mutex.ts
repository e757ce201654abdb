import { setTimeout as delay } from 'node:timers/promises';
import { abortError, MapFileError, timeoutError } from '../base/errors.ts';
import type { WaitOptions } from '../base/participants.ts';
import { Segment } from '../memory/segment.ts';
import { type KernelMutex, kernelObjects, type Making } from '../os/kernel-objects.ts';
import { Guard } from './guard.ts';
import type { SameThread } from './lock-word.ts';
import { Mutex } from './mutex.ts';
import { checkedName, NamedObject, type NamedOptions, namedSegment } from './named-object.ts';
import { checkedTimeout } from './wait.ts';

export interface NamedMutexOptions extends NamedOptions {
  /** Whether the thread that holds it may lock it again; it then unlocks as often. Default false. */
  readonly recursive?: boolean;
}

/** A native wait may last no longer: a Worker can be terminated only between two. */
const SLICE_MS = 100;
/** The pauses between the attempts of an asynchronous wait on Windows, in milliseconds. */
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 16;

/** How often this thread holds each kernel mutex, by its name: Windows lets it in again without a word. */
const heldHere = new Map<string, number>();

/**
 * A mutex with a name, between any processes: on Windows the kernel object that a C++ program's `CreateMutexW` opens, on
 * POSIX a Mutex in a segment of that name. All named things share one name space.
 *
 * If the thread that holds it dies, the next one to lock it is told by `guard.ownerDied` (WAIT_ABANDONED). Waiting by
 * Promise takes turns on the calling thread, which has to become the owner: on Windows by attempts 1 to 16 ms apart.
 *
 * @example
 * ```ts
 * import { NamedMutex } from 'mapfile/sync';
 *
 * const mutex = NamedMutex.openOrCreate('Local\\Telemetry mutex');
 * const guard = await mutex.lock({ timeoutMs: 1000 });
 * try {
 *   console.log(guard.ownerDied);
 * } finally {
 *   guard.unlock();
 *   mutex.close();
 * }
 * ```
 */
export class NamedMutex extends NamedObject {
  readonly #kernel: KernelMutex | undefined;
  readonly #memory: Mutex | undefined;
  readonly #recursive: boolean;

  private constructor(name: string, making: Making, options: NamedMutexOptions) {
    if (kernelObjects) {
      const { name: checked, security } = checkedName(name, options);
      const kernel = kernelObjects.mutex(checked, making, security);
      super('mutex', name, kernel.created, () => kernel.close());
      this.#kernel = kernel;
    } else {
      const { segment, memory } = namedSegment(name, 'mutex', making, options, () => {});
      super('mutex', name, segment.created, () => segment.close());
      this.#memory = new Mutex(memory, 0, { what: this.what, recursive: options.recursive ?? false });
    }
    this.#recursive = options.recursive ?? false;
  }

  /** Makes it, free. @throws MapFileError ERR_NAME_EXISTS, ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static create(name: string, options: NamedMutexOptions = {}): NamedMutex {
    return new NamedMutex(name, 'create', options);
  }

  /** Opens it. @throws MapFileError ERR_NAME_NOT_FOUND, ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static open(name: string, options: NamedMutexOptions = {}): NamedMutex {
    return new NamedMutex(name, 'open', options);
  }

  /** Opens it if there is one, else makes it. @throws MapFileError ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static openOrCreate(name: string, options: NamedMutexOptions = {}): NamedMutex {
    return new NamedMutex(name, 'openOrCreate', options);
  }

  /** Takes the name away; who has it open keeps it. @throws MapFileError ERR_PLATFORM_UNSUPPORTED on Windows */
  static unlink(name: string): boolean {
    return Segment.unlink(name, {}, 'mutex');
  }

  /**
   * A guard, or undefined if another thread holds it. Never waits.
   * @throws MapFileError ERR_ALREADY_OWNER if this thread holds it and it is not recursive
   */
  tryLock(): Guard | undefined {
    this.use();
    if (this.#memory) return this.#memory.tryLock();
    this.#refuseTwice();
    return this.#guard(this.#kernel!.take(0));
  }

  /** Blocks the thread until it holds the mutex. @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT */
  lockSync(options?: WaitOptions): Guard {
    this.use();
    if (this.#memory) return this.#memory.lockSync(options);
    const timeoutMs = checkedTimeout(options);
    if (options?.signal?.aborted) throw abortError(options.signal);
    this.#refuseTwice();
    const deadline = performance.now() + timeoutMs;
    for (let left = timeoutMs; ; left = deadline - performance.now()) {
      const guard = this.#guard(this.#kernel!.take(Math.min(Math.max(left, 0), SLICE_MS)));
      if (guard) return guard;
      if (left <= 0) throw timeoutError(this.what, timeoutMs);
    }
  }

  /** Waits without blocking the event loop. @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT; AbortError */
  async lock(options?: WaitOptions & SameThread): Promise<Guard> {
    this.use();
    if (this.#memory) return this.#memory.lock(options);
    const timeoutMs = checkedTimeout(options);
    const signal = options?.signal;
    const patient = options?.sameThread === 'wait';
    const deadline = performance.now() + timeoutMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      if (signal?.aborted) throw abortError(signal);
      this.use();
      if (!patient) this.#refuseTwice();
      // Not while another task of this thread has it: Windows would let us in.
      const guard = patient && heldHere.has(this.#key) ? undefined : this.#guard(this.#kernel!.take(0));
      if (guard) return guard;
      const left = deadline - performance.now();
      if (left <= 0) throw timeoutError(this.what, timeoutMs);
      await delay(Math.min(pause, left), undefined, { ref: options?.ref ?? true });
    }
  }

  /** Releases it without a guard. @throws MapFileError ERR_NOT_OWNER if this thread does not hold it */
  unlock(): void {
    this.use();
    if (this.#memory) this.#memory.unlock();
    else this.#release();
  }

  get #key(): string {
    return this.name.replace(/^local[\\/]/i, '').replace(/^global[\\/]/i, 'Global\\');
  }

  #refuseTwice(): void {
    if (this.#recursive || !heldHere.has(this.#key)) return;
    const message = `Cannot acquire ${this.what}: this thread holds it already, release it first`;
    throw new MapFileError('ERR_ALREADY_OWNER', message, { self: 0 });
  }

  #guard(taken: 0 | 1 | 2): Guard | undefined {
    if (taken === 0) return undefined;
    heldHere.set(this.#key, (heldHere.get(this.#key) ?? 0) + 1);
    return new Guard({ what: this.what, unlock: () => this.#release() }, taken === 2);
  }

  #release(): void {
    if (!this.#kernel!.release()) {
      const message = `Cannot release ${this.what}: this thread does not hold it, release it once and on the thread that acquired it`;
      throw new MapFileError('ERR_NOT_OWNER', message, { owner: 0, self: 0 });
    }
    const left = (heldHere.get(this.#key) ?? 1) - 1;
    if (left > 0) heldHere.set(this.#key, left);
    else heldHere.delete(this.#key);
  }
}
