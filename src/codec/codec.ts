import type { Memory } from '../base/memory.ts';
import type { Form } from './form.ts';

/** Where a codec keeps what the other codecs need to know of it. Never exported from `index.ts`. */
export const formOf: unique symbol = Symbol('mapfile.form');

declare const valueType: unique symbol;
declare const liveType: unique symbol;
declare const inputType: unique symbol;

/**
 * A description of bytes: how large they are, how they are aligned, what they mean.
 *
 * Codecs are inert values; making one reads and writes no memory.
 *
 * @typeParam T what {@link read} gives: a copy
 * @typeParam Live what {@link live} gives: an object (or, for a scalar, a box of one `value`) that IS the memory
 * @typeParam Input what {@link write} takes
 */
export interface Codec<out T, out Live = T, in Input = T> {
  /** The C `sizeof`, in bytes; a `flexible` member counts as nothing. */
  readonly byteLength: number;
  /** The C `alignof`, in bytes. Memory may still stand at any offset: reads and writes need no alignment. */
  readonly byteAlignment: number;
  /** The type's name: `i32`, `char[20]`, `student`. */
  readonly name: string;
  /**
   * 16 hexadecimal digits that change when the layout or a name changes, and are the same on every platform for the
   * same bytes.
   */
  readonly fingerprint: string;

  /**
   * The byte offset of a member, like C's `offsetof`.
   *
   * @param path `name`, `pos.x`, `students[2].scores[3]`
   * @throws TypeError for a path that names nothing, or a bit-field that does not start at a byte
   */
  offsetOf(path: string): number;
  /** The offset of a member in bits, counted from the lowest bit of byte 0. For bit-fields and everything else. */
  bitOffsetOf(path: string): number;
  /** A table of the layout, padding included, as compilers print it. */
  describe(): string;

  /**
   * A copy of the value in `memory`.
   *
   * Other processes may write while this reads: a value of several fields can be torn. `MapFile.read` is never torn.
   *
   * @param byteOffset where the value starts, from the start of `memory`; 0 by default
   * @throws RangeError if the memory is too short
   */
  read(memory: Memory, byteOffset?: number): T;
  /**
   * Stores a whole value. Everything is checked first: a call that throws has written nothing.
   *
   * @throws RangeError | TypeError naming the path, the value and what was expected
   * @throws TypeError ERR_READ_ONLY if the memory may not be written
   */
  write(memory: Memory, byteOffset: number, value: Input): void;
  /**
   * The object that is the memory: its properties read and write the bytes themselves. Over read-only memory every
   * store throws ERR_READ_ONLY.
   *
   * @throws RangeError if the memory is too short
   */
  live(memory: Memory, byteOffset?: number): Live;

  readonly [valueType]?: () => T;
  readonly [liveType]?: () => Live;
  readonly [inputType]?: (value: Input) => void;
  /** @internal */
  readonly [formOf]: Form;
}

/** Any codec. */
export type AnyCodec = Codec<unknown, unknown, never>;

/**
 * What `read` gives for a codec.
 *
 * @example
 * ```ts
 * import { array, i16, i32, type Infer, struct } from 'mapfile/codec';
 *
 * const Point = struct('point', { x: i32, y: i32, tags: array(i16, 2) });
 * type Point = Infer<typeof Point>; // { x: number; y: number; tags: number[] }
 * const point: Point = Point.read(new Uint8Array(12));
 * console.log(point.x); // 0
 * ```
 */
export type Infer<C> = C extends { readonly [valueType]?: () => infer T } ? T : never;

/**
 * What `live` gives over memory that may be written; see `InferReadonlyLive` for the other.
 *
 * @example
 * ```ts
 * import { i32, type InferLive, struct } from 'mapfile/codec';
 *
 * const Point = struct('point', { x: i32, y: i32 });
 * const right = (point: InferLive<typeof Point>, by: number) => {
 *   point.x += by;
 * };
 * const point = Point.live(new Uint8Array(8));
 * right(point, 5);
 * console.log(point.x); // 5
 * ```
 */
export type InferLive<C> = C extends abstract new (
  ...args: never
) => infer Instance
  ? Instance
  : C extends { readonly [liveType]?: () => infer Live }
    ? Live
    : never;

/**
 * What `write` takes: as {@link Infer}, but readonly, arrays as any array-like (typed and live ones too), enumerations by
 * name or number, sections optional.
 *
 * @example
 * ```ts
 * import { array, i16, type InferInput, struct } from 'mapfile/codec';
 *
 * const Row = struct('row', { cells: array(i16, 2) });
 * const input: InferInput<typeof Row> = { cells: Int16Array.of(1, 2) };
 * Row.write(new Uint8Array(4), 0, input);
 * ```
 */
export type InferInput<C> = C extends { readonly [inputType]?: (value: infer Input) => void } ? Input : never;
