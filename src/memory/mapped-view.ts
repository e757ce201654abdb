/** Named memory and files as bytes. */
import { inspect } from 'node:util';
import { closedError, readOnlyError } from '../base/errors.ts';
import { sandboxedRuntime } from '../base/host.ts';
import {
  type Access,
  type Memory,
  type MemoryRange,
  type MemorySource,
  memoryRange,
  rangeOf,
  subrange,
} from '../base/memory.ts';
import { type DataViewReader, ReadonlyDataView } from '../base/readonly-data-view.ts';
import type { AnyCodec, Codec, InferLive } from '../codec/codec.ts';
import type { InferReadonlyLive } from '../codec/readonly-live.ts';
import type { Advice } from '../os/contract.ts';
import { copyMemory } from './copy-memory.ts';
import { describeView } from './describe-view.ts';
import {
  type CreateFileOptions,
  type CreateOptions,
  createFileWindow,
  createNamed,
  type OpenFileOptions,
  type OpenOptions,
  openFileWindow,
  openNamed,
  openOrCreateNamed,
} from './make-window.ts';
import { type ByteRange, checkAdvice, checkLength, checkRange, fixedLength, type UnlinkOptions } from './options.ts';
import { Segment } from './segment.ts';
import type { TypedArrayConstructor } from './typed-arrays.ts';
import { Window } from './window.ts';

/** What {@link MappedView.copyTo} and {@link MappedView.copyFrom} copy. */
export interface CopyRange extends ByteRange {
  /** First byte in the other memory, default 0. */
  readonly otherOffset?: number;
}

type WritableView = MappedView<'readwrite' | 'copy-on-write'>;

