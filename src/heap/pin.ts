import { knownOptions } from '../base/known-options.ts';
import { show } from '../base/show.ts';
import type { AnyCodec, Codec, Infer, InferInput, InferLive } from '../codec/codec.ts';
import { HEAD_UNITS, UNIT_BYTES } from './block-layout.ts';
import { type BlockHandle, generationOfHandle, packHandle, pinnedIndex } from './handle-layout.ts';
import { checkFlag, checkView, noByte } from './heap-arguments.ts';
import type { HeapCore } from './heap-core.ts';
import { tooSmall } from './heap-errors.ts';

/** How a view of a pinned block is made. */
export interface ViewOptions {
  /** In a buffer of its own, that is detached with the pin. */
  readonly isolated?: boolean;
}

/**
 * A block that cannot move: the "lock" of a movable heap. It does not keep other participants from reading and writing the
 * block; use a Mutex in it for that. Nor can the block be freed or resized, by anyone, before the last pin is gone.
 *
 * Offsets are bytes from the start of the block. After {@link unpin} every member throws.
 *
 * @example
 * ```ts
 * import { SharedHeap } from 'mapfile';
 *
 * const heap = SharedHeap.create(new ArrayBuffer(65536));
 * const block = heap.allocate(64);
 * const pin = heap.pin(block);
 * try {
 *   pin.set(0, 42);
 *   console.log(pin.get(0)); // 42
 * } finally {
 *   pin.unpin();
 * }
 * ```
 */
export class Pin {
  /** The size of the block in bytes. */
  readonly byteLength: number;
  readonly #core: HeapCore;
  readonly #start: number;
  // Two integers, for a field with a number that is none would be an object of its own.
  readonly #index: number;
  readonly #generation: number;
  #number: number;
  #view: DataView | undefined;
  #buffer: ArrayBuffer | undefined;

  /** @internal */
  constructor(core: HeapCore, handle: BlockHandle) {
    const { quick } = core;
    this.#core = core;
    this.#number = core.pin(handle);
    this.#index = pinnedIndex(handle);
    this.#generation = generationOfHandle(handle);
    this.#start = (quick.pinnedUnit + HEAD_UNITS) * UNIT_BYTES;
    this.byteLength = quick.pinnedBytes;
  }

