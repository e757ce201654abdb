/**
 * A semaphore whose permits have holders: 8 bytes and 8 per permit, 4-aligned, all zero = every permit is free.
 *
 * ```
 * byte 0             4             8             12            16
 *      +-------------+-------------+-------------+-------------+----
 *      | waiters     | permits     | permit 0    | ticket 0    | …
 *      +-------------+-------------+-------------+-------------+----
 * ```
 *
 * | word     | means                                                                          |
 * |----------|--------------------------------------------------------------------------------|
 * | waiters  | 1: somebody sleeps, or is about to; whoever gives a permit back clears it and rings |
 * | permits  | permits plus one; 0 = nobody has used it yet. Different counts are a mismatch     |
 * | permit i | the participant that holds it, 0 = free. Taking and giving back are one store each  |
 * | ticket i | which acquisition of the holder's this is (ticket-layout.ts); only the holder stores it |
 */

export const WAITERS_INDEX = 0;
export const PERMITS_INDEX = 1;

const HEADER_WORDS = 2;
const PERMIT_WORDS = 2;

/** Index of the word of permit `i`. */
export function permitIndex(i: number): number {
  return HEADER_WORDS + i * PERMIT_WORDS;
}

/** Index of the ticket of permit `i`. */
export function ticketIndex(i: number): number {
  return permitIndex(i) + 1;
}

/** Bytes of a semaphore of so many permits. */
export function byteLength(permits: number): number {
  return permitIndex(permits) * 4;
}
