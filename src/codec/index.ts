/** Codecs: what the bytes of shared memory mean. Pure, no operating system. */

export type { Abi } from './abi.ts';
export { type ArrayCodec, type ArrayOf, array } from './array.ts';
export type {
  LiveArray,
  LiveNumbers,
  MemoryArray,
  NumberTypedArray,
  ReadonlyLiveArray,
  ReadonlyMemoryArray,
} from './array-types.ts';
export { char, type Encoding, type StringCodec } from './char.ts';
export type { AnyCodec, Codec, Infer, InferInput, InferLive } from './codec.ts';
export { type CodecDefinition, defineCodec, type LiveDefinition } from './define-codec.ts';
export type { RecordOptions } from './record.ts';
export type { Fields, LiveMethods, LiveStruct, PartialInput, StructCodec } from './record-types.ts';
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
export type { StringOptions } from './string-form.ts';
export { struct } from './struct.ts';
