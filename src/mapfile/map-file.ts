import { closedError, readOnlyError } from '../base/errors.ts';
import type { Memory } from '../base/memory.ts';
import type { WaitOptions } from '../base/participants.ts';
import { type AnyCodec, formOf, type InferInput, type InferLive } from '../codec/codec.ts';
import { writeForm } from '../codec/make-codec.ts';
import type { InferPartial } from '../codec/record-types.ts';
import type { UnlinkOptions } from '../memory/options.ts';
import { Segment } from '../memory/segment.ts';
import type { Body } from './body.ts';
import type { Recovery } from './cell-writer.ts';
import { MapFileReader } from './map-file-reader.ts';
import type {
  AccessOf,
  CreateFileOptions,
  CreateOptions,
  MapFileAccess,
  MemoryCreateOptions,
  MemoryOpenOptions,
  MemoryOpenOrCreateOptions,
  OpenOptions,
  OpenOrCreateOptions,
  OverOptions,
  SelfDescribed,
  Updater,
  WaitForOptions,
  WritableMemory,
} from './map-file-types.ts';
import {
  createFileAt,
  createIn,
  createNamed,
  openFileAt,
  openIn,
  openNamed,
  openOrCreateIn,
  openOrCreateNamed,
  waitForNamed,
} from './open.ts';
import { placeOver } from './over.ts';
import { storePartial } from './store-partial.ts';

/**
 * One typed object that processes share under a common name.
 *
 * Its bytes are the C struct, from offset 0 on: a native program that maps `sizeof(T)` sees the same object.
 *
 * @typeParam C the codec, or the class made with `structClass`: `MapFile<typeof Student>`
 * @typeParam A `'read'` has no `update` and no `write`, and its live object is readonly
 */
export class MapFile<C extends AnyCodec, A extends MapFileAccess = 'readwrite'> extends MapFileReader<C, A> {
  /**
   * Makes the object. Others see it together with its first value, or not at all, however this process fares.
   *
   * @throws MapFileError ERR_NAME_EXISTS, ERR_WRONG_KIND, ERR_OUT_OF_MEMORY, ERR_ACCESS_DENIED, ERR_PLATFORM_UNSUPPORTED
   * @example
   * ```ts
   * import { char, i32, MapFile, struct } from 'mapfile';
   *
   * const Student = struct('student', { ID: i32, name: char(20) });
   * const file = MapFile.create('TestMemShare', Student, { initial: { ID: 99041232, name: 'SecBug' } });
   * await file.update((s) => {
   *   s.ID += 1;
   * });
   * console.log(file.read()); // { ID: 99041233, name: 'SecBug' }
   * file.close();
   * ```
   */
  static create<C extends AnyCodec>(name: string, codec: C, options?: CreateOptions<C>): MapFile<C, 'readwrite'>;
  /**
   * Makes the object in memory of the caller's: a MappedView or a part of one, a raw file's view, a buffer. The struct stands
   * at byte 0 of it, and what we keep for ourselves at its end, as in named memory (docs/layouts.md). All who open it must see
   * the same bytes as one view: same start, same length. `close()` leaves the view to the caller, who keeps it open, and in its
   * size, while the object is open, and above all during an update.
   *
   * New memory is zero; what else stands under the struct and in the end part is overwritten. Others see the object together
   * with its first value, or not at all, however this process fares. Of several that make it at once, one does; the others
   * wait for it, and for its `initial`, blocking.
   *
   * @throws MapFileError ERR_NAME_EXISTS if an object stands there (`view.fill(0)` when nobody uses it makes room),
   * ERR_TOO_SMALL with the bytes that it takes, ERR_WRONG_KIND if a heap or a queue stands there
   * @throws TypeError ERR_READ_ONLY, or for copy-on-write memory and for options that are the memory's affair
   * @throws RangeError for memory that does not start at a multiple of 8
   * @example
   * ```ts
   * import { char, i32, MapFile, MappedView, struct } from 'mapfile';
   *
   * const Student = struct('student', { ID: i32, name: char(20) });
   * const view = MappedView.create('Two students', 8192);
   * const first = MapFile.create(view.subview(0, 4096), Student, { initial: { ID: 1, name: 'one' } });
   * const second = MapFile.create(view.subview(4096), Student, { initial: { ID: 2, name: 'two' } });
   * console.log(first.read().name, second.read().name); // one two
   * for (const each of [first, second, view]) each.close();
   * ```
   */
  static create<C extends AnyCodec>(
    memory: WritableMemory,
    codec: C,
    options?: MemoryCreateOptions<C>,
  ): MapFile<C, 'readwrite'>;
  static create<C extends AnyCodec>(
    where: string | WritableMemory,
    codec: C,
    options: CreateOptions<C> = {},
  ): MapFile<C, 'readwrite'> {
    return new MapFile(
      typeof where === 'string' ? createNamed(where, codec, options) : createIn(where, codec, options),
    );
  }

