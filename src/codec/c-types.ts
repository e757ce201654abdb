import { type Abi, abiFacts, hostAbi } from './abi.ts';
import type { StringCodec } from './char.ts';
import type { IntegerBits, IntegerCodec } from './integer-types.ts';
import { integerCodec, makeCodec } from './make-codec.ts';
import { pointerOn, wordOn } from './pointer.ts';
import { safeForm } from './safe-integer.ts';
import { numberForm, type ScalarKind } from './scalar-form.ts';
import { bool8, type ScalarCodec } from './scalars.ts';
import type { StringOptions } from './string-form.ts';
import { wcharOn } from './wide-strings.ts';

/** C's own types by their C names, with the sizes of one ABI. Sizes: msvc64 / msvc32 / sysv64 / sysv32. */
export interface CTypes {
  /** One byte, signed on the x86 and Apple compilers; for text see `char(n)`. 1 / 1 / 1 / 1. */
  readonly char: IntegerCodec<number, 8>;
  /** 1 / 1 / 1 / 1. */
  readonly signed_char: IntegerCodec<number, 8>;
  /** 1 / 1 / 1 / 1. */
  readonly unsigned_char: IntegerCodec<number, 8>;
  /** 2 / 2 / 2 / 2. */
  readonly short: IntegerCodec<number, 16>;
  /** 2 / 2 / 2 / 2. */
  readonly unsigned_short: IntegerCodec<number, 16>;
  /** 4 / 4 / 4 / 4. */
  readonly int: IntegerCodec<number, 32>;
  /** 4 / 4 / 4 / 4. */
  readonly unsigned_int: IntegerCodec<number, 32>;
  /** 4 / 4 / 8 / 4: a number on every ABI, so that one source serves all; throws outside ±(2^53 - 1). */
  readonly long: IntegerCodec<number, 32 | 64>;
  /** 4 / 4 / 8 / 4, as a number. */
  readonly unsigned_long: IntegerCodec<number, 32 | 64>;
  /** 8 / 8 / 8 / 8, as a bigint; sysv32 aligns it to 4. */
  readonly long_long: IntegerCodec<bigint, 64>;
  /** 8 / 8 / 8 / 8, as a bigint; sysv32 aligns it to 4. */
  readonly unsigned_long_long: IntegerCodec<bigint, 64>;
  /** 4 / 4 / 4 / 4. */
  readonly float: ScalarCodec<number>;
  /** 8 / 8 / 8 / 8; sysv32 aligns it to 4. */
  readonly double: ScalarCodec<number>;
  /** `_Bool`, C++ `bool`. 1 / 1 / 1 / 1. */
  readonly bool: IntegerCodec<boolean, 8>;
  /** `int8_t`. 1 / 1 / 1 / 1. */
  readonly int8_t: IntegerCodec<number, 8>;
  /** `uint8_t`. 1 / 1 / 1 / 1. */
  readonly uint8_t: IntegerCodec<number, 8>;
  /** `int16_t`. 2 / 2 / 2 / 2. */
  readonly int16_t: IntegerCodec<number, 16>;
  /** `uint16_t`. 2 / 2 / 2 / 2. */
  readonly uint16_t: IntegerCodec<number, 16>;
  /** `int32_t`. 4 / 4 / 4 / 4. */
  readonly int32_t: IntegerCodec<number, 32>;
  /** `uint32_t`. 4 / 4 / 4 / 4. */
  readonly uint32_t: IntegerCodec<number, 32>;
  /** `int64_t`. 8 / 8 / 8 / 8, as a bigint; sysv32 aligns it to 4. */
  readonly int64_t: IntegerCodec<bigint, 64>;
  /** `uint64_t`. 8 / 8 / 8 / 8, as a bigint; sysv32 aligns it to 4. */
  readonly uint64_t: IntegerCodec<bigint, 64>;
  /** 8 / 4 / 8 / 4, as a number. */
  readonly size_t: IntegerCodec<number, 32 | 64>;
  /** 8 / 4 / 8 / 4, as a number. */
  readonly ssize_t: IntegerCodec<number, 32 | 64>;
  /** 8 / 4 / 8 / 4, as a number. */
  readonly ptrdiff_t: IntegerCodec<number, 32 | 64>;
  /** 8 / 4 / 8 / 4, as a bigint. */
  readonly intptr_t: IntegerCodec<bigint, 32 | 64>;
  /** 8 / 4 / 8 / 4, as a bigint. */
  readonly uintptr_t: IntegerCodec<bigint, 32 | 64>;
  /** Any `T *`. 8 / 4 / 8 / 4, as a bigint. */
  readonly pointer: ScalarCodec<bigint>;
  /** One `wchar_t` as its number. 2 / 2 / 4 / 4. */
  readonly wchar_t: IntegerCodec<number, 16 | 32>;
  /** `char16_t`. 2 / 2 / 2 / 2. */
  readonly char16_t: IntegerCodec<number, 16>;
  /** `char32_t`. 4 / 4 / 4 / 4. */
  readonly char32_t: IntegerCodec<number, 32>;
  /** `wchar_t name[length]` as text: UTF-16 under Microsoft's ABIs, UTF-32 elsewhere. */
  wchar(length: number, options?: StringOptions): StringCodec;
}

