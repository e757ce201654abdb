/**
 * The free bins: lists of free blocks by size, found through two levels of bit maps; and of parked blocks. A cache.
 *
 * ```text
 * word 64        65 … 79            80 … 95    96 … 559                 560 … 817              818 … 879
 * +--------------+------------------+----------+------------------------+----------------------+---------+
 * | summary:     | map: one bit     | spare    | heads: first free      | parked: first parked | spare   |
 * | bit = a map  | a bin that is    |          | block of each bin, as  | block of each size,  |         |
 * | word not 0   | not empty        |          | a unit (0: none)       | as a link (0: none)  |         |
 * +--------------+------------------+----------+------------------------+----------------------+---------+
 * ```
 *
 * Bins 0 … 31 hold blocks of exactly so many units; above, each doubling is divided into 16 bins.
 *
 * A block of at most 257 units (4,096 bytes of payload) that is freed is parked: tags and handle entry stay as they are, and
 * the next block of exactly so many units is made of it, without a look at its neighbours. Once a search finds nothing,
 * every parked block becomes an ordinary free one. A link of that list is the index of an entry (21 bits) and how many blocks
 * the list has from there on (11 bits).
 */

import { INDEX_BITS, MAX_HANDLES } from './handle-layout.ts';

export const BINS = 464;
export const EXACT_BINS = 32;

export const BIN = { summary: 64, map: 65, heads: 96, parked: 560 } as const;
export const MAP_WORDS = 15;
export const BIN_WORDS = 816;

/** The largest block that is parked. */
export const PARKED_UNITS = 257;

/**
 * A limit in two ways: so many blocks may be parked, of whatever sizes; and of each size so many that all but the last have
 * less than so many units. So no list is longer than this, which a link has room to count; and few enough not to shred the free
 * memory of an area, and to be settled in a few milliseconds.
 */
export function mostParked(units: number): number {
  return Math.min(Math.max(units >>> 12, 16), 1024);
}

/** The link of a block that is parked before the others of its size; 0: there are enough. `parked`: of all sizes. */
export function parkedLink(index: number, others: number, units: number, parked: number, most: number): number {
  const count = parkedCount(others);
  return parked < most || count * units < most ? ((count + 1) << INDEX_BITS) | index : 0;
}

/** How many blocks a list has from a link on. */
export function parkedCount(link: number): number {
  return link >>> INDEX_BITS;
}

/** The entry that a link names. */
export function parkedIndex(link: number): number {
  return link & (MAX_HANDLES - 1);
}

/** The bin of a free block of `units`; every block in a higher bin is larger. */
export function binOf(units: number): number {
  if (units < EXACT_BINS) return units;
  const log = 31 - Math.clz32(units);
  return EXACT_BINS + (log - 5) * 16 + ((units >>> (log - 4)) & 15);
}
