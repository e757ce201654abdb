import { alignUp, type Placeable, type Placed, type PlacingRules } from './placeable.ts';

/**
 * System V psABI, as GCC and Clang read it on Linux and macOS.
 *
 * `pack` caps every member's alignment, alignas included; alignas on the type itself is not capped.
 * A bit-field takes the next free bits, unless it would then cross more storage units of its base type than it needs;
 * under any `pack` it may cross. A width of 0 moves on to the next boundary of its base type.
 */
export function placeSysv(members: readonly Placeable[], rules: PlacingRules): Placed {
  const { isUnion, pack } = rules;
  const cap = (alignment: number) => (pack === undefined ? alignment : Math.min(alignment, pack));
  const bitOffsets: number[] = [];
  let end = 0; // of the data so far, in bits
  let alignment = 1;
  for (const m of members) {
    const start = isUnion ? 0 : end;
    let at: number;
    if (m.bitWidth === undefined) {
      const own = cap(Math.max(m.alignment, m.alignas));
      at = alignUp(start, own * 8);
      alignment = Math.max(alignment, own);
      end = Math.max(end, at + m.byteLength * 8);
    } else {
      const own = cap(m.alignment);
      const crosses = pack === undefined && (start % (own * 8)) + m.bitWidth > m.byteLength * 8;
      // A width of 0 asks for the boundary of its type, whatever the pack.
      if (m.bitWidth === 0) at = alignUp(start, m.alignment * 8);
      else at = crosses ? alignUp(start, own * 8) : start;
      // psABI: an unnamed bit-field's type does not affect the alignment of a structure or union.
      if (!m.unnamed) alignment = Math.max(alignment, own);
      end = Math.max(end, at + m.bitWidth);
    }
    bitOffsets.push(at);
  }
  alignment = Math.max(alignment, rules.alignas ?? 1);
  return { bitOffsets, byteLength: alignUp(end, alignment * 8) / 8, alignment, alignas: 1 };
}
