import { booleanForm } from './boolean-form.ts';
import type { Codec } from './codec.ts';
import type { IntegerBits, IntegerCodec } from './integer-types.ts';
import { integerCodec, makeCodec } from './make-codec.ts';
import { safeForm } from './safe-integer.ts';
import { numberForm, type ScalarKind } from './scalar-form.ts';

/** A codec whose values are one JavaScript value; live it is a box with a `value`. */
export type ScalarCodec<T> = Codec<T, ScalarBox<T>, T>;

/** What `live` gives for a scalar that stands alone; as a struct member it is a plain property. */
export interface ScalarBox<T> {
  value: T;
}

function integer<T, Bits extends IntegerBits>(kind: ScalarKind): IntegerCodec<T, Bits> {
  return integerCodec(numberForm(kind));
}

function number(kind: ScalarKind, littleEndian = true): ScalarCodec<number> {
  return makeCodec(numberForm(kind, littleEndian));
}

function bigint(kind: 'i64' | 'u64', littleEndian: boolean): ScalarCodec<bigint> {
  return makeCodec(numberForm(kind, littleEndian));
}

/** A signed 8-bit integer. */
export const i8: IntegerCodec<number, 8> = integer('i8');

/** An unsigned 8-bit integer. */
export const u8: IntegerCodec<number, 8> = integer('u8');

/** A signed 16-bit integer. */
export const i16: IntegerCodec<number, 16> = integer('i16');

/** An unsigned 16-bit integer. */
export const u16: IntegerCodec<number, 16> = integer('u16');

/** A signed 32-bit integer. */
export const i32: IntegerCodec<number, 32> = integer('i32');

/** An unsigned 32-bit integer. */
export const u32: IntegerCodec<number, 32> = integer('u32');

/** A 32-bit IEEE floating-point number; a value that has no exact form is rounded as by Math.fround. */
export const f32: ScalarCodec<number> = number('f32');

/** A 64-bit IEEE floating-point number. */
export const f64: ScalarCodec<number> = number('f64');

/** A signed 64-bit integer, as a bigint. See {@link i64Number} for a number. */
export const i64: IntegerCodec<bigint, 64> = integer('i64');

/** An unsigned 64-bit integer, as a bigint. See {@link u64Number} for a number. */
export const u64: IntegerCodec<bigint, 64> = integer('u64');

/** {@link i16} with the most significant byte first, as networks send it. */
export const i16be: ScalarCodec<number> = number('i16', false);

/** {@link u16} with the most significant byte first, as networks send it. */
export const u16be: ScalarCodec<number> = number('u16', false);

/** {@link i32} with the most significant byte first, as networks send it. */
export const i32be: ScalarCodec<number> = number('i32', false);

/** {@link u32} with the most significant byte first, as networks send it. */
export const u32be: ScalarCodec<number> = number('u32', false);

/** {@link f32} with the most significant byte first, as networks send it. */
export const f32be: ScalarCodec<number> = number('f32', false);

/** {@link f64} with the most significant byte first, as networks send it. */
export const f64be: ScalarCodec<number> = number('f64', false);

/** {@link i64} with the most significant byte first. */
export const i64be: ScalarCodec<bigint> = bigint('i64', false);

/** {@link u64} with the most significant byte first. */
export const u64be: ScalarCodec<bigint> = bigint('u64', false);

/**
 * A signed 64-bit integer as a number: a bigint costs an allocation, this does not.
 *
 * @throws RangeError when a value outside ±(2^53 - 1) is read or written
 */
export const i64Number: IntegerCodec<number, 64> = integerCodec(safeForm('i64', 'i64Number'));

/**
 * An unsigned 64-bit integer as a number.
 *
 * @throws RangeError when a value above 2^53 - 1 is read or written
 */
export const u64Number: IntegerCodec<number, 64> = integerCodec(safeForm('u64', 'u64Number'));

/** C++ `bool`: one byte, 0 is false, anything else true. */
export const bool8: IntegerCodec<boolean, 8> = integerCodec(booleanForm('u8', 'bool8'));

/** Win32 `BOOL` and C programs that use `int`: four bytes, 0 is false, anything else true. */
export const bool32: IntegerCodec<boolean, 32> = integerCodec(booleanForm('i32', 'bool32'));
