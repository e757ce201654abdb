/**
 * Named locks and events where the kernel has none (POSIX): a segment of kind mutex, semaphore or event with 64 bytes of
 * data. Windows has the real objects, and no bytes of ours.
 *
 * ```
 * byte 0                      16            20                 64
 *      +----------------------+-------------+------------------+
 *      | the primitive        | manual reset| zero             |
 *      +----------------------+-------------+------------------+
 * ```
 *
 * | kind      | the primitive is               | manual reset                       |
 * |-----------|--------------------------------|------------------------------------|
 * | mutex     | mutex-layout.ts                | 0                                  |
 * | semaphore | counting-semaphore-layout.ts   | 0                                  |
 * | event     | event-layout.ts                | 1: manual-reset event, 0: auto-reset |
 */

/** Bytes of the data. */
export const BYTE_LENGTH = 64;

/** Index of the word that tells the kind of event. */
export const MANUAL_RESET_INDEX = 4;