  /**
   * Opens the object that another process has made, for reading unless more is asked for. Without a codec the members are
   * those that the creator's layout table names.
   *
   * @throws MapFileError ERR_NAME_NOT_FOUND, ERR_LAYOUT_MISMATCH, ERR_TOO_SMALL, ERR_WRONG_KIND, ERR_ACCESS_DENIED, ERR_CORRUPT
   * @example
   * ```ts
   * import { char, i32, MapFile, struct } from 'mapfile';
   *
   * const Student = struct('student', { ID: i32, name: char(20) });
   * const owner = MapFile.create('TestMemShare_2', Student); // in another process
   * const file = MapFile.open('TestMemShare_2', Student);
   * console.log(file.read().name);
   * file.close();
   * owner.close();
   * ```
   */
  static open(name: string): MapFile<SelfDescribed, 'read'>;
  static open<C extends AnyCodec, A extends MapFileAccess = 'read'>(
    name: string,
    codec: C,
    options?: OpenOptions<C, A>,
  ): MapFile<C, A>;
  static open<A extends MapFileAccess = 'read'>(
    name: string,
    codec: undefined,
    options?: OpenOptions<SelfDescribed, A>,
  ): MapFile<SelfDescribed, A>;
  /**
   * Opens the object that stands in memory of the caller's; the access is that of its view. Memory without an object of ours,
   * or with one that is being made just now, is `foreign`, as if placed with `over`: those who race use `openOrCreate`.
   *
   * @throws MapFileError ERR_LAYOUT_MISMATCH, ERR_TOO_SMALL, ERR_WRONG_KIND, ERR_CORRUPT
   * @throws TypeError without a codec if no object of ours stands there; for copy-on-write memory
   */
  static open<M extends Memory>(memory: M): MapFile<SelfDescribed, AccessOf<M>>;
  static open<C extends AnyCodec, M extends Memory>(
    memory: M,
    codec: C,
    options?: MemoryOpenOptions<C>,
  ): MapFile<C, AccessOf<M>>;
  static open(
    where: string | Memory,
    codec?: AnyCodec,
    options: OpenOptions<AnyCodec> = {},
  ): MapFile<AnyCodec, MapFileAccess> {
    return new MapFile(typeof where === 'string' ? openNamed(where, codec, options) : openIn(where, codec, options));
  }

  /** Opens the object, or makes it if there is none; of all that race, one has `created`, and only its `initial` counts. */
  static openOrCreate<C extends AnyCodec>(
    name: string,
    codec: C,
    options?: OpenOrCreateOptions<C>,
  ): MapFile<C, 'readwrite'>;
  /** The same in memory of the caller's; memory without an object of ours, a heap or a queue counts as new, whatever it holds. See `create`. */
  static openOrCreate<C extends AnyCodec>(
    memory: WritableMemory,
    codec: C,
    options?: MemoryOpenOrCreateOptions<C>,
  ): MapFile<C, 'readwrite'>;
  static openOrCreate<C extends AnyCodec>(
    where: string | WritableMemory,
    codec: C,
    options: OpenOrCreateOptions<C> = {},
  ): MapFile<C, 'readwrite'> {
    return new MapFile(
      typeof where === 'string' ? openOrCreateNamed(where, codec, options) : openOrCreateIn(where, codec, options),
    );
  }

  /**
   * Opens the object as soon as its program has started.
   * @throws MapFileError as `open` does, except ERR_NAME_NOT_FOUND; ERR_TIMEOUT; AbortError
   */
  static async waitFor<C extends AnyCodec, A extends MapFileAccess = 'read'>(
    name: string,
    codec: C,
    options: WaitForOptions<C, A> = {},
  ): Promise<MapFile<C, A>> {
    return new MapFile<C, A>(await waitForNamed(name, codec, options));
  }

  /**
   * Makes a file that holds the object, and outlives every process. The file ends with the same part as a named object.
   * @throws MapFileError ERR_NAME_EXISTS if there is a file, ERR_ACCESS_DENIED, ERR_OUT_OF_MEMORY
   */
  static createFile<C extends AnyCodec>(
    path: string,
    codec: C,
    options: CreateFileOptions<C> = {},
  ): MapFile<C, 'readwrite'> {
    return new MapFile(createFileAt(path, codec, options));
  }

  /**
   * Opens a file that holds an object, for reading unless more is asked for; a file that we have not made is foreign.
   * @throws MapFileError ERR_NAME_NOT_FOUND, ERR_LAYOUT_MISMATCH, ERR_TOO_SMALL, ERR_WRONG_KIND, ERR_ACCESS_DENIED, ERR_CORRUPT
   */
  static openFile(path: string): MapFile<SelfDescribed, 'read'>;
  static openFile<C extends AnyCodec, A extends MapFileAccess = 'read'>(
    path: string,
    codec: C,
    options?: OpenOptions<C, A>,
  ): MapFile<C, A>;
  static openFile<A extends MapFileAccess = 'read'>(
    path: string,
    codec: undefined,
    options?: OpenOptions<SelfDescribed, A>,
  ): MapFile<SelfDescribed, A>;
  static openFile(
    path: string,
    codec?: AnyCodec,
    options: OpenOptions<AnyCodec> = {},
  ): MapFile<AnyCodec, MapFileAccess> {
    return new MapFile(openFileAt(path, codec, options));
  }

