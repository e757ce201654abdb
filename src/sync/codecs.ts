import { type Memory, type MemoryRange, rangeOf } from '../base/memory.ts';
import type { Codec } from '../codec/codec.ts';
import { defineCodec } from '../codec/define-codec.ts';

/** A codec of something that lives in memory and has no value to copy: `read` leaves it out, `live` makes it. */
export type PrimitiveCodec<P> = Codec<never, P, never>;

/** The codec of a primitive; its object is made at the first access and refuses read-only memory. */
export function primitiveCodec<P>(
  name: string,
  byteLength: number,
  make: (memory: Memory, byteOffset: number) => P,
): PrimitiveCodec<P> {
  const live = (range: MemoryRange, byteOffset: number) => make({ [rangeOf]: range }, byteOffset);
  return defineCodec({ name, byteLength, byteAlignment: 4, live });
}
