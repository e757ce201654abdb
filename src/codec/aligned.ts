import type { AnyCodec } from './codec.ts';
import { formIn, makeCodec } from './make-codec.ts';
import { checkAlignment } from './record.ts';

/**
 * `alignas(alignment)` on a member. It only ever raises the alignment. Under System V `pack` caps it; under
 * Microsoft's rules it beats `pack`.
 *
 * https://learn.microsoft.com/cpp/cpp/align-cpp
 *
 * @param alignment a power of two, in bytes
 */
export function aligned<C extends AnyCodec>(alignment: number, codec: C): C {
  const form = formIn(codec, 'aligned()');
  checkAlignment(alignment, form.label);
  if (form.bits) throw new TypeError(`Cannot align ${form.label}: C has no alignas on bit-fields, align the struct`);
  return makeCodec({ ...form, alignas: Math.max(alignment, form.alignas ?? 1) }) as unknown as C;
}
