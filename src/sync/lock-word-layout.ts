/**
 * The lock word: 4 bytes, 4-aligned, all zero = free.
 *
 * ```
 *  31        30         29                                   0
 * +---------+----------+--------------------------------------+
 * | WAITERS | reserved | owner: ParticipantId, 0 = free       |
 * +---------+----------+--------------------------------------+
 * ```
 *
 * | word          | means                                                                  |
 * |---------------|------------------------------------------------------------------------|
 * | 0             | free                                                                   |
 * | id            | held by `id`, nobody sleeps for it                                     |
 * | id \\| WAITERS | held by `id`; whoever frees it rings the word's key                    |
 *
 * There is no list of waiters, so there is none to repair. There is no mark "the owner died" either: whoever takes the
 * word over from a dead owner is the owner from the same store on, and if it dies before it has told anybody, it is itself
 * the dead owner that the next one learns of.
 */

/** Bytes of a lock word. */
export const BYTE_LENGTH = 4;

/** The bits that hold the owner. */
export const OWNER_MASK = 0x3fff_ffff;

/** Somebody sleeps, or is about to: the next release rings. */
export const WAITERS: number = 1 << 31;