/**
 * Bytes that several processes see at once, by a common name or as a file.
 *
 * The access is part of the type: nothing that writes is handed out by a `MappedView<'read'>`. After {@link close} all that
 * was handed out is empty: DataViews and Atomics throw TypeError, typed arrays have length 0.
 *
 * @example
 * ```ts
 * import { MappedView } from 'mapfile';
 *
 * const writer = MappedView.create('Telemetry', 24);
 * const reader = MappedView.open('Telemetry');
 * try {
 *   writer.dataView().setInt32(0, 99041232, true);
 *   console.log(reader.dataView().getInt32(0, true)); // 99041232
 * } finally {
 *   reader.close();
 *   writer.close();
 * }
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: isolated declarations know no imported symbol as a class member
export class MappedView<A extends Access = Access> {
  readonly #window: Window;
  readonly #start: number;
  #length: number;
  #closed = false;
  #isPart: boolean;
  #range: MemoryRange | undefined;
  #generation = 0;

  private constructor(window: Window, start: number, length: number, isPart: boolean) {
    if (!(window instanceof Window))
      throw new TypeError('Cannot construct a MappedView: call create, open or openFile');
    this.#window = window;
    this.#start = start;
    this.#length = length;
    this.#isPart = isPart;
  }

  /**
   * Makes named memory of exactly `byteLength` bytes, zeros where `initial` says nothing. Other processes see the name
   * together with the contents.
   *
   * @throws MapFileError ERR_NAME_EXISTS, ERR_WRONG_KIND, ERR_OUT_OF_MEMORY, ERR_ACCESS_DENIED, ERR_PLATFORM_UNSUPPORTED
   * @throws RangeError for a length or a name that cannot be
   */
  static create<A extends Access = 'readwrite'>(
    name: string,
    byteLength: number,
    options: CreateOptions<A> = {},
  ): MappedView<A> {
    return MappedView.#whole(createNamed(name, byteLength, options));
  }

  /**
   * Opens named memory, whoever made it: for reading unless more is asked for.
   *
   * @throws MapFileError ERR_NAME_NOT_FOUND, ERR_TOO_SMALL, ERR_WRONG_KIND, ERR_ACCESS_DENIED, ERR_CORRUPT
   */
  static open<A extends Access = 'read'>(name: string, options: OpenOptions<A> = {}): MappedView<A> {
    return MappedView.#whole(openNamed(name, options));
  }

  /** Opens the memory if there is some, else makes it; of all processes that race here, one has `created`. */
  static openOrCreate<A extends Access = 'readwrite'>(
    name: string,
    byteLength: number,
    options: CreateOptions<A> = {},
  ): MappedView<A> {
    return MappedView.#whole(openOrCreateNamed(name, byteLength, options));
  }

  /**
   * Maps a file, or a part of it.
   *
   * @throws MapFileError ERR_NAME_NOT_FOUND, ERR_TOO_SMALL (an empty file too), ERR_WRONG_KIND (a directory), ERR_ACCESS_DENIED
   */
  static openFile<A extends Access = 'read'>(path: string, options: OpenFileOptions<A> = {}): MappedView<A> {
    return MappedView.#whole(openFileWindow(path, options));
  }

  /** Makes a file of `byteLength` bytes and maps it. @throws MapFileError ERR_NAME_EXISTS if there is one */
  static createFile<A extends Access = 'readwrite'>(
    path: string,
    byteLength: number,
    options: CreateFileOptions<A> = {},
  ): MappedView<A> {
    return MappedView.#whole(createFileWindow(path, byteLength, options));
  }

  /** Whether the name lives: a name whose holders have all died does not. */
  static exists(name: string): boolean {
    return Segment.exists(name);
  }

  /**
   * Takes the name away; who has it open keeps it. False if nothing lived under it.
   * @throws MapFileError ERR_WRONG_KIND if another program made the memory, unless `foreign` is true;
   * ERR_PLATFORM_UNSUPPORTED on Windows, where a name goes with its last handle
   */
  static unlink(name: string, options?: UnlinkOptions): boolean {
    return Segment.unlink(name, options);
  }

  static #whole<A extends Access>(window: Window): MappedView<A> {
    return new MappedView<A>(window, 0, window.byteLength, false);
  }

  /** The name, or the path, as it was given. */
  get name(): string {
    return this.#window.origin.name;
  }

  /** What this view may do with the memory. */
  get access(): A {
    return this.#window.access as A;
  }

  /** In bytes; stays known after `close()`. Foreign named memory on Windows: whole pages. */
  get byteLength(): number {
    return this.#length;
  }

  get closed(): boolean {
    return this.#closed || this.#window.closed;
  }

  /** Whether this call made the memory. */
  get created(): boolean {
    return this.#window.origin.created;
  }

  /** Whether another program made it (a file always counts so): nothing of ours stands behind the data. */
  get foreign(): boolean {
    return this.#window.origin.foreign;
  }

  /** Whether the memory can be looked at in place. Not in Electron. */
  get mapped(): boolean {
    return sandboxedRuntime() === undefined;
  }

  /** The memory itself. A read view gives the reading half, which cannot write. */
  dataView(): A extends 'read' ? DataViewReader : DataView {
    const { dataView } = this.#memory;
    const given = this.#window.access === 'read' ? new ReadonlyDataView(dataView) : dataView;
    return given as A extends 'read' ? DataViewReader : DataView;
  }

  /**
   * The memory itself as numbers of this host's byte order.
   * @throws RangeError if `byteOffset` is no multiple of the element's size, or the end is passed
   */
  typedArray<T>(this: WritableView, type: TypedArrayConstructor<T>, byteOffset = 0, length?: number): T {
    const { dataView } = this.#writable();
    const unit = type.BYTES_PER_ELEMENT;
    checkLength('byteOffset', byteOffset);
    const count = length ?? Math.floor((this.#length - byteOffset) / unit);
    if (length !== undefined) checkLength('length', length);
    checkRange({ byteOffset, byteLength: count * unit }, this.#length);
    if ((dataView.byteOffset + byteOffset) % unit !== 0) {
      throw new RangeError(
        `Cannot place a ${type.name} at ${byteOffset}: that is no multiple of ${unit} in memory, use dataView()`,
      );
    }
    return new type(dataView.buffer as ArrayBuffer, dataView.byteOffset + byteOffset, count);
  }

  /** The memory itself as bytes. */
  bytes(this: WritableView): Uint8Array<ArrayBuffer> {
    const { dataView } = this.#writable();
    return new Uint8Array(dataView.buffer as ArrayBuffer, dataView.byteOffset, dataView.byteLength);
  }

  /** A copy of the value at `byteOffset`. Another process may write meanwhile: several fields can be torn. */
  read<T>(codec: Codec<T, unknown, never>, byteOffset = 0): T {
    if (this.mapped) return codec.read(this, byteOffset);
    return codec.read(this.toBytes({ byteOffset }));
  }

  /** Stores a whole value at `byteOffset`; what is wrong with it is said before the first byte is written. */
  write<T>(this: WritableView, codec: Codec<unknown, unknown, T>, byteOffset: number, value: T): void {
    const memory = this.mapped ? this : this.toBytes({ byteOffset, byteLength: codec.byteLength });
    codec.write(memory, memory === this ? byteOffset : 0, value);
    if (memory !== this) this.#put(byteOffset, memory as Uint8Array);
  }

  /** The object at `byteOffset` that is the memory. Over a read view its fields are for reading. */
  live<C extends AnyCodec>(codec: C, byteOffset = 0): A extends 'read' ? InferReadonlyLive<C> : InferLive<C> {
    return codec.live(this, byteOffset) as A extends 'read' ? InferReadonlyLive<C> : InferLive<C>;
  }

  /** A copy of a range, by default of the whole. */
  toBytes(range: ByteRange = {}): Uint8Array<ArrayBuffer> {
    const { byteOffset, byteLength } = this.#part(range);
    return this.#window.region.copyOut(this.#inRegion(byteOffset), byteLength);
  }

  /** A part of this view over the same mapping. What it hands out lives until the view that was opened is closed. */
  subview(byteOffset: number, byteLength?: number): MappedView<A> {
    const part = this.#part({ byteOffset, ...(byteLength !== undefined && { byteLength }) });
    return new MappedView<A>(this.#window, this.#start + part.byteOffset, part.byteLength, true);
  }

  /** Sets each byte of a range to `value`, as memset does. */
  fill(this: WritableView, value: number, range: ByteRange = {}): void {
    if (!Number.isInteger(value) || value < 0 || value > 255) {
      throw new RangeError(`Cannot fill with ${value}: pass a byte from 0 to 255`);
    }
    const { byteOffset, byteLength } = this.#part(range);
    if (this.mapped) this.bytes().fill(value, byteOffset, byteOffset + byteLength);
    else this.#put(byteOffset, new Uint8Array(byteLength).fill(value));
  }

  /**
   * Copies out of this view, as memcpy does; overlapping ranges of one mapping are right too, of two mappings they are not.
   * Answers the number of bytes.
   */
  copyTo(target: Memory, { byteOffset = 0, byteLength, otherOffset = 0 }: CopyRange = {}): number {
    const other = memoryRange(target);
    if (other.access === 'read') throw readOnlyError('the target');
    return copyMemory(this.#memory, byteOffset, other, otherOffset, byteLength);
  }

  /** Copies into this view, as memcpy does; overlapping ranges of one mapping are right too. Answers the number of bytes. */
  copyFrom(
    this: WritableView,
    source: Memory,
    { byteOffset = 0, byteLength, otherOffset = 0 }: CopyRange = {},
  ): number {
    return copyMemory(memoryRange(source), otherOffset, this.#writable(), byteOffset, byteLength);
  }

  /** Writes a range to the disk and waits for it off the event loop. Named memory has no disk: nothing to do. */
  async flush(range: ByteRange = {}): Promise<void> {
    const { byteOffset, byteLength } = this.#part(range);
    await this.#window.region.flush(this.#inRegion(byteOffset), byteLength);
  }

  /** The same, and blocks until it is done. */
  flushSync(range: ByteRange = {}): void {
    const { byteOffset, byteLength } = this.#part(range);
    this.#window.region.flushSync(this.#inRegion(byteOffset), byteLength);
  }

  /**
   * Says how a range will be used. `'dont-need'` makes a copy-on-write view forget what was written to those pages.
   * @throws MapFileError ERR_PLATFORM_UNSUPPORTED for a hint that this system does not take
   */
  advise(range: ByteRange, hint: Advice): void {
    const { byteOffset, byteLength } = this.#part(range);
    checkAdvice(hint);
    this.#window.region.advise(this.#inRegion(byteOffset), byteLength, hint);
  }

  /** Reads a range in ahead of its use. */
  prefetch(range: ByteRange = {}): void {
    const { byteOffset, byteLength } = this.#part(range);
    this.#window.region.prefetch(this.#inRegion(byteOffset), byteLength);
  }

  /** Keeps the pages of a range in physical memory. */
  lockPages(range: ByteRange = {}): void {
    const { byteOffset, byteLength } = this.#part(range);
    this.#window.region.lockPages(this.#inRegion(byteOffset), byteLength);
  }

  unlockPages(range: ByteRange = {}): void {
    const { byteOffset, byteLength } = this.#part(range);
    this.#window.region.unlockPages(this.#inRegion(byteOffset), byteLength);
  }

  /**
   * Gives a file another length, and this view with it; what was handed out before is empty.
   * @throws MapFileError ERR_PLATFORM_UNSUPPORTED for named memory, which keeps its length
   */
  resize(this: MappedView<'readwrite'>, byteLength: number): void {
    if (this.closed) throw closedError(this.#title);
    if ((this.access as Access) !== 'readwrite') throw readOnlyError(`the file of ${this.#title}`);
    checkLength('byteLength', byteLength, 1);
    if (!this.#window.origin.resize || this.#isPart) throw fixedLength(this.#title, this.#isPart);
    this.#window.resize(byteLength);
    this.#length = byteLength;
  }

  /** Checks the length, and what we keep behind the data. @throws MapFileError ERR_CORRUPT, ERR_TOO_SMALL if cut short */
  verify(): void {
    if (this.closed) throw closedError(this.#title);
    this.#window.verify();
  }

  /** Lets go here and empties what was handed out. Asynchronous zlib and crypto over it must be over: give those a copy. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#range = undefined;
    if (!this.#isPart) this.#window.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #memory(): MemoryRange {
    if (this.closed) throw closedError(this.#title);
    if (this.#range === undefined || this.#generation !== this.#window.generation) {
      this.#generation = this.#window.generation;
      this.#range = subrange(this.#window.range, this.#start, this.#length);
    }
    return this.#range;
  }

  static {
    Object.defineProperties(MappedView.prototype, {
      [rangeOf]: {
        get(this: MappedView) {
          return this.#memory;
        },
      },
      [inspect.custom]: {
        value(this: MappedView) {
          return describeView(this);
        },
      },
    });
  }

  get #title(): string {
    return `view of "${this.name}"`;
  }

  #part(range: ByteRange): Required<ByteRange> {
    if (this.closed) throw closedError(this.#title);
    return checkRange(range, this.#length);
  }

  /** Copies in where the memory cannot be looked at. */
  #put(byteOffset: number, bytes: Uint8Array): void {
    if (this.#window.access === 'read') throw readOnlyError(this.#title);
    this.#window.region.copyIn(this.#inRegion(byteOffset), bytes);
  }

  #inRegion(byteOffset: number): number {
    return this.#window.lead + this.#start + byteOffset;
  }

  #writable(): MemoryRange {
    const range = this.#memory;
    if (this.#window.access === 'read') throw readOnlyError(this.#title);
    return range;
  }
}

/** The floors above reach the memory itself, and respect `access`. */
// biome-ignore lint/correctness/noUnusedVariables: merged declarations have the same type parameters
export interface MappedView<A extends Access = Access> extends MemorySource {}
