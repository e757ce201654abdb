/**
 * A counting semaphore: 16 bytes, 4-aligned, all zero = the initial count.
 *
 * ```
 * byte 0             4             8             12            16
 *      +-------------+-------------+-------------+-------------+
 *      | state       | initial     | maximum     | reserved    |
 *      +-------------+-------------+-------------+-------------+
 * state: | WAITERS 31 | count minus the initial one, signed, 30..0 |
 * ```
 *
 * `initial` and `maximum` hold their value plus one; 0 = nobody has used it yet. Different values are a mismatch.
 */

/** Bytes of a counting semaphore. */
export const BYTE_LENGTH = 16;

export const STATE_INDEX = 0;
export const INITIAL_INDEX = 1;
export const MAXIMUM_INDEX = 2;

/** Somebody sleeps, or is about to: the next release rings. */
export const WAITERS: number = 1 << 31;

/** The highest maximum. */
export const MAX_COUNT = 0x3fff_ffff;

const DELTA_MASK = 0x7fff_ffff;

/** The signed difference to the initial count in a state. */
export function deltaOf(state: number): number {
  return (state << 1) >> 1;
}

/** The state of that difference, without WAITERS. */
export function stateOf(delta: number): number {
  return delta & DELTA_MASK;
}
