/**
 * A lock of one writer or many readers: 16 bytes and 8 per reader, 4-aligned, all zero = free.
 *
 * ```
 * byte 0          4          8          12         16
 *      +----------+----------+----------+----------+-----------+-----------+----
 *      | writer   | drain    | readers  | reserved | reader 0  | depth 0   | …
 *      +----------+----------+----------+----------+-----------+-----------+----
 * writer: | WAITERS 31 | ABANDONED 30 | participant 29..0 |
 * ```
 *
 * | word      | means                                                                                            |
 * |-----------|--------------------------------------------------------------------------------------------------|
 * | writer    | who writes or, while readers are still in, is going to: new readers stay out. WAITERS: its release rings. ABANDONED (participant 0): a reader found the writer dead; everybody is told until a writer has come |
 * | drain     | 1: somebody sleeps until a reader leaves (the writer, or a reader that found no free place)       |
 * | readers   | places in the table plus one; 0 = nobody has used it yet. Different counts are a mismatch          |
 * | reader i  | the participant that reads, 0 = place free. A dead one's place is freed by whoever is held up      |
 * | depth i   | how often it reads beyond the first time; only the reader stores it, after it took the place       |
 */

/** The places for readers unless said otherwise: 256 bytes in all. */
export const DEFAULT_READERS = 30;

export const WRITER_INDEX = 0;
export const DRAIN_INDEX = 1;
export const READERS_INDEX = 2;

/** Somebody sleeps, or is about to, until the writer leaves. */
export const WAITERS: number = 1 << 31;

/** The last writer died and no writer has come since. */
export const ABANDONED: number = 1 << 30;

/** The bits that hold the participant. */
export const OWNER_MASK = 0x3fff_ffff;

const HEADER_WORDS = 4;
const SLOT_WORDS = 2;

/** Index of the word that names reader `place`. */
export function readerIndex(place: number): number {
  return HEADER_WORDS + place * SLOT_WORDS;
}

/** Index of the depth of reader `place`. */
export function depthIndex(place: number): number {
  return readerIndex(place) + 1;
}

/** Bytes of a lock with places for so many reading threads. */
export function byteLength(readers: number): number {
  return readerIndex(readers) * 4;
}
