/**
 * The block area: blocks back to back, each a whole number of 16-byte units, headed by one unit of tags.
 *
 * ```text
 *         word 0    1          2       3            4
 * live    +---------+----------+-------+------------+---------------------+
 *         | units   | units of | index | unused     | payload …           |
 *         | (1 or   | the free |       |            |                     |
 * free    | more)   | block    +-------+------------+----------+----------+
 *         |         | before   | 0     | next free  | previous | unused   |
 *         +---------+----------+-------+------------+----------+----------+
 * ```
 *
 * All tags are a cache of the handle table (a live block has as many units as its size asks for). A parked block (see
 * bins-layout.ts) has the tags of a live one, with the index of its entry. Two free blocks never touch; a block behind a live one, or first, has 0 for "before", so that freeing it does not look there. A free block of
 * a single unit has no room for links and stands in no bin; it waits for a neighbour to be freed.
 * A sentinel of 0 units, index 0xffffffff, ends the area.
 */

export const UNIT_BYTES = 16;
export const UNIT_WORDS = 4;

export const TAG = { units: 0, before: 1, index: 2, next: 3, previous: 4 } as const;

export const HEAD_UNITS = 1;
export const SENTINEL_INDEX = -1;
/** The smallest block that has room for its links. */
export const LINKED_UNITS = 2;

/** Sizes are unsigned 32-bit words, and rounding up must not wrap. */
export const MAX_BLOCK_BYTES = 0xffff_ff00;

/** How many units a payload of `byteLength` takes with its tags; the length may be a 32-bit word, signed or not. */
export function unitsFor(byteLength: number): number {
  return HEAD_UNITS + (((byteLength + UNIT_BYTES - 1) | 0) >>> 4);
}

/** The largest payload of a free block of `units`. */
export function payloadBytes(units: number): number {
  return Math.max(0, units - HEAD_UNITS) * UNIT_BYTES;
}