  /** Whether the name lives; one whose holders have all died does not. */
  static exists(name: string): boolean {
    return Segment.exists(name);
  }

  /**
   * Takes the name away; who has the object open keeps it. False if nothing lived under it.
   * @throws MapFileError ERR_WRONG_KIND if another program made the memory, unless `foreign` is true;
   * ERR_PLATFORM_UNSUPPORTED on Windows, where a name goes with its last handle
   */
  static unlink(name: string, options?: UnlinkOptions): boolean {
    return Segment.unlink(name, options);
  }

  /**
   * The object that stands in some memory: a MappedView, a block, an ArrayBuffer. Nothing outside the struct is touched, so
   * this is a foreign object: `guard` says how others protect it. `close()` leaves the memory to its owner.
   *
   * @throws RangeError if the struct does not fit there
   */
  static over<C extends AnyCodec>(
    memory: Memory & { readonly access: 'read' },
    codec: C,
    options?: OverOptions<C>,
  ): MapFile<C, 'read'>;
  static over<C extends AnyCodec>(memory: Memory, codec: C, options?: OverOptions<C>): MapFile<C, 'readwrite'>;
  static over<C extends AnyCodec>(memory: Memory, codec: C, options?: OverOptions<C>): MapFile<C, MapFileAccess> {
    return new MapFile(placeOver(memory, codec, options));
  }

  /** The last half-done update of a dead writer that an update of this object had to undo; undefined if there was none. */
  get lastRecovery(): Recovery | undefined {
    return this.recovery;
  }

  /**
   * Runs `fn` with the live object as one update: exclusive across processes and threads, seen by others wholly or not at all.
   * Answers what `fn` returns. If nobody else updates just now, `fn` has run when this returns its Promise.
   *
   * `fn` must be synchronous. If it throws, the object is as before and the error is passed on. If this process dies in the
   * middle, others read the value from before, and the next update starts from it. Members that are `atomic`, and locks, are
   * left as they are: others change them meanwhile.
   *
   * A foreign object needs a `{ mutex }` guard.
   * @throws TypeError if `fn` returns a Promise, in an update of the same object, ERR_READ_ONLY, ERR_CLOSED
   * @throws MapFileError ERR_TIMEOUT; AbortError
   */
  async update<R>(this: MapFile<C, 'readwrite'>, fn: Updater<C, R>, options?: WaitOptions): Promise<R> {
    return this.#unlessClosed(
      this.#writable().update(this.#updater(fn) as (live: InferLive<C>) => R, this.get(), options),
    );
  }

  /** The same, blocking. */
  updateSync<R>(this: MapFile<C, 'readwrite'>, fn: Updater<C, R>, options?: WaitOptions): R {
    return this.#writable().updateSync(this.#updater(fn) as (live: InferLive<C>) => R, this.get(), options);
  }

  /**
   * Stores a whole value, as one update.
   * @throws TypeError | RangeError naming the member that cannot be stored; nothing is stored then
   */
  async write(this: MapFile<C, 'readwrite'>, value: InferInput<C>, options?: WaitOptions): Promise<void> {
    const body = this.#writable();
    if (body.lockable) await this.#unlessClosed(body.update(this.#store, value, options));
    else this.#store(value);
  }

  /** The same, blocking. Into a foreign object without a mutex guard it stores at once, unprotected. */
  writeSync(this: MapFile<C, 'readwrite'>, value: InferInput<C>, options?: WaitOptions): void {
    const body = this.#writable();
    if (body.lockable) body.updateSync(this.#store, value, options);
    else this.#store(value);
  }

  /** Stores the given members and leaves the others, as one update. */
  async assign(this: MapFile<C, 'readwrite'>, partial: InferPartial<C>, options?: WaitOptions): Promise<void> {
    const body = this.#writable();
    if (body.lockable) await this.#unlessClosed(body.update(this.#storePartial, partial, options));
    else this.#storePartial(partial);
  }

  /** The same, blocking. */
  assignSync(this: MapFile<C, 'readwrite'>, partial: InferPartial<C>, options?: WaitOptions): void {
    const body = this.#writable();
    if (body.lockable) body.updateSync(this.#storePartial, partial, options);
    else this.#storePartial(partial);
  }

  readonly #store = (value: InferInput<C>): void => {
    writeForm(this.codec[formOf], this.attached.body.range.dataView, 0, value);
  };

  readonly #storePartial = (partial: InferPartial<C>): void => {
    storePartial(this.codec, this.attached.body.range.dataView, partial);
  };

  /** Who waits while the object is closed finds its memory gone. */
  async #unlessClosed<R>(pending: Promise<R>): Promise<R> {
    try {
      return await pending;
    } catch (error) {
      throw this.closed && error instanceof TypeError ? closedError(this.what) : error;
    }
  }

  #updater<F>(fn: F): F {
    if (typeof fn === 'function') return fn;
    throw new TypeError(`Cannot update ${this.what} with ${String(fn)}: pass a function`);
  }

  #writable(): Body {
    const { body } = this.attached;
    if (this.access === 'read') throw readOnlyError(this.what);
    return body;
  }
}
