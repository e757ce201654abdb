/**
 * The heap as a whole, in 32-bit words of the host's byte order (little-endian on every supported system).
 *
 * ```text
 * byte 0      256          3,520        …               …            …              byteLength
 * +-----------+------------+------------+---------------+------------+--------------+
 * | header    | free bins  | pin table  | root directory| handle     | block area   |
 * | 64 words  | 816 words  | 1 record a | 32 words a    | table, 4   | units of     |
 * |           | (cache)    | participant| root, buckets | words each | 16 bytes     |
 * +-----------+------------+------------+---------------+------------+--------------+
 * ```
 *
 * Truth is the handle table, the root directory, the pin table and the words marked T below. Everything else (free bins,
 * parked blocks, block tags, lists of free handles, counters) is a cache: whoever takes the lock over from a dead owner
 * rebuilds it.
 *
 * | word | name | |
 * |---|---|---|
 * | 0 | magic | T, `MFHP`, stored last by the maker |
 * | 2 | version | T |
 * | 3 | units | T, whole heap in 16-byte units |
 * | 4 5 6 7 | handles, participants, pins, roots | T, capacities |
 * | 8 | salt | T, even; handle generation = state word + salt, so that another heap's handles do not fit |
 * | 16 | lock | T, see sync/lock-word.ts; a cache line of its own |
 * | 32 | sliding | T, the index whose overlapping slide is under way (0: none) |
 * | 33 34 35 36 | source, target, length, done | T, that slide in units; `done` units are copied |
 * | 48 | dirty | T, the cache must be rebuilt before use |
 * | 49 50 51 | recoveries, moves, retired | counters, wrap at 2^32 |
 * | 52 | free units | cache |
 * | 53 54 | free handle, fresh handle | cache: head of the list, first index never used |
 * | 55 | live blocks | cache |
 * | 56 | participants seen | T, records at and above were never used |
 * | 57 | parked blocks | cache |
 * | 58 | roots seen | T, roots above were never used |
 * | 59 | free root | cache: head of the list |
 */

export const VERSION = 4;

export const HEADER = {
  magic: 0,
  version: 2,
  units: 3,
  handles: 4,
  participants: 5,
  pins: 6,
  roots: 7,
  salt: 8,
  lock: 16,
  sliding: 32,
  slideSource: 33,
  slideTarget: 34,
  slideLength: 35,
  slideDone: 36,
  dirty: 48,
  recoveries: 49,
  moves: 50,
  retired: 51,
  freeUnits: 52,
  freeHandle: 53,
  freshHandle: 54,
  liveBlocks: 55,
  participantsSeen: 56,
  parkedBlocks: 57,
  rootsSeen: 58,
  freeRoot: 59,
} as const;

export const HEADER_WORDS = 64;
export const WORD_BYTES = 4;
/** The largest heap, 32 GiB: unit numbers are positive 32-bit words. */
export const MAX_UNITS = 0x7fff_ffff;
