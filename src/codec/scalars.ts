import { booleanForm } from './boolean-form.ts';
import type { Codec, InferLive } from './codec.ts';
import type { IntegerBits, IntegerCodec } from './integer-types.ts';
import { integerCodec, makeCodec } from './make-codec.ts';
import { safeForm } from './safe-integer.ts';
import { numberForm, type ScalarKind } from './scalar-form.ts';

/** A codec whose values are one JavaScript value; live it is a box with a `value`. */
export type ScalarCodec<T, Input = T> = Codec<T, ScalarBox<T>, Input>;

declare const isBox: unique symbol;

/** What `live` gives for a scalar that stands alone; as a member or an element it is a plain value. */
export interface ScalarBox<T> {
  value: T;
  /** For types only: a struct whose one member is called `value` is no box. */
  readonly [isBox]: true;
}

/** What stands for a codec inside of another: a live object, of a scalar its value. */
export type InnerLive<C> = InferLive<C> extends ScalarBox<infer V> ? V : InferLive<C>;

function integer<T, Bits extends IntegerBits>(kind: ScalarKind): IntegerCodec<T, Bits> {
  return integerCodec(numberForm(kind));
}

function number(kind: ScalarKind, littleEndian = true): ScalarCodec<number> {
  return makeCodec(numberForm(kind, littleEndian));
}

function bigint(kind: 'i64' | 'u64', littleEndian: boolean): ScalarCodec<bigint> {
  return makeCodec(numberForm(kind, littleEndian));
}

/**
 * `int8_t`: signed, 8 bits, -128 to 127. 1 byte, aligned to 1. A number to read and to write.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const i8: IntegerCodec<number, 8> = integer('i8');

/**
 * `uint8_t`: unsigned, 8 bits, 0 to 255. 1 byte, aligned to 1. A number to read and to write.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const u8: IntegerCodec<number, 8> = integer('u8');

/**
 * `int16_t`: signed, 16 bits, -32768 to 32767. 2 bytes, aligned to 2. A number to read and to write.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const i16: IntegerCodec<number, 16> = integer('i16');

/**
 * `uint16_t`: unsigned, 16 bits, 0 to 65535. 2 bytes, aligned to 2. A number to read and to write.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const u16: IntegerCodec<number, 16> = integer('u16');

/**
 * `int32_t`: signed, 32 bits, -2^31 to 2^31 - 1. 4 bytes, aligned to 4. A number to read and to write.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 *
 * @example
 * ```ts
 * import { i32 } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(8);
 * i32.write(memory, 4, -2); // at any offset, aligned or not
 * const box = i32.live(memory, 4); // alone, a scalar is a box; as a member it is a plain property
 * box.value -= 1;
 * console.log(i32.read(memory, 4), i32.byteLength); // -3 4
 * ```
 */
export const i32: IntegerCodec<number, 32> = integer('i32');

/**
 * `uint32_t`: unsigned, 32 bits, 0 to 2^32 - 1. 4 bytes, aligned to 4. A number to read and to write.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const u32: IntegerCodec<number, 32> = integer('u32');

/**
 * `float`: a 32-bit IEEE 754 number. 4 bytes, aligned to 4. What has no exact form is rounded as by `Math.fround`; NaN,
 * the infinities and -0 keep their meaning.
 *
 * @throws TypeError from `write` for what is no number
 *
 * @example
 * ```ts
 * import { f32 } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(4);
 * f32.write(memory, 0, 0.1);
 * console.log(f32.read(memory) === Math.fround(0.1)); // true
 * ```
 */
export const f32: ScalarCodec<number> = number('f32');

/**
 * `double`: a 64-bit IEEE 754 number, as JavaScript's own. 8 bytes, aligned to 8 (`sysv32`: to 4).
 *
 * @throws TypeError from `write` for what is no number
 */
export const f64: ScalarCodec<number> = number('f64');

/**
 * `int64_t`: signed, 64 bits, -2^63 to 2^63 - 1. 8 bytes, aligned to 8 (`sysv32`: to 4). A bigint; {@link i64Number} is a number.
 *
 * @throws RangeError from `write` for a bigint out of range, TypeError for a number and everything else
 */
