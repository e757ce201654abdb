/**
 * A lock of one writer or many readers: 16 bytes and 8 per reader, 4-aligned, all zero = free.
 *
 * ```
 * byte 0          4          8          12         16
 *      +----------+----------+----------+----------+-----------+-----------+----
 *      | writer   | drain    | readers  | ticket   | reader 0  | hold 0    | …
 *      +----------+----------+----------+----------+-----------+-----------+----
 * writer: | WAITERS 31 | ABANDONED 30 | participant 29..0 |
 * ticket: | BROKEN 31 | ticket 19..0 |
 * hold:   | depth 30..20 | ticket 19..0 |
 * ```
 *
 * | word      | means                                                                                            |
 * |-----------|--------------------------------------------------------------------------------------------------|
 * | writer    | who writes or, while readers are still in, is going to: new readers stay out. WAITERS: its release rings. ABANDONED (participant 0): a reader found the writer dead; everybody is told until a writer has come |
 * | drain     | 1: somebody sleeps until a reader leaves (the writer, or a reader that found no free place)       |
 * | readers   | places in the table plus one; 0 = nobody has used it yet. Different counts are a mismatch          |
 * | ticket    | which acquisition of the writer's this is (ticket-layout.ts); 0 while it still waits for readers, so that one who dies then is known to have written nothing. BROKEN: it waits, but one before it died in the middle |
 * | reader i  | the participant that reads, 0 = place free. A dead one's place is freed by whoever is held up      |
 * | hold i    | how often it reads beyond the first time, and the ticket of the first; only the reader stores it, after it took the place |
 */
import { ABOVE_TICKET, TICKET_MASK } from './ticket-layout.ts';

/** The places for readers unless said otherwise: 256 bytes in all. */
export const DEFAULT_READERS = 30;

export const WRITER_INDEX = 0;
export const DRAIN_INDEX = 1;
export const READERS_INDEX = 2;
export const TICKET_INDEX = 3;

/** Somebody sleeps, or is about to, until the writer leaves. */
export const WAITERS: number = 1 << 31;

/** The last writer died and no writer has come since. */
export const ABANDONED: number = 1 << 30;

/** A writer took the lock over from a dead one and still waits for readers. */
export const BROKEN: number = 1 << 31;

/** The bits that hold the participant. */
export const OWNER_MASK = 0x3fff_ffff;

const HEADER_WORDS = 4;
const SLOT_WORDS = 2;

/** Index of the word that names reader `place`. */
export function readerIndex(place: number): number {
  return HEADER_WORDS + place * SLOT_WORDS;
}

/** Index of the hold of reader `place`. */
export function holdIndex(place: number): number {
  return readerIndex(place) + 1;
}

/** Added to a hold for each time beyond the first. */
export const ONE_DEEPER: number = ABOVE_TICKET;

/** How often a thread may read beyond the first time. */
export const MAX_DEPTH = 0x7ff;

/** The depth in a hold. */
export function depthOf(hold: number): number {
  return hold >>> 20;
}

/** The ticket in a hold. */
export function ticketOf(hold: number): number {
  return hold & TICKET_MASK;
}

/** Bytes of a lock with places for so many reading threads. */
export function byteLength(readers: number): number {
  return readerIndex(readers) * 4;
}