  /** The block that it holds. */
  get handle(): BlockHandle {
    return packHandle(this.#index, this.#generation);
  }

  /** Whether it still holds the block. */
  get pinned(): boolean {
    return this.#number !== 0 && this.#core.joined;
  }

  /**
   * A byte.
   * @throws RangeError outside the block, TypeError ERR_CLOSED after `unpin()`
   */
  get(byteOffset: number): number {
    return this.#core.memory.bytes[this.place(byteOffset, 1)]!;
  }

  /**
   * Stores a byte, an integer from 0 to 255.
   * @throws RangeError for another number or outside the block, TypeError ERR_CLOSED after `unpin()`
   */
  set(byteOffset: number, byte: number): void {
    if (typeof byte !== 'number' || (byte & 255) !== byte) throw noByte(byte);
    this.#core.memory.bytes[this.place(byteOffset, 1)] = byte;
  }

  /** A copy of the value at `byteOffset`. @throws RangeError, TypeError ERR_CLOSED */
  read<T>(codec: Codec<T, unknown, never>, byteOffset = 0): T {
    const at = this.place(byteOffset, codec?.byteLength);
    return codec.read(this.#core.memory.dataView, at);
  }

  /** Stores a value at `byteOffset`. @throws RangeError, TypeError ERR_CLOSED, what the codec throws */
  write<Input>(codec: Codec<unknown, unknown, Input>, byteOffset: number, value: Input): void {
    const at = this.place(byteOffset, codec?.byteLength);
    codec.write(this.#core.memory.dataView, at, value);
  }

  /**
   * Copies the block, from `byteOffset` on, into `target`: as many bytes as both have. Answers how many.
   * @throws RangeError, TypeError ERR_CLOSED
   */
  copyTo(target: ArrayBufferView, byteOffset = 0): number {
    checkView('copy a block to', target);
    const start = this.place(byteOffset, 0);
    const length = Math.min(target.byteLength, this.byteLength - byteOffset);
    bytesOf(target).set(this.#core.memory.bytes.subarray(start, start + length));
    return length;
  }

  /** Copies all of `source` into the block at `byteOffset`. @throws RangeError if it does not fit, TypeError ERR_CLOSED */
  copyFrom(source: ArrayBufferView, byteOffset = 0): void {
    checkView('fill a block from', source);
    this.#core.memory.bytes.set(bytesOf(source), this.place(byteOffset, source.byteLength));
  }

  /** Sets bytes, all by default. @throws RangeError, TypeError ERR_CLOSED */
  fill(byte: number, byteOffset = 0, byteLength?: number): void {
    if (typeof byte !== 'number' || (byte & 255) !== byte) throw noByte(byte);
    const start = this.place(byteOffset, byteLength === undefined ? 0 : checkedLength(byteLength));
    this.#core.memory.bytes.fill(byte, start, start + (byteLength ?? this.byteLength - byteOffset));
  }

  /**
   * The block as a DataView, made at the first call. **Unguarded**: it outlives the pin, and then shows whatever has moved
   * there; drop it before `unpin()`. With `isolated` it has a buffer of its own, which `unpin()` and `close()` detach, so that
   * later use throws; making that costs about a microsecond, and the heap must have been opened by name.
   *
   * @throws TypeError ERR_CLOSED after `unpin()`; for `isolated` over memory of the caller's
   */
  dataView(options?: ViewOptions): DataView {
    const start = this.place(0, this.byteLength);
    if (options !== undefined && isIsolated(options)) return new DataView(this.#isolate());
    const { buffer, byteOffset } = this.#core.memory.dataView;
    this.#view ??= new DataView(buffer, byteOffset + start, this.byteLength);
    return this.#view;
  }

  /** The block as bytes; **unguarded** like {@link dataView}, or with `isolated` empty after `unpin()`. @throws as `dataView` */
  bytes(options?: ViewOptions): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.dataView(options);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  /** Lets the block move again. What was written before is seen by whoever pins it next. Harmless when done already. */
  unpin(): void {
    const core = this.#core;
    const number = this.#number;
    if (number === 0) return;
    if (this.#buffer !== undefined) core.isolated!.take(this.#buffer);
    if (core.joined) core.pins.unset(number);
    this.#number = 0;
  }

  /** {@link unpin}, for `using`. */
  [Symbol.dispose](): void {
    this.unpin();
  }

  #isolate(): ArrayBuffer {
    const { isolated, memory } = this.#core;
    if (!isolated) throw new TypeError("Cannot isolate a block: its memory is the caller's, open the heap by name");
    this.#buffer ??= isolated.make(memory.bytes.subarray(this.#start, this.#start + this.byteLength));
    return this.#buffer;
  }

  /**
   * Where in the heap's memory the bytes stand.
   * @internal
   */
  protected place(byteOffset: number, byteLength: number): number {
    // Unsigned 32-bit numbers are all that a block has; whatever else was passed becomes another number.
    const isInside =
      typeof byteOffset === 'number' &&
      byteOffset >>> 0 === byteOffset &&
      byteLength >= 0 &&
      byteOffset + byteLength <= this.byteLength;
    if (!isInside || !this.pinned) throw this.#refusal(byteOffset, byteLength);
    return this.#start + byteOffset;
  }

  #refusal(byteOffset: number, byteLength: number): TypeError | RangeError {
    return this.pinned ? outside(this, byteOffset, byteLength) : unpinned(this.handle);
  }

  /** @internal */
  protected get memory(): DataView {
    return this.#core.memory.dataView;
  }
}

/** A {@link Pin} of a block that holds one value. */
export class TypedPin<T, Live = T, Input = T> extends Pin {
  readonly #codec: Codec<T, Live, Input>;

  /** @internal */
  constructor(core: HeapCore, handle: BlockHandle, codec: Codec<T, Live, Input>) {
    super(core, handle);
    this.#codec = codec;
    if (codec.byteLength <= this.byteLength) return;
    this.unpin();
    throw tooSmall(handle, this.byteLength, codec);
  }

  /** The value: reading copies it out, assigning stores it. @throws TypeError ERR_CLOSED after `unpin()` */
  get value(): T {
    return this.#codec.read(this.memory, this.place(0, this.#codec.byteLength));
  }

  set value(value: Input) {
    this.#codec.write(this.memory, this.place(0, this.#codec.byteLength), value);
  }

  /**
   * The object that is the block: its properties read and write the bytes themselves. **Unguarded** like {@link dataView}.
   * @throws TypeError ERR_CLOSED after `unpin()`
   */
  live(): Live {
    return this.#codec.live(this.memory, this.place(0, this.#codec.byteLength));
  }
}

/** The pin of a block that holds a value of that codec, which may be a class of `structClass`. */
export type PinOf<C extends AnyCodec> = TypedPin<Infer<C>, InferLive<C>, InferInput<C>>;

/** Unpins when `fn` has returned, or its Promise is settled. */
export function whilePinned<P extends Pin, R>(pin: P, fn: (pin: P) => R): R {
  let settled = true;
  try {
    if (typeof fn !== 'function') throw new TypeError('Cannot hold a block while nothing runs: pass a function');
    const result = fn(pin);
    if (!(result instanceof Promise)) return result;
    settled = false;
    return result.finally(() => pin.unpin()) as R;
  } finally {
    if (settled) pin.unpin();
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function outside({ handle, byteLength: has }: Pin, byteOffset: unknown, byteLength: unknown): TypeError | RangeError {
  if (typeof byteLength !== 'number') return new TypeError(`Cannot reach into block ${handle}: pass a codec`);
  if (typeof byteOffset !== 'number') {
    return new TypeError(`Cannot reach offset ${show(byteOffset)} of block ${handle}: pass a number`);
  }
  const what = byteLength === 0 ? `offset ${byteOffset}` : `${byteLength} bytes at ${byteOffset}`;
  return new RangeError(`Cannot reach ${what} of block ${handle}: it has ${has} bytes`);
}

/** @throws TypeError, RangeError */
function checkedLength(byteLength: number): number {
  if (typeof byteLength !== 'number') throw new TypeError(`Cannot fill ${show(byteLength)} bytes: pass a number`);
  if (Number.isSafeInteger(byteLength) && byteLength >= 0) return byteLength;
  throw new RangeError(`Cannot fill ${byteLength} bytes: it must be an integer of 0 or more`);
}

/** @throws TypeError */
function isIsolated(options: ViewOptions): boolean {
  const { isolated } = knownOptions('view a block', options, ['isolated']);
  checkFlag('isolated', isolated);
  return isolated === true;
}

function unpinned(handle: BlockHandle): TypeError {
  const message = `Cannot use the pin of block ${handle}: it was given up, pin the block again`;
  return Object.assign(new TypeError(message), { code: 'ERR_CLOSED' as const });
}
