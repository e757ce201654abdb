/**
 * A ring queue in memory: 384 bytes of header, then the ring. All zero = no queue yet, and
 * so is a header without its magic, `MFRQ`, which is stored last. Little-endian words of 32 bits. What
 * different participants write in turn stands 128 bytes apart: processors fetch cache lines in pairs.
 *
 * ```
 *        0        4         8          12          16      20         24      28     32                48        52
 *       +--------+---------+----------+-----------+-------+----------+-------+------+-----------------+---------+------+
 *    0  | magic  | version | ring     | largest   | flags | capacity | stage | -    | fingerprint     | format  | -    |
 *       |        |         | bytes    | message   |       | messages |       |      | 16 hex digits   | lock    |      |
 *       +--------+---------+----------+-----------+-------+----------+-------+------+-----------------+---------+------+
 *  128  | producers' lock | tail | head seen | -             written by whoever holds that lock
 *       +-----------------+------+-----------+------+----------+---------+-------------+-------------------------------+
 *  256  | consumers' lock | head | tail seen | next | received | dropped | redelivered | returned | -   written by     |
 *       |                 |      |           |      |          |         |             |          | who holds that lock |
 *       +-----------------+------+-----------+------+----------+---------+-------------+----------+---------------------+
 *  384  | the ring: records, one behind the other, each a multiple of 8 bytes
 * ```
 *
 * Positions (`tail`, `head`, `next`) run from 0 to 2 × ring bytes and then start again: the byte in the ring is the position
 * modulo ring bytes, `tail - head` is what is in use, and a full ring is not an empty one. They are multiples of 8, and the
 * lowest bit of two of them says SLEEP: in `tail`, a receiver sleeps until the tail moves; in `head`, a sender until the
 * head does. So one exchange publishes a position and learns whether somebody is to be woken.
 *
 * - Records from `head` to `tail` are valid; what stands elsewhere is left over and means nothing. So a claim is ONE store,
 *   that of `tail`, and freeing is one store, that of `head`; whoever dies before it has done nothing.
 * - `next` only saves work: every record from `head` to it has been taken. If it does not lie between the two, its last
 *   writer died, and it is `head`.
 * - `returned` counts deliveries that were given back, which happens outside the lock: whoever finds it changed looks for
 *   them in front of `next`.
 * - `head seen` and `tail seen` save work, too: where one end last saw the other, which can only be further on.
 *
 * A record:
 *
 * ```
 *   0                                            4                      8
 *  +------+-------------+--------+--------------+----------------------+--------------------------+
 *  | CLAIM| REDELIVERED | stage  | bytes        | owner: ParticipantId | the message, filled up   |
 *  | 31   | 30          | 29..27 | 26..0        |                      | to a multiple of 8 bytes |
 *  +------+-------------+--------+--------------+----------------------+--------------------------+
 * ```
 *
 * | mark                   | owner        | next                                                                           |
 * |------------------------|--------------|--------------------------------------------------------------------------------|
 * | negative: claimed      | its producer | committed, or done (aborted; or the producer is dead)                          |
 * | negative, FILLED       | its producer | committed, also when the producer is dead: only the ownership is yet to pass   |
 * | COMMITTED              | none         | done (received), or delivered                                                  |
 * | DELIVERED              | its consumer | done (acknowledged); delivered again (it is dead); committed (it gives it back) |
 * | DONE                   | none         | free, as soon as `head` comes by; also the padding before the end of the ring, and several in one |
 *
 * The states follow the records of Agrona's ManyToOneRingBuffer (claimed = negative, committed = positive, padding).
 */

export const HEADER_BYTES = 384;

export const VERSION = 3;

/** Byte offsets in the header. */
export const HEADER = {
  magic: 0,
  version: 4,
  ringBytes: 8,
  maxMessageBytes: 12,
  flags: 16,
  capacity: 20,
  stage: 24,
  fingerprint: 32,
  formatLock: 48,
  producersLock: 128,
  tail: 132,
  headSeen: 136,
  consumersLock: 256,
  head: 260,
  tailSeen: 264,
  next: 268,
  received: 272,
  dropped: 280,
  redelivered: 288,
  returned: 296,
} as const;

export const FINGERPRINT_BYTES = 16;

/** Bits of `flags`. */
export const FLAG = { oneProducer: 1, oneConsumer: 2, fixedSize: 4 } as const;

/** Values of `stage`. */
export const STAGE = { open: 0, ended: 1, cancelled: 2 } as const;

/** The bit of `tail` and of `head` that asks for a ring. */
export const SLEEP = 1;

/** Byte offsets in a record. */
export const RECORD = { mark: 0, owner: 4, message: 8 } as const;
export const RECORD_ALIGNMENT = 8;

const STAGE_SHIFT = 27;
export const LENGTH_MASK: number = (1 << STAGE_SHIFT) - 1;
export const CLAIMED: number = 1 << 31;
export const REDELIVERED: number = 1 << 30;
/** What a mark says apart from its length and REDELIVERED. */
export const STATE_MASK: number = CLAIMED | (7 << STAGE_SHIFT);
export const FILLED: number = CLAIMED | (1 << STAGE_SHIFT);
export const COMMITTED: number = 1 << STAGE_SHIFT;
export const DELIVERED: number = 2 << STAGE_SHIFT;
export const DONE: number = 3 << STAGE_SHIFT;

/** Positions reach twice this and are signed words. */
export const MAX_RING_BYTES: number = 2 ** 30;
export const MAX_MESSAGE_BYTES: number = 2 ** 27 - RECORD_ALIGNMENT;

/** What a message of so many bytes takes in the ring. */
export function recordBytes(messageBytes: number): number {
  return (RECORD.message + messageBytes + (RECORD_ALIGNMENT - 1)) & -RECORD_ALIGNMENT;
}
