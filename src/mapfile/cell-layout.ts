/**
 * The cell: what makes the raw struct of a MapFile whole for readers and exclusive for writers.
 *
 * The struct itself stands elsewhere (at offset 0 of the mapping, byte for byte as in C). All zero is a valid cell: free,
 * nothing under way, version 0.
 *
 * ```
 * control words (64 bytes, 8-aligned)
 *  0         4          8          12           16                24                32                40       64
 * +---------+----------+----------+------------+-----------------+-----------------+-----------------+--------+
 * | lock    | sequence | watched  | recoveries | version: f64    | undo 0: version | undo 1: version | 0 ...  |
 * +---------+----------+----------+------------+-----------------+-----------------+-----------------+--------+
 *
 * undo copies (two, each the struct's length rounded up to 8)
 * +--------------------------------------+--------------------------------------+
 * | undo 0                               | undo 1                               |
 * +--------------------------------------+--------------------------------------+
 * ```
 *
 * | sequence | means                                                                                           |
 * |----------|-------------------------------------------------------------------------------------------------|
 * | 2k       | nothing under way: the struct is whole and has the version of `version`                         |
 * | 2k + 1   | attempt k is under way: undo copy k mod 2 is whole and holds the value from before the attempt  |
 *
 * Each attempt adds 2, whether it is committed or undone, so a sequence number never comes back (before 2^31 attempts).
 *
 * Who may believe what, if the sequence was `s` before reading and is `t` after it:
 *
 * | s        | read from     | whole if t is   | because                                                             |
 * |----------|---------------|-----------------|---------------------------------------------------------------------|
 * | 2k       | struct        | s               | attempt k stores to the struct only after it has stored 2k + 1      |
 * | 2k + 1   | undo k mod 2  | s, s + 1, s + 2 | attempt k + 2 is the next to use that copy; it begins at s + 3      |
 */

/** Bytes of the control words. */
export const CONTROL_BYTE_LENGTH = 64;

/** A lock word: held by whoever updates. */
export const LOCK = 0;

/** i32, even: idle, odd: an attempt is under way. */
export const SEQUENCE = 4;

/** i32: not 0 if somebody sleeps until the next commit. Whoever commits clears it, and then rings the key of `sequence`. */
export const WATCHED = 8;

/** u32: how many half-done updates of dead writers have been undone so far. */
export const RECOVERIES = 12;

/** f64: the version of what stands in the struct; the number of committed updates. Guarded by `sequence`. */
export const VERSION = 16;

/** f64, twice: the version of the value in each undo copy. Guarded by `sequence`, as the copy is. */
export const UNDO_VERSION = 24;

/** Bytes from one undo version to the next. */
export const UNDO_VERSION_STRIDE = 8;

/** How far the sequence may go on while an undo copy is read. */
export const UNDO_LIFETIME = 2;

/** Which of the two undo copies the attempt of this sequence number uses. */
export function undoSlot(sequence: number): 0 | 1 {
  return ((sequence >>> 1) & 1) as 0 | 1;
}

/** Bytes from the first undo copy to the second. */
export function undoStride(byteLength: number): number {
  return Math.ceil(byteLength / 8) * 8;
}

/** Bytes of both undo copies of a struct of `byteLength` bytes. */
export function undoByteLength(byteLength: number): number {
  return 2 * undoStride(byteLength);
}
