/**
 * A mutex: 8 bytes, 4-aligned, all zero = free.
 *
 * ```
 * byte 0                4                8
 *      +----------------+----------------+
 *      | lock word      | depth          |
 *      +----------------+----------------+
 * ```
 *
 * `depth` counts how often the owner of a recursive mutex holds it beyond the first time. Only the owner stores it; what a
 * dead owner left there is overwritten by whoever takes the lock word over, before it tells anybody.
 */

/** Bytes of a mutex. */
export const BYTE_LENGTH = 8;

/** Byte of the lock word (lock-word-layout.ts). */
export const LOCK_OFFSET = 0;

/** Index of the depth among the mutex's 32-bit words. */
export const DEPTH_INDEX = 1;
