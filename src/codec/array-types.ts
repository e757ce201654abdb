/** Any typed array that can stand over numbers of a mapping. */
export type NumberTypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/**
 * A live array of numbers over memory that may be written.
 *
 * A real typed array over the memory where the numbers stand at a multiple of their size; elsewhere a
 * {@link MemoryArray}, which can be indexed too but is fast through `get(i)` and `set(i, value)` only.
 */
export type LiveNumbers<V extends number | bigint> =
  | (V extends bigint ? BigInt64Array | BigUint64Array : NumberTypedArray)
  | MemoryArray<V>;

/** A live array of numbers over memory that may only be read: no store leads through it. */
export interface ReadonlyMemoryArray<V> extends Iterable<V> {
  readonly length: number;
  /** Element `index`; negative counts from the end. */
  at(index: number): V | undefined;
  /** Element `index`, at the speed of a DataView. */
  get(index: number): V | undefined;
  /** The same by a proxy, some 50 times slower than {@link get}. */
  readonly [index: number]: V;
  /** A copy. */
  toArray(): V[];
  toJSON(): unknown[];
}

/** A live array of numbers at an address that no typed array can start at. */
export interface MemoryArray<V> extends ReadonlyMemoryArray<V> {
  [index: number]: V;
  /** @throws RangeError for an index outside, or a value that the element cannot hold */
  set(index: number, value: V): void;
  /** As typed arrays do: stores all of `source` from `index` on. */
  set(source: ArrayLike<V>, index?: number): void;
  /** As typed arrays do: stores `value` into elements `start` to `end`. */
  fill(value: V, start?: number, end?: number): this;
}

/** A live array of anything else: structs (whose elements are live objects, made once), strings, arrays. */
export interface LiveArray<Live, T, Input> extends Iterable<Live> {
  readonly length: number;
  /** Element `index`; negative counts from the end. */
  at(index: number): Live | undefined;
  /** Element `index`. */
  get(index: number): Live | undefined;
  /** The same by a proxy: slower. */
  readonly [index: number]: Live;
  /** Stores a whole element. */
  set(index: number, value: Input): void;
  /** Copies of the elements. */
  toArray(): T[];
  toJSON(): unknown[];
}

/** What is written to an array: any array-like object of its elements, a typed array or a live array too. */
export interface ListInput<Input> extends ArrayLike<Input> {
  /** Shuts out strings, which are array-likes of strings. */
  readonly charAt?: never;
}

/** {@link LiveArray} over memory that may only be read. */
export type ReadonlyLiveArray<Live, T> = Omit<LiveArray<Live, T, never>, 'set'> &
  Iterable<Live> & { readonly [index: number]: Live };
