/** Codecs: what the bytes of shared memory mean. Pure, no operating system. */

export type { DataViewReader } from '../base/readonly-data-view.ts';
export type { Abi } from './abi.ts';
export { aligned } from './aligned.ts';
export { type ArrayCodec, type ArrayOf, array } from './array.ts';
export type {
  ListInput,
  LiveArray,
  LiveNumbers,
  MemoryArray,
  NumberTypedArray,
  ReadonlyLiveArray,
  ReadonlyMemoryArray,
} from './array-types.ts';
export { type AtomicCell, type AtomicCodec, atomic, type ReadonlyAtomicCell } from './atomic.ts';
export { bits, type UnnamedBits } from './bits.ts';
export { type BytesCodec, bytes } from './bytes.ts';
export { type CTypes, c } from './c-types.ts';
export { char, type Encoding, type StringCodec } from './char.ts';
export type { AnyCodec, Codec, Infer, InferInput, InferLive } from './codec.ts';
export { type CodecDefinition, defineCodec, type LiveDefinition } from './define-codec.ts';
export { diffLayouts, type LayoutDifference } from './diff-layouts.ts';
export { registerSystemText, type SystemText } from './encodings.ts';
export { type EnumerationInput, type EnumerationOptions, type EnumerationValue, enumeration } from './enumeration.ts';
export { at, layout } from './explicit-layout.ts';
export { type FlexibleCodec, flexible } from './flexible.ts';
export type { AnyInteger, FittingWidth, IntegerBits, IntegerCodec } from './integer-types.ts';
export { codecFromTable, type DescribedCodec, layoutTable } from './layout-table.ts';
export { padding } from './padding.ts';
export { pointer } from './pointer.ts';
export type { InferReadonlyLive, ReadonlyLive, ReadonlyNumbers } from './readonly-live.ts';
export type { RecordOptions } from './record.ts';
export type {
  Anonymous,
  Fields,
  HiddenCodec,
  InferPartial,
  LiveMethods,
  LiveStruct,
  OptionalMember,
  StructCodec,
  UnionCodec,
} from './record-types.ts';
export {
  bool8,
  bool32,
  f32,
  f32be,
  f64,
  f64be,
  i8,
  i16,
  i16be,
  i32,
  i32be,
  i64,
  i64be,
  i64Number,
  type ScalarBox,
  type ScalarCodec,
  u8,
  u16,
  u16be,
  u32,
  u32be,
  u64,
  u64be,
  u64Number,
} from './scalars.ts';
export { type SectionCodec, type SectionPlace, section } from './section.ts';
export type { StringOptions } from './string-form.ts';
export { struct } from './struct.ts';
export { type StructClass, structClass } from './struct-class.ts';
export { type Target, target } from './target.ts';
export { type JsonCodec, json, text } from './text.ts';
export { anonymous, union } from './union.ts';
export { char16, utf16, utf32 } from './wide-strings.ts';
export {
  dateToFileTime,
  type FileTimeCodec,
  fileTimeToDate,
  type GuidCodec,
  type PointCodec,
  type RectCodec,
  type SizeCodec,
  type SystemTimeCodec,
  type WinTypes,
  win,
} from './win-types.ts';
