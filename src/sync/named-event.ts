import { memoryRange } from '../base/memory.ts';
import type { WaitOptions } from '../base/participants.ts';
import { Segment } from '../memory/segment.ts';
import { type KernelEvent, kernelObjects, type Making } from '../os/kernel-objects.ts';
import { AutoResetEvent } from './auto-reset-event.ts';
import { ManualResetEvent } from './manual-reset-event.ts';
import { BYTE_LENGTH, MANUAL_RESET_INDEX } from './named-layout.ts';
import { checkedName, NamedObject, type NamedOptions, namedSegment } from './named-object.ts';
import { take, takeSync } from './named-wait.ts';
import { checkedOptions } from './options.ts';
import { wordsOf } from './words.ts';

export interface NamedEventOptions extends NamedOptions {
  /** Stays set until `reset()`, for all who wait; else it lets one through. Default false. Without effect on one that exists. */
  readonly manualReset?: boolean;
  /** Whether a new one is set. Default false. Without effect on one that exists. */
  readonly initiallySet?: boolean;
}

/**
 * An event with a name, between any processes: on Windows the kernel object that a C++ program's `CreateEventW` opens, on
 * POSIX an AutoResetEvent or ManualResetEvent in a segment of that name.
 *
 * @example
 * ```ts
 * import { NamedEvent } from 'mapfile/sync';
 *
 * const ready = NamedEvent.openOrCreate('Simulator ready', { manualReset: true });
 * ready.set();
 * await ready.wait({ timeoutMs: 1000 });
 * ready.close();
 * ```
 */
export class NamedEvent extends NamedObject {
  readonly #kernel: KernelEvent | undefined;
  readonly #memory: AutoResetEvent | ManualResetEvent | undefined;

  private constructor(name: string, making: Making, options: NamedEventOptions) {
    const { manualReset = false, initiallySet = false } = checkedOptions(options);
    if (kernelObjects) {
      const { name: checked, security } = checkedName(name, options);
      const kernel = kernelObjects.event(checked, making, security, { manualReset, initiallySet });
      super('event', name, kernel.created, () => kernel.close());
      this.#kernel = kernel;
    } else {
      const { segment, memory } = namedSegment(name, 'event', making, options, (fresh) => {
        const words = wordsOf(memoryRange(fresh), 0, BYTE_LENGTH, 'an event');
        Atomics.store(words, MANUAL_RESET_INDEX, manualReset ? 1 : 0);
        if (initiallySet) (manualReset ? new ManualResetEvent(fresh) : new AutoResetEvent(fresh)).set();
      });
      super('event', name, segment.created, () => segment.close());
      const words = wordsOf(memoryRange(memory), 0, BYTE_LENGTH, this.what);
      const Kind = Atomics.load(words, MANUAL_RESET_INDEX) === 1 ? ManualResetEvent : AutoResetEvent;
      this.#memory = new Kind(memory, 0, { what: this.what });
    }
  }

  /** Makes it. @throws MapFileError ERR_NAME_EXISTS, ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static create(name: string, options: NamedEventOptions = {}): NamedEvent {
    return new NamedEvent(name, 'create', options);
  }

  /** Opens it. @throws MapFileError ERR_NAME_NOT_FOUND, ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static open(name: string, options: NamedOptions = {}): NamedEvent {
    return new NamedEvent(name, 'open', options);
  }

  /** Opens it if there is one, else makes it. @throws MapFileError ERR_WRONG_KIND, ERR_ACCESS_DENIED */
  static openOrCreate(name: string, options: NamedEventOptions = {}): NamedEvent {
    return new NamedEvent(name, 'openOrCreate', options);
  }

  /** Takes the name away; who has it open keeps it. @throws MapFileError ERR_PLATFORM_UNSUPPORTED on Windows */
  static unlink(name: string): boolean {
    return Segment.unlink(name, {}, 'event');
  }

  /** Lets one waiter through, or all until `reset()`. */
  set(): void {
    this.use();
    (this.#memory ?? this.#kernel!).set();
  }

  /** Takes the signal back. */
  reset(): void {
    this.use();
    (this.#memory ?? this.#kernel!).reset();
  }

  /** Whether it lets this caller through now; an auto-reset event is then not set any more. Never waits. */
  tryWait(): boolean {
    this.use();
    return this.#memory ? this.#memory.tryWait() : this.#kernel!.take(0) !== 0;
  }

  /** Blocks the thread until it is let through. @throws MapFileError ERR_TIMEOUT */
  waitSync(options?: WaitOptions): void {
    this.use();
    if (this.#memory) this.#memory.waitSync(options);
    else takeSync(this.#kernel!, this.what, options);
  }

  /** Waits without blocking the event loop; an aborted wait uses no signal up. @throws MapFileError ERR_TIMEOUT; AbortError */
  async wait(options?: WaitOptions): Promise<void> {
    this.use();
    if (!this.#memory) return take(this.#kernel!, this.what, options, () => this.use());
    try {
      await this.#memory.wait(options);
    } catch (error) {
      throw this.orClosed(error);
    }
  }
}
