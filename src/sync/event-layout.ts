/**
 * Events: 4 bytes, 4-aligned, all zero = not set.
 *
 * ```
 *  31        30                                        1   0
 * +---------+-------------------------------------------+-----+
 * | WAITERS | how often it was set (manual reset), or 0 | SET |
 * +---------+-------------------------------------------+-----+
 * ```
 *
 * The count lets a waiter of a manual-reset event see that it was set and reset while it slept.
 */

/** Bytes of an event. */
export const BYTE_LENGTH = 4;

/** The event is set. */
export const SET = 1;

/** Added to the word at each `set` of a manual-reset event. */
export const ONE_TURN = 2;

/** The bits that count the turns. */
export const TURNS_MASK = 0x7fff_fffe;

/** Somebody sleeps, or is about to: the next `set` rings. */
export const WAITERS: number = 1 << 31;
