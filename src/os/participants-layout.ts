/**
 * The registry of participants: who is there, who sleeps on what, and how each is woken. One per user, one for everyone.
 *
 * ```
 * byte 0      4         8       12           16        20           64                   192
 *      +------+---------+-------+------------+---------+--------+---+--------------------+----
 *      | magic| version | slots | high water | last id | flavor |   | slot 0 (128 bytes) | …
 *      +------+---------+-------+------------+---------+--------+---+--------------------+----
 *
 * slot, byte 0    4           8            12             16         20             32          64            128
 *           +----+-----------+------------+--------------+----------+--------------+-----------+-------------+
 *           | id | sync bell | async bell | sync waiting | sync key | async waiting| bloom 256 | life (mutex)|
 *           +----+-----------+------------+--------------+----------+--------------+-----------+-------------+
 * ```
 *
 * | word          | means                                                                                        |
 * |---------------|----------------------------------------------------------------------------------------------|
 * | high water    | slots ever used: nobody looks behind it                                                        |
 * | last id       | the id given last; the next is the later one of it + 1 and the clock                           |
 * | flavor        | whose mutex stands in `life`: different C libraries cannot share a registry                     |
 * | id            | the participant, 0 = slot free                                                                 |
 * | sync bell     | counts rings; the thread sleeps on it (futex, ulock) when it blocks                            |
 * | async bell    | the same for its promises: whoever rings also writes to its FIFO (Linux) or sets its event (Windows) |
 * | sync waiting  | 1: it sleeps, or is about to, on `sync key`                                                    |
 * | async waiting | how many promises wait                                                                         |
 * | bloom         | one bit per key that a promise waits on; a bit that two keys share costs a needless look         |
 * | life          | a lock that the kernel releases when the thread ends                                            |
 *
 * Ids have 30 bits. The clock ticks 64 times a second and comes round after 194 days, so an id is given twice only if some
 * persistent segment still names a participant that died exactly so long ago, or if threads joined faster than 64 a second
 * on average since the registry was made and the registry was deleted and made again before the clock caught up.
 */
import type { ParticipantId } from '../base/participants.ts';

/** "MFPA" in a little-endian dump. */
export const MAGIC = 0x4150_464d;
export const VERSION = 1;

/** Threads that can take part at once, per registry. */
export const SLOTS = 1024;

export const HEADER_BYTES = 64;
export const SLOT_BYTES = 128;

/** Bytes of a registry. */
export const BYTE_LENGTH: number = HEADER_BYTES + SLOTS * SLOT_BYTES;

/** Word indices in the header. */
export const HEADER = { magic: 0, version: 1, slots: 2, highWater: 3, lastId: 4, flavor: 5 } as const;

/** Word indices within a slot. */
export const SLOT = {
  id: 0,
  syncBell: 1,
  asyncBell: 2,
  syncWaiting: 3,
  syncKey: 4,
  asyncWaiting: 5,
  bloom: 8,
  life: 16,
} as const;

/** Bits of the bloom filter. */
export const BLOOM_BITS = 256;

const ID_MASK = 0x3fff_ffff;
const HALF = 0x2000_0000;
const TICKS_PER_SECOND = 64;

/** Index of the word `word` of a slot among the registry's words. */
export function slotWord(slot: number, word: number): number {
  return (HEADER_BYTES + slot * SLOT_BYTES) / 4 + word;
}

/** The bit of the bloom filter for a key. */
export function bloomBit(key: number): number {
  // Keys of neighbouring words differ in their low bits only: multiply, and take high ones (Knuth's multiplicative hash).
  return Math.imul(key, 0x9e37_79b1) >>> 24;
}

/** The id after `last` when the clock says `nowMs`; never 0. */
export function idAfter(last: number, nowMs: number): ParticipantId {
  const clock = Math.floor((nowMs * TICKS_PER_SECOND) / 1000) & ID_MASK;
  const next = (last + 1) & ID_MASK;
  // Compared on the circle: the clock is later if it lies in the half that follows `next`.
  const id = ((clock - next) & ID_MASK) < HALF ? clock : next;
  return (id === 0 ? 1 : id) as ParticipantId;
}