/** The C types of an ABI. */
export function cTypes(abi: Abi): CTypes {
  const { long, pointer, wchar, microsoft } = abiFacts[abi];
  const integer = <Bits extends IntegerBits>(kind: ScalarKind, label: string, bound?: Abi) =>
    integerCodec<number, Bits>(numberForm(kind, true, label, bound));
  const wide = (bytes: 4 | 8, signed: boolean, label: string): IntegerCodec<number, 32 | 64> =>
    bytes === 8
      ? integerCodec(safeForm(signed ? 'i64' : 'u64', label, abi))
      : integer(signed ? 'i32' : 'u32', label, abi);
  return {
    char: integer('i8', 'char'),
    signed_char: integer('i8', 'signed_char'),
    unsigned_char: integer('u8', 'unsigned_char'),
    short: integer('i16', 'short'),
    unsigned_short: integer('u16', 'unsigned_short'),
    int: integer('i32', 'int'),
    unsigned_int: integer('u32', 'unsigned_int'),
    long: wide(long, true, 'long'),
    unsigned_long: wide(long, false, 'unsigned_long'),
    long_long: integerCodec(numberForm('i64', true, 'long_long', abi)),
    unsigned_long_long: integerCodec(numberForm('u64', true, 'unsigned_long_long', abi)),
    float: makeCodec(numberForm('f32', true, 'float')),
    double: makeCodec(numberForm('f64', true, 'double', abi)),
    bool: bool8,
    int8_t: integer('i8', 'int8_t'),
    uint8_t: integer('u8', 'uint8_t'),
    int16_t: integer('i16', 'int16_t'),
    uint16_t: integer('u16', 'uint16_t'),
    int32_t: integer('i32', 'int32_t'),
    uint32_t: integer('u32', 'uint32_t'),
    int64_t: integerCodec(numberForm('i64', true, 'int64_t', abi)),
    uint64_t: integerCodec(numberForm('u64', true, 'uint64_t', abi)),
    size_t: wide(pointer, false, 'size_t'),
    ssize_t: wide(pointer, true, 'ssize_t'),
    ptrdiff_t: wide(pointer, true, 'ptrdiff_t'),
    intptr_t: wordOn(abi, 'intptr_t', true),
    uintptr_t: wordOn(abi, 'uintptr_t'),
    pointer: pointerOn(abi),
    wchar_t: integer(wchar === 2 ? 'u16' : microsoft ? 'u32' : 'i32', 'wchar_t', abi),
    char16_t: integer('u16', 'char16_t'),
    char32_t: integer('u32', 'char32_t'),
    wchar: wcharOn(abi),
  };
}

/**
 * {@link CTypes} of this machine; take `target('msvc64').c` for those of a 64-bit Windows program elsewhere.
 *
 * @example
 * ```ts
 * import { c, target } from 'mapfile/codec';
 *
 * console.log(c.int.byteLength, target('msvc64').c.long.byteLength, target('sysv64').c.long.byteLength); // 4 4 8
 * ```
 */
export const c: CTypes = cTypes(hostAbi);
