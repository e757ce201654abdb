import type { MemoryRange } from '../base/memory.ts';

const constructors = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  f32: Float32Array,
  f64: Float64Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
} as const;

export const isLittleEndianHost: boolean = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A typed array over `count` scalars, where one may be handed out: aligned, writable, in the host's byte order. */
export function typedArrayOver(
  kind: string,
  range: MemoryRange,
  at: number,
  count: number,
): ArrayBufferView | undefined {
  if (range.access === 'read' || !Object.hasOwn(constructors, kind)) return undefined;
  const TypedArray = constructors[kind as keyof typeof constructors];
  const { buffer, byteOffset } = range.dataView;
  const size = TypedArray.BYTES_PER_ELEMENT;
  if ((byteOffset + at) % size !== 0 || (size > 1 && !isLittleEndianHost)) return undefined;
  return new TypedArray(buffer as ArrayBuffer, byteOffset + at, count);
}

/** One of the kind, not over any memory. */
export function typedArray(kind: string, length: number): (ArrayBufferView & ArrayLike<unknown>) | undefined {
  return Object.hasOwn(constructors, kind) ? new constructors[kind as keyof typeof constructors](length) : undefined;
}
