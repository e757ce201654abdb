import { type Abi, abiFacts } from './abi.ts';
import { alignUp, type Placeable, type Placed, type PlacingRules } from './placeable.ts';

/**
 * Microsoft's rules, as Clang follows them for its MSVC targets.
 *
 * `pack` caps natural alignments only: alignas on a member, or inside its type, beats it.
 * Bit-fields share a unit only with a neighbour whose base type has the same size, while the bits last; the unit is a
 * whole base type, aligned as one. A width of 0 counts only right behind a bit-field. In a union a bit-field takes its
 * whole unit and does not align the union.
 *
 * https://learn.microsoft.com/cpp/c-language/c-bit-fields, https://learn.microsoft.com/cpp/preprocessor/pack
 */
export function placeMicrosoft(members: readonly Placeable[], rules: PlacingRules, abi: Abi): Placed {
  const { isUnion } = rules;
  const { pointer } = abiFacts[abi];
  // A pack above the pointer size is ignored.
  const pack = rules.pack !== undefined && rules.pack <= pointer ? rules.pack : undefined;
  const cap = (alignment: number) => (pack === undefined ? alignment : Math.min(alignment, pack));
  const bitOffsets: number[] = [];
  let size = 0;
  let alignment = 1;
  let required = pointer === 8 ? 1 : 0; // 0: a 32-bit compiler then leaves the size alone
  let unit = 0; // bytes of the open bit-field unit, 0 for none
  let left = 0; // its free bits
  const place = (byteOffset: number) => bitOffsets.push(byteOffset * 8);

  for (const m of members) {
    if (m.bitWidth === undefined) {
      unit = 0;
      required = Math.max(required, m.alignas > 1 ? m.alignas : 0);
      const own = Math.max(cap(m.alignment), m.alignas);
      const at = isUnion ? 0 : alignUp(size, own);
      alignment = Math.max(alignment, own);
      size = Math.max(size, at + m.byteLength);
      place(at);
      continue;
    }
    const own = cap(m.alignment);
    if (m.bitWidth === 0) {
      if (unit === 0) {
        place(isUnion ? 0 : size);
      } else if (isUnion) {
        size = Math.max(size, m.byteLength);
        place(0);
      } else {
        size = alignUp(size, own);
        alignment = Math.max(alignment, own);
        place(size);
      }
      unit = 0;
    } else if (!isUnion && unit === m.byteLength && m.bitWidth <= left) {
      bitOffsets.push(size * 8 - left);
      left -= m.bitWidth;
    } else {
      unit = m.byteLength;
      if (isUnion) {
        size = Math.max(size, unit);
        place(0);
      } else {
        const at = alignUp(size, own);
        size = at + unit;
        alignment = Math.max(alignment, own);
        left = unit * 8 - m.bitWidth;
        place(at);
      }
    }
  }

  size = alignUp(size, alignment);
  required = Math.max(required, rules.alignas ?? 0);
  if (required > 0) {
    alignment = Math.max(alignment, required);
    size = alignUp(size, Math.max(cap(alignment), required));
  }
  // A type with an alignas of its own, however small, requires its whole alignment where it is a member.
  const asked = rules.alignas === undefined ? required : alignment;
  return { bitOffsets, byteLength: size, alignment, alignas: Math.max(1, asked) };
}
