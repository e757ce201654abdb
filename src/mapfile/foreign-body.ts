import { MapFileError } from '../base/errors.ts';
import { type MemoryRange, subrange } from '../base/memory.ts';
import type { WaitOptions } from '../base/participants.ts';
import { type AnyCodec, formOf } from '../codec/codec.ts';
import type { Body, SleepOptions } from './body.ts';
import { type Bytes, bytesOf, copyBytes } from './copy-bytes.ts';
import { loadFence } from './fence.ts';
import type { GuardCheck } from './guard-check.ts';
import { pause } from './pause.ts';
import type { GuardMutex, Held, Stamp } from './read-guard.ts';
import { asynchronous, isThenable, nestedUpdate } from './update-errors.ts';

/** So often is a copy begun anew before it gives up: well under a millisecond. */
const ATTEMPTS = 5000;
/** A guard that only tells changes is not waited for. */
const LENIENT_ATTEMPTS = 3;
/** How often a watcher looks, if it is not told. */
const INTERVAL_MS = 10;

/** An object in memory that somebody else laid out: not a byte outside the struct is written, and a guard tells what is whole. */
export class ForeignBody implements Body {
  readonly foreign = true;
  readonly lastRecovery = undefined;
  readonly range: MemoryRange;
  copied: Stamp;
  updating = false;
  readonly #what: string;
  readonly #codec: AnyCodec;
  readonly #check: GuardCheck;
  readonly #source: Bytes;
  #copy: Bytes;
  #undo: Bytes | undefined;

  constructor(mapping: MemoryRange, byteOffset: number, codec: AnyCodec, check: GuardCheck, what: string) {
    // To the end of the mapping: a tail stands behind the struct.
    this.range = subrange(mapping, byteOffset, mapping.dataView.byteLength - byteOffset);
    this.#what = what;
    this.#codec = codec;
    this.#check = check;
    this.#source = bytesOf(this.range.dataView);
    this.#copy = bytesOf(new DataView(new ArrayBuffer(codec.byteLength)));
  }

  get version(): Stamp {
    return this.#check.before();
  }

  get counts(): boolean {
    return this.#check.counts;
  }

  get lockable(): boolean {
    return this.#check.mutex !== undefined;
  }

  get mutex(): GuardMutex | undefined {
    return this.#check.mutex;
  }

  copy(): DataView {
    const { mutex } = this.#check;
    if (!mutex || this.updating) return this.copyUnlocked();
    const held = unlessMine(() => mutex.tryLock());
    if (!held) throw this.#busy('its mutex is held by another');
    try {
      return this.copyUnlocked();
    } finally {
      held.unlock();
    }
  }

  /** The copy alone; the caller holds the mutex, if there is one. */
  copyUnlocked(): DataView {
    const { before, after, lenient, compare } = this.#check;
    const attempts = lenient ? LENIENT_ATTEMPTS : ATTEMPTS;
    for (let i = 1; i <= attempts; i++) {
      const stamp = before();
      if (stamp === undefined) continue;
      loadFence();
      const byteLength = this.#copyBytes();
      loadFence();
      if (after() === stamp || (lenient && i === attempts)) {
        if (compare && !this.#same(byteLength)) continue;
        this.copied = stamp;
        return this.#copy.view;
      }
    }
    throw this.#busy(`it was being written during each of ${attempts} attempts`);
  }

  holdSync(mutex: GuardMutex, options?: WaitOptions): Held {
    return unlessMine(() => mutex.lockSync(options))!;
  }

  /** Between this and its Promise other tasks of the thread run, and find the mutex in the thread's hand. */
  hold(mutex: GuardMutex, options?: WaitOptions): Promise<Held> {
    return mutex.lock({ ...options, sameThread: 'wait' });
  }

  close(): void {
    this.#check.close?.();
  }

  updateSync<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): R {
    const held = this.holdSync(this.#mutexForUpdate(), options);
    try {
      return this.#attempt(fn, argument);
    } finally {
      held.unlock();
    }
  }

  async update<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): Promise<R> {
    const held = await this.hold(this.#mutexForUpdate(), options);
    try {
      return this.#attempt(fn, argument);
    } finally {
      held.unlock();
    }
  }

  sleep(_seen: Stamp, { signal, ref, intervalMs = INTERVAL_MS }: SleepOptions): Promise<void> {
    return pause(intervalMs, signal, ref);
  }

  #mutexForUpdate(): GuardMutex {
    if (this.updating) throw nestedUpdate(this.#what);
    const { mutex } = this.#check;
    if (mutex) return mutex;
    throw new TypeError(
      `Cannot update ${this.#what}: another program made it and there is no lock to agree on, open it with { guard: { mutex } } or use writeSync`,
    );
  }

  #attempt<A, R>(fn: (argument: A) => R, argument: A): R {
    const { byteLength } = this.#codec;
    // In our memory, so a death in the middle is not undone: the program has no place for a copy, and no way to learn of it.
    this.#undo ??= bytesOf(new DataView(new ArrayBuffer(byteLength)));
    copyBytes(this.#undo, this.#source, byteLength);
    this.updating = true;
    try {
      const result = fn(argument);
      if (isThenable(result)) throw asynchronous(this.#what);
      return result;
    } catch (error) {
      copyBytes(this.#source, this.#undo, byteLength);
      throw error;
    } finally {
      this.updating = false;
    }
  }

  #copyBytes(): number {
    const room = this.range.dataView.byteLength;
    const form = this.#codec[formOf];
    const byteLength = form.extent ? Math.min(form.extent(this.range.dataView, 0), room) : form.byteLength;
    if (byteLength !== this.#copy.view.byteLength) this.#copy = bytesOf(new DataView(new ArrayBuffer(byteLength)));
    copyBytes(this.#copy, this.#source, byteLength);
    return byteLength;
  }

  #same(byteLength: number): boolean {
    loadFence();
    const { array: a } = this.#copy;
    const { array: b } = this.#source;
    for (let i = 0; i < byteLength; i++) if (a[i] !== b[i]) return false;
    return true;
  }

  #busy(why: string): MapFileError<'ERR_BUSY'> {
    return new MapFileError('ERR_BUSY', `Cannot read ${this.#what}: ${why}, try again or use readLocked()`, {});
  }
}

const MINE: Held = { unlock() {} };

/** A mutex that this thread holds already protects as well. */
function unlessMine(lock: () => Held | undefined): Held | undefined {
  try {
    return lock();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_ALREADY_OWNER') throw error;
    return MINE;
  }
}
