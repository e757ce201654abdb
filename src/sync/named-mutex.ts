import { MapFileError } from '../base/errors.ts';
import type { WaitOptions } from '../base/participants.ts';
import { Segment } from '../memory/segment.ts';
import { kernelObjects, type Making } from '../os/kernel-objects.ts';
import type { Guard } from './guard.ts';
import { KernelLock } from './kernel-lock.ts';
import { checkedSameThread, type SameThread } from './lock-word.ts';
import { Mutex } from './mutex.ts';
import { checkedName, NamedObject, type NamedOptions, namedSegment } from './named-object.ts';

export interface NamedMutexOptions extends NamedOptions {
  /**
   * Whether the thread that holds it may lock it again by this object; it then unlocks as often. Default false: that is an
   * error. The mutex itself is recursive, as those of Windows are, so objects of both kinds go together.
   */
  readonly recursive?: boolean;
}

/**
 * A mutex with a name, between any processes: on Windows the kernel object that a C++ program's `CreateMutexW` opens, on
 * POSIX a Mutex in a segment of that name. All named things share one name space.
 *
 * `close()` releases what this object has acquired and not released, as the end of a process does, but nobody is told of a
 * death. If the thread that holds it dies, the next one to lock it is told by `guard.ownerDied` (WAIT_ABANDONED). Waiting by
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
  readonly #lock: Mutex | KernelLock;
  readonly #recursive: boolean;
  /** Those that may still hold it. */
  #guards: Guard[] = [];

  private constructor(name: string, making: Making, options: NamedMutexOptions) {
    if (kernelObjects) {
      const { name: checked, security } = checkedName(name, options);
      const kernel = kernelObjects.mutex(checked, making, security);
      super('mutex', name, kernel.created, () => kernel.close());
      this.#lock = new KernelLock(kernel, name, this.what, () => this.use());
    } else {
      const { segment, memory } = namedSegment(name, 'mutex', making, options, () => {});
      super('mutex', name, segment.created, () => segment.close());
      this.#lock = new Mutex(memory, 0, { what: this.what, recursive: true });
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
    this.#check();
    const guard = this.#lock.tryLock();
    if (guard) this.#note(guard);
    return guard;
  }

  /** Blocks the thread until it holds the mutex. @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT */
  lockSync(options?: WaitOptions): Guard {
    this.#check();
    const guard = this.#lock.lockSync(options);
    this.#note(guard);
    return guard;
  }

  /** Waits without blocking the event loop. @throws MapFileError ERR_ALREADY_OWNER, ERR_TIMEOUT; AbortError */
  async lock(options?: WaitOptions & SameThread): Promise<Guard> {
    this.use();
    if (!checkedSameThread(options)) this.#check();
    const guard = await this.#lock.lockNoting(options, (taken) => this.#note(taken));
    this.use(); // closed between the acquisition and now: close() has released it
    return guard;
  }

  /** Releases it without a guard. @throws MapFileError ERR_NOT_OWNER if this thread does not hold it */
  unlock(): void {
    this.use();
    this.#lock.unlock();
  }

  /**
   * Releases what was acquired by this object, and lets go of the mutex in this process; the name goes with the last process
   * that has it. The guards throw ERR_CLOSED then, unless they had released before. A second call does nothing.
   */
  override close(): void {
    // The last one first: what the others acquired encloses it.
    if (!this.closed) for (const guard of this.#guards.reverse()) guard.close();
    this.#guards = [];
    super.close();
  }

  /** @throws TypeError ERR_CLOSED; MapFileError ERR_ALREADY_OWNER */
  #check(): void {
    this.use();
    if (this.#recursive || !this.#lock.isMine) return;
    const message = `Cannot acquire ${this.what}: this thread holds it already, release it first`;
    throw new MapFileError('ERR_ALREADY_OWNER', message, { self: 0 });
  }

  #note(guard: Guard): void {
    if (this.#guards.length > 0) this.#guards = this.#guards.filter(({ held }) => held);
    this.#guards.push(guard);
  }
}
