import { checkSignal } from '../base/check-signal.ts';
import { abortError } from '../base/errors.ts';
import { onAbort } from '../base/on-abort.ts';
import type { Body } from './body.ts';
import type { Stamp } from './read-guard.ts';

/** How to follow an object. */
export interface ChangesOptions {
  /** Ends the iteration with AbortError. */
  readonly signal?: AbortSignal;
  /** Whether waiting for a change keeps the event loop alive. Default true. */
  readonly ref?: boolean;
  /** Whether the value of now comes first. Default true. */
  readonly initial?: boolean;
  /**
   * Looks every so many milliseconds, by the bytes if need be. For an object of ours: also notices direct writes through
   * `get()` and those of native programs, which change no version. For a foreign one the default is 10.
   */
  readonly intervalMs?: number;
}

/** What an iteration follows. */
export interface ChangeSource<T> {
  /** Of now: a foreign object that is reopened gets another. */
  readonly body: Body;
  /** A whole copy, or undefined if just now there is none (busy, not valid). */
  copy(): DataView | undefined;
  decode(copy: DataView): T;
  /** Called once when the iteration is over. */
  ended(iteration: { close(): void }): void;
}

/** The iteration of `changes()`: the latest value wins, nobody keeps a queue. */
export class Changes<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #source: ChangeSource<T>;
  readonly #options: ChangesOptions;
  readonly #stop = new AbortController();
  readonly #stopListening: (() => void) | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #seen: Stamp;
  #bytes: Uint8Array | undefined;
  #fresh: boolean;
  #over = false;

  constructor(source: ChangeSource<T>, options: ChangesOptions) {
    const { signal, initial = true, intervalMs } = options;
    if (intervalMs !== undefined && !(intervalMs >= 0)) {
      throw new RangeError(`Cannot look every ${intervalMs} ms: intervalMs must be a number of 0 or more`);
    }
    checkSignal(signal);
    this.#source = source;
    this.#options = options;
    this.#fresh = initial;
    // From here on no change is missed, however late the first next() comes.
    if (!initial) this.#take();
    this.#stopListening = signal && onAbort(signal, () => this.#stop.abort());
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const result = this.#last.then(() => this.#next());
    this.#last = result.catch(() => undefined);
    return result;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the iteration; a pending `next()` is done. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopListening?.();
    this.#stop.abort();
    this.#source.ended(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    const { signal, ref = true, intervalMs } = this.#options;
    for (;;) {
      if (this.#over) return { done: true, value: undefined };
      if (signal?.aborted) {
        this.close();
        throw abortError(signal);
      }
      try {
        const copy = this.#take();
        if (copy) return { done: false, value: this.#source.decode(copy) };
        await this.#source.body.sleep(this.#seen, { signal: this.#stop.signal, ref, intervalMs });
      } catch (error) {
        // The file was closed meanwhile, or it cannot be followed: the end in any case.
        if (this.#over) continue;
        this.close();
        throw error;
      }
    }
  }

  /** The value of now, if it is another than the last. */
  #take(): DataView | undefined {
    const { body } = this.#source;
    const byBytes = !body.counts || this.#options.intervalMs !== undefined;
    if (!byBytes && !this.#fresh && body.version === this.#seen) return undefined;
    const copy = this.#source.copy();
    if (!copy) return undefined;
    const seen = this.#source.body.copied;
    const changed =
      this.#fresh || (this.#seen !== undefined && seen !== this.#seen) || (byBytes && !this.#isSame(copy));
    if (byBytes) this.#keep(copy);
    this.#seen = seen;
    this.#fresh = false;
    return changed ? copy : undefined;
  }

  #isSame(copy: DataView): boolean {
    const bytes = this.#bytes;
    if (bytes?.byteLength !== copy.byteLength) return bytes === undefined;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== copy.getUint8(i)) return false;
    return true;
  }

  #keep(copy: DataView): void {
    const bytes = new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength);
    if (this.#bytes?.byteLength === bytes.byteLength) this.#bytes.set(bytes);
    else this.#bytes = bytes.slice();
  }
}