export const i64: IntegerCodec<bigint, 64> = integer('i64');

/**
 * `uint64_t`: unsigned, 64 bits, 0 to 2^64 - 1. 8 bytes, aligned to 8 (`sysv32`: to 4). A bigint; {@link u64Number} is a number.
 *
 * @throws RangeError from `write` for a bigint out of range, TypeError for a number and everything else
 *
 * @example
 * ```ts
 * import { u64, u64Number } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(8);
 * u64.write(memory, 0, 5n);
 * console.log(u64.read(memory), u64Number.read(memory)); // 5n 5
 * ```
 */
export const u64: IntegerCodec<bigint, 64> = integer('u64');

/**
 * {@link i16} with the most significant byte first, as networks send it. 2 bytes, aligned to 2.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const i16be: ScalarCodec<number> = number('i16', false);

/**
 * {@link u16} with the most significant byte first, as networks send it. 2 bytes, aligned to 2.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const u16be: ScalarCodec<number> = number('u16', false);

/**
 * {@link i32} with the most significant byte first, as networks send it. 4 bytes, aligned to 4.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const i32be: ScalarCodec<number> = number('i32', false);

/**
 * {@link u32} with the most significant byte first, as networks send it. 4 bytes, aligned to 4.
 *
 * @throws RangeError from `write` for a number out of range or with a fraction, TypeError for what is no number
 */
export const u32be: ScalarCodec<number> = number('u32', false);

/**
 * {@link f32} with the most significant byte first, as networks send it. 4 bytes, aligned to 4.
 *
 * @throws TypeError from `write` for what is no number
 */
export const f32be: ScalarCodec<number> = number('f32', false);

/**
 * {@link f64} with the most significant byte first, as networks send it. 8 bytes, aligned to 8 (`sysv32`: to 4).
 *
 * @throws TypeError from `write` for what is no number
 */
export const f64be: ScalarCodec<number> = number('f64', false);

/**
 * {@link i64} with the most significant byte first. 8 bytes, aligned to 8 (`sysv32`: to 4). A bigint.
 *
 * @throws RangeError from `write` for a bigint out of range, TypeError for everything else
 */
export const i64be: ScalarCodec<bigint> = bigint('i64', false);

/**
 * {@link u64} with the most significant byte first. 8 bytes, aligned to 8 (`sysv32`: to 4). A bigint.
 *
 * @throws RangeError from `write` for a bigint out of range, TypeError for everything else
 */
export const u64be: ScalarCodec<bigint> = bigint('u64', false);

/**
 * {@link i64} as a number: a bigint costs an allocation, this does not. 8 bytes, aligned to 8 (`sysv32`: to 4).
 *
 * @throws RangeError when a value outside ±(2^53 - 1) is read or written, or one with a fraction is written
 * @throws TypeError from `write` for what is no number
 */
export const i64Number: IntegerCodec<number, 64> = integerCodec(safeForm('i64', 'i64Number'));

/**
 * {@link u64} as a number. 8 bytes, aligned to 8 (`sysv32`: to 4).
 *
 * @throws RangeError when a value above 2^53 - 1 is read or written, or one below 0 or with a fraction is written
 * @throws TypeError from `write` for what is no number
 */
export const u64Number: IntegerCodec<number, 64> = integerCodec(safeForm('u64', 'u64Number'));

/**
 * C++ `bool`, C `_Bool`, Windows' BOOLEAN: 0 is false, anything else true; true is stored as 1. 1 byte.
 *
 * @throws TypeError from `write` for what is no boolean
 *
 * @example
 * ```ts
 * import { bool32, bool8 } from 'mapfile/codec';
 *
 * console.log(bool8.read(Uint8Array.of(2)), bool8.byteLength, bool32.byteLength); // true 1 4
 * ```
 */
export const bool8: IntegerCodec<boolean, 8> = integerCodec(booleanForm('u8', 'bool8'));

/**
 * Win32 BOOL, and C programs that use `int`: 0 is false, anything else true; true is stored as 1. 4 bytes, aligned to 4.
 *
 * @throws TypeError from `write` for what is no boolean
 */
export const bool32: IntegerCodec<boolean, 32> = integerCodec(booleanForm('i32', 'bool32'));
