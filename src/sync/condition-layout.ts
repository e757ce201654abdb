/**
 * A condition variable: 8 bytes and 4 per waiting thread, 4-aligned, all zero = nobody waits.
 *
 * ```
 * byte 0             4             8             12
 *      +-------------+-------------+-------------+----
 *      | places      | turn        | place 0     | …
 *      +-------------+-------------+-------------+----
 * place: | NOTIFIED 31 | participant 29..0 |
 * ```
 *
 * | word    | means                                                                                            |
 * |---------|--------------------------------------------------------------------------------------------------|
 * | places  | places plus one; 0 = nobody has used it yet. Different counts are a mismatch                       |
 * | turn    | where the next notification looks first, so that no place is passed over for ever                  |
 * | place i | who waits there, 0 = nobody. NOTIFIED: it may go on. The key of its sleep is this word's own, so a notification wakes one thread |
 *
 * Only its waiter clears a place, except when it is dead: then whoever comes by clears it, and passes a notification that
 * the dead one took with it on to another.
 */

/** The places unless said otherwise: 64 bytes in all. */
export const DEFAULT_PLACES = 14;

export const PLACES_INDEX = 0;
export const TURN_INDEX = 1;

/** The waiter in this place may go on. */
export const NOTIFIED: number = 1 << 31;

/** The bits that hold the participant. */
export const OWNER_MASK = 0x3fff_ffff;

const HEADER_WORDS = 2;

/** Index of the word of place `i`. */
export function placeIndex(i: number): number {
  return HEADER_WORDS + i;
}

/** Bytes of a condition with so many places. */
export function byteLength(places: number): number {
  return placeIndex(places) * 4;
}
