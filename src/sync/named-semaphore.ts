import { MapFileError } from '../base/errors.ts';
import type { WaitOptions } from '../base/participants.ts';
import { Segment } from '../memory/segment.ts';
import { type KernelSemaphore, kernelObjects, type Making } from '../os/kernel-objects.ts';
import { checkedInteger } from './agree.ts';
import { CountingSemaphore } from './counting-semaphore.ts';
import { MAX_COUNT } from './counting-semaphore-layout.ts';
import { checkedName, NamedObject, type NamedOptions, namedSegment } from './named-object.ts';
import { take, takeSync } from './named-wait.ts';
import { checkedOptions } from './options.ts';

export interface NamedSemaphoreOptions extends NamedOptions {
  /** The count that a new one starts with. Default 0. Without effect on one that exists. */
  readonly initial?: number;
  /** The highest count of a new one. Default 2^30 - 1. Without effect on one that exists. */
  readonly maximum?: number;
}

/**
 * A counting semaphore with a name, between any processes: on Windows the kernel object that a C++ program's
 * `CreateSemaphoreW` opens, on POSIX a CountingSemaphore in a segment of that name.
 *
 * Its permits belong to nobody: what a killed process had acquired stays acquired, as on Windows. A process that is killed
 * while it waits has taken nothing. Where permits must come back, share memory with a Semaphore in it.
 *
 * @example
 * ```ts
 * import { NamedSemaphore } from 'mapfile/sync';
 *
 * const jobs = NamedSemaphore.openOrCreate('Render jobs', { initial: 2 });
 * await jobs.acquire();
 * console.log(jobs.tryAcquire(), jobs.tryAcquire()); // true false
 * jobs.close();
 * ```
 */
export class NamedSemaphore extends NamedObject {
  readonly #kernel: KernelSemaphore | undefined;
  readonly #memory: CountingSemaphore | undefined;

  private constructor(name: string, making: Making, options: NamedSemaphoreOptions) {
    const { initial = 0, maximum = MAX_COUNT } = checkedOptions(options);
    checkedInteger(initial, 0, checkedInteger(maximum, 1, MAX_COUNT, 'maximum'), 'initial');
    const counts = { maximum, initial };
    if (kernelObjects) {
      const { name: checked, security } = checkedName(name, options);
      const kernel = kernelObjects.semaphore(checked, making, security, counts);
      super('semaphore', name, kernel.created, () => kernel.close());
      this.#kernel = kernel;
    } else {
      const { segment, memory } = namedSegment(name, 'semaphore', making, options, (fresh) => {
        new CountingSemaphore(fresh, 0, counts);
      });
      super('semaphore', name, segment.created, () => segment.close());
      this.#memory = CountingSemaphore.existing(memory, 0, { what: this.what });
    }
  }

  /** Makes it. @throws MapFileError ERR_NAME_EXISTS, ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static create(name: string, options: NamedSemaphoreOptions = {}): NamedSemaphore {
    return new NamedSemaphore(name, 'create', options);
  }

  /** Opens it. @throws MapFileError ERR_NAME_NOT_FOUND, ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static open(name: string, options: NamedOptions = {}): NamedSemaphore {
    return new NamedSemaphore(name, 'open', options);
  }

  /** Opens it if there is one, else makes it. @throws MapFileError ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static openOrCreate(name: string, options: NamedSemaphoreOptions = {}): NamedSemaphore {
    return new NamedSemaphore(name, 'openOrCreate', options);
  }

  /** Takes the name away; who has it open keeps it. @throws MapFileError ERR_PLATFORM_UNSUPPORTED on Windows */
  static unlink(name: string): boolean {
    return Segment.unlink(name, {}, 'semaphore');
  }

  /** Lowers the count if it is above 0. Never waits. */
  tryAcquire(): boolean {
    this.use();
    return this.#memory ? this.#memory.tryAcquire() : this.#kernel!.take(0) !== 0;
  }

  /** Blocks the thread until it has lowered the count. @throws MapFileError ERR_TIMEOUT */
  acquireSync(options?: WaitOptions): void {
    this.use();
    if (this.#memory) this.#memory.acquireSync(options);
    else takeSync(this.#kernel!, this.what, options);
  }

  /** Waits without blocking the event loop; an aborted wait keeps no permit. @throws MapFileError ERR_TIMEOUT; AbortError */
  async acquire(options?: WaitOptions): Promise<void> {
    this.use();
    if (!this.#memory) return take(this.#kernel!, this.what, options, () => this.use());
    try {
      await this.#memory.acquire(options);
    } catch (error) {
      throw this.orClosed(error);
    }
  }

  /** Raises the count; answers the one before. @throws MapFileError ERR_LIMIT if it would exceed the maximum */
  release(count = 1): number {
    this.use();
    if (this.#memory) return this.#memory.release(count);
    checkedInteger(count, 1, MAX_COUNT, 'count');
    const before = this.#kernel!.release(count);
    if (before !== undefined) return before;
    const message = `Cannot release ${count} of ${this.what}: its count would exceed its maximum`;
    throw new MapFileError('ERR_LIMIT', message, { limit: Number.NaN, value: count });
  }
}
