import { type Abi, abiFacts } from './abi.ts';
import { aligned } from './aligned.ts';
import { array } from './array.ts';
import { atomic } from './atomic.ts';
import { bits } from './bits.ts';
import { bytes } from './bytes.ts';
import { type CTypes, cTypes } from './c-types.ts';
import { char } from './char.ts';
import type { AnyCodec } from './codec.ts';
import { defineCodec } from './define-codec.ts';
import { enumeration } from './enumeration.ts';
import { at, layout } from './explicit-layout.ts';
import { flexible } from './flexible.ts';
import { formIn, makeCodec } from './make-codec.ts';
import { padding } from './padding.ts';
import { pointerOn } from './pointer.ts';
import type { RecordOptions } from './record.ts';
import type { Fields, StructCodec, UnionCodec } from './record-types.ts';
import type { ScalarCodec } from './scalars.ts';
import * as scalars from './scalars.ts';
import { section } from './section.ts';
import { structOn } from './struct.ts';
import { json, text } from './text.ts';
import { anonymous, unionOn } from './union.ts';
import { char16, utf16, utf32 } from './wide-strings.ts';
import { type WinTypes, winTypes } from './win-types.ts';

type Scalars = Pick<
  typeof scalars,
  | 'i8'
  | 'u8'
  | 'i16'
  | 'u16'
  | 'i32'
  | 'u32'
  | 'i64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'bool8'
  | 'bool32'
  | 'i64Number'
  | 'u64Number'
  | 'i16be'
  | 'u16be'
  | 'i32be'
  | 'u32be'
  | 'i64be'
  | 'u64be'
  | 'f32be'
  | 'f64be'
>;

/** Everything that makes codecs, bound to one ABI. */
export interface Target extends Scalars {
  readonly abi: Abi;
  struct<const F extends Fields>(name: string, fields: F, options?: RecordOptions): StructCodec<F>;
  union<const F extends Fields>(name: string, members: F, options?: RecordOptions): UnionCodec<F>;
  readonly pointer: ScalarCodec<bigint>;
  readonly c: CTypes;
  readonly win: WinTypes;
  readonly layout: typeof layout;
  readonly at: typeof at;
  readonly array: typeof array;
  readonly aligned: typeof aligned;
  readonly anonymous: typeof anonymous;
  readonly atomic: typeof atomic;
  readonly bits: typeof bits;
  readonly bytes: typeof bytes;
  readonly char: typeof char;
  readonly char16: typeof char16;
  readonly defineCodec: typeof defineCodec;
  readonly enumeration: typeof enumeration;
  readonly flexible: typeof flexible;
  readonly json: typeof json;
  readonly padding: typeof padding;
  readonly section: typeof section;
  readonly text: typeof text;
  readonly utf16: typeof utf16;
  readonly utf32: typeof utf32;
}

const targets = new Map<Abi, Target>();

/**
 * The whole set of codecs for one ABI, whatever machine this is: a Windows program's layout under Proton, a 32-bit
 * program's structs from a 64-bit process. `msvc64` and `msvc32` follow Microsoft's rules, `sysv64` and `sysv32` those of
 * GCC and Clang on Linux and macOS.
 *
 * A struct of one target cannot be a member of another's: that is a TypeError.
 *
 * @throws TypeError for an unknown ABI
 *
 * @example
 * ```ts
 * import { target } from 'mapfile/codec';
 *
 * const { struct, c, win } = target('msvc32');
 * const Header = struct('header', { size: win.SIZE_T, window: win.HWND, id: c.long, title: c.wchar(8) });
 * console.log(Header.byteLength); // 28: 4 + 4 + 4 + 2 * 8
 * ```
 */
export function target(abi: Abi): Target {
  if (!Object.hasOwn(abiFacts, abi)) {
    throw new TypeError(`Cannot target ${String(abi)}: expected one of ${Object.keys(abiFacts).join(', ')}`);
  }
  let made = targets.get(abi);
  if (!made) {
    made = makeTarget(abi);
    targets.set(abi, made);
  }
  return made;
}

function makeTarget(abi: Abi): Target {
  const { i8, u8, i16, u16, i32, u32, f32, bool8, bool32, i16be, u16be, i32be, u32be, f32be } = scalars;
  // Their alignment depends on the ABI.
  const bound = <C extends AnyCodec>(codec: C) => makeCodec({ ...formIn(codec, 'target()'), abi }) as unknown as C;
  return Object.freeze({
    abi,
    struct: <const F extends Fields>(name: string, fields: F, options: RecordOptions = {}) =>
      structOn(abi, name, fields, options),
    union: <const F extends Fields>(name: string, members: F, options: RecordOptions = {}) =>
      unionOn(abi, name, members, options),
    i8,
    u8,
    i16,
    u16,
    i32,
    u32,
    f32,
    bool8,
    bool32,
    i16be,
    u16be,
    i32be,
    u32be,
    f32be,
    i64: bound(scalars.i64),
    u64: bound(scalars.u64),
    f64: bound(scalars.f64),
    i64be: bound(scalars.i64be),
    u64be: bound(scalars.u64be),
    f64be: bound(scalars.f64be),
    i64Number: bound(scalars.i64Number),
    u64Number: bound(scalars.u64Number),
    pointer: pointerOn(abi),
    c: cTypes(abi),
    win: winTypes(abi),
    layout,
    at,
    array,
    aligned,
    anonymous,
    atomic,
    bits,
    bytes,
    char,
    char16,
    defineCodec,
    enumeration,
    flexible,
    json,
    padding,
    section,
    text,
    utf16,
    utf32,
  });
}
