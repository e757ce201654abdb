import type { AnyCodec } from './codec.ts';
import { formIn, makeCodec } from './make-codec.ts';
import { checkAlignment } from './record.ts';

/**
 * `alignas(alignment)` on a member. It only ever raises the alignment; the value is the codec's own. Under System V
 * `pack` caps it; under Microsoft's rules it beats `pack`.
 *
 * @param alignment a power of two from 1 to 16384, in bytes
 * @throws RangeError for another alignment; TypeError for a bit-field, which C cannot align
 *
 * https://learn.microsoft.com/cpp/cpp/align-cpp, https://gcc.gnu.org/onlinedocs/gcc/Common-Variable-Attributes.html
 *
 * @example
 * ```ts
 * import { aligned, struct, u32, u8 } from 'mapfile/codec';
 *
 * const Line = struct('line', { kind: u8, head: aligned(64, u32) }); // on a cache line of its own
 * console.log(Line.offsetOf('head'), Line.byteLength); // 64 128
 * ```
 */
export function aligned<C extends AnyCodec>(alignment: number, codec: C): C {
  const form = formIn(codec, 'aligned()');
  checkAlignment(alignment, form.label);
  if (form.bits) throw new TypeError(`Cannot align ${form.label}: C has no alignas on bit-fields, align the struct`);
  return makeCodec({ ...form, alignas: Math.max(alignment, form.alignas ?? 1) }) as unknown as C;
}
