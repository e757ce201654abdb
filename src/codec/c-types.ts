import { type Abi, abiFacts, hostAbi } from './abi.ts';
import type { StringCodec } from './char.ts';
import { makeCodec } from './make-codec.ts';
import { pointerOn } from './pointer.ts';
import { safeForm } from './safe-integer.ts';
import { numberForm } from './scalar-form.ts';
import { bool8, i64, type ScalarCodec, u64 } from './scalars.ts';
import type { StringOptions } from './string-form.ts';
import { wcharOn } from './wide-strings.ts';

/** C's own types by their C names, with the sizes of one ABI. Sizes: msvc64 / msvc32 / sysv64 / sysv32. */
export interface CTypes {
  /** One byte, signed on the x86 and Apple compilers; for text see `char(n)`. 1 / 1 / 1 / 1. */
  readonly char: ScalarCodec<number>;
  /** 1 / 1 / 1 / 1. */
  readonly signed_char: ScalarCodec<number>;
  /** 1 / 1 / 1 / 1. */
  readonly unsigned_char: ScalarCodec<number>;
  /** 2 / 2 / 2 / 2. */
  readonly short: ScalarCodec<number>;
  /** 2 / 2 / 2 / 2. */
  readonly unsigned_short: ScalarCodec<number>;
  /** 4 / 4 / 4 / 4. */
  readonly int: ScalarCodec<number>;
  /** 4 / 4 / 4 / 4. */
  readonly unsigned_int: ScalarCodec<number>;
  /** 4 / 4 / 8 / 4: a number on every ABI, so that one source serves all; throws outside ±(2^53 - 1). */
  readonly long: ScalarCodec<number>;
  /** 4 / 4 / 8 / 4, as a number. */
  readonly unsigned_long: ScalarCodec<number>;
  /** 8 / 8 / 8 / 8, as a bigint; sysv32 aligns it to 4. */
  readonly long_long: ScalarCodec<bigint>;
  /** 8 / 8 / 8 / 8, as a bigint; sysv32 aligns it to 4. */
  readonly unsigned_long_long: ScalarCodec<bigint>;
  /** 4 / 4 / 4 / 4. */
  readonly float: ScalarCodec<number>;
  /** 8 / 8 / 8 / 8; sysv32 aligns it to 4. */
  readonly double: ScalarCodec<number>;
  /** `_Bool`, C++ `bool`. 1 / 1 / 1 / 1. */
  readonly bool: ScalarCodec<boolean>;
  /** 8 / 4 / 8 / 4, as a number. */
  readonly size_t: ScalarCodec<number>;
  /** 8 / 4 / 8 / 4, as a number. */
  readonly ssize_t: ScalarCodec<number>;
  /** 8 / 4 / 8 / 4, as a number. */
  readonly ptrdiff_t: ScalarCodec<number>;
  /** 8 / 4 / 8 / 4, as a bigint. */
  readonly intptr_t: ScalarCodec<bigint>;
  /** 8 / 4 / 8 / 4, as a bigint. */
  readonly uintptr_t: ScalarCodec<bigint>;
  /** Any `T *`. 8 / 4 / 8 / 4, as a bigint. */
  readonly pointer: ScalarCodec<bigint>;
  /** One `wchar_t` as its number. 2 / 2 / 4 / 4. */
  readonly wchar_t: ScalarCodec<number>;
  /** `char16_t`. 2 / 2 / 2 / 2. */
  readonly char16_t: ScalarCodec<number>;
  /** `char32_t`. 4 / 4 / 4 / 4. */
  readonly char32_t: ScalarCodec<number>;
  /** `wchar_t name[length]` as text: UTF-16 under Microsoft's ABIs, UTF-32 elsewhere. */
  wchar(length: number, options?: StringOptions): StringCodec;
}

/** The C types of an ABI. */
export function cTypes(abi: Abi): CTypes {
  const { long, pointer, wchar, microsoft } = abiFacts[abi];
  const number = (kind: Parameters<typeof numberForm>[0], label: string, bound?: Abi) =>
    makeCodec<number, never, number>(numberForm(kind, true, label, bound)) as unknown as ScalarCodec<number>;
  const wide = (bytes: 4 | 8, signed: boolean, label: string): ScalarCodec<number> =>
    bytes === 8 ? makeCodec(safeForm(signed ? 'i64' : 'u64', label, abi)) : number(signed ? 'i32' : 'u32', label, abi);
  const intptr = signedPointer(abi);
  return {
    char: number('i8', 'char'),
    signed_char: number('i8', 'signed_char'),
    unsigned_char: number('u8', 'unsigned_char'),
    short: number('i16', 'short'),
    unsigned_short: number('u16', 'unsigned_short'),
    int: number('i32', 'int'),
    unsigned_int: number('u32', 'unsigned_int'),
    long: wide(long, true, 'long'),
    unsigned_long: wide(long, false, 'unsigned_long'),
    long_long: i64,
    unsigned_long_long: u64,
    float: number('f32', 'float'),
    double: number('f64', 'double'),
    bool: bool8,
    size_t: wide(pointer, false, 'size_t'),
    ssize_t: wide(pointer, true, 'ssize_t'),
    ptrdiff_t: wide(pointer, true, 'ptrdiff_t'),
    intptr_t: intptr,
    uintptr_t: pointerOn(abi, 'uintptr_t'),
    pointer: pointerOn(abi),
    wchar_t: number(wchar === 2 ? 'u16' : microsoft ? 'u32' : 'i32', 'wchar_t', abi),
    char16_t: number('u16', 'char16_t'),
    char32_t: number('u32', 'char32_t'),
    wchar: wcharOn(abi),
  };
}

function signedPointer(abi: Abi): ScalarCodec<bigint> {
  if (abiFacts[abi].pointer === 8) return makeCodec(numberForm('i64', true, 'intptr_t', abi));
  return pointerOn(abi, 'intptr_t', true);
}

/** {@link CTypes} of this machine. */
export const c: CTypes = cTypes(hostAbi);
