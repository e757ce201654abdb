/**
 * The free bins: lists of free blocks by size, found through two levels of bit maps. A cache.
 *
 * ```text
 * word 64        65 … 79            80 … 95    96 … 559
 * +--------------+------------------+----------+---------------------------------+
 * | summary:     | map: one bit     | spare    | heads: first free block of each |
 * | bit = a map  | a bin that is    |          | bin, as a unit number (0: none) |
 * | word not 0   | not empty        |          |                                 |
 * +--------------+------------------+----------+---------------------------------+
 * ```
 *
 * Bins 0 … 31 hold blocks of exactly so many units; above, each doubling is divided into 16 bins.
 */

export const BINS = 464;
export const EXACT_BINS = 32;

export const BIN = { summary: 64, map: 65, heads: 96 } as const;
export const MAP_WORDS = 15;
export const BIN_WORDS = 544;

/** The bin of a free block of `units`; every block in a higher bin is larger. */
export function binOf(units: number): number {
  if (units < EXACT_BINS) return units;
  const log = 31 - Math.clz32(units);
  return EXACT_BINS + (log - 5) * 16 + ((units >>> (log - 4)) & 15);
}
