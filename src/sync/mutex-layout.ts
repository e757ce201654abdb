/**
 * A mutex: 8 bytes, 4-aligned, all zero = free and not used yet.
 *
 * ```
 * byte 0           4                                                        8
 *      +-----------+--------------------------------------------------------+
 *      | lock word | RECURSIVE 31 | PLAIN 30 | depth 29..20 | ticket 19..0 |
 *      +-----------+--------------------------------------------------------+
 * ```
 *
 * | part             | means                                                                                       |
 * |------------------|---------------------------------------------------------------------------------------------|
 * | lock word        | lock-word-layout.ts                                                                         |
 * | RECURSIVE, PLAIN | the kind that its users agree on: the first one stores it by a compareExchange with 0       |
 * | depth            | how often the owner of a recursive mutex holds it beyond the first time                     |
 * | ticket           | which acquisition of its owner this is (ticket-layout.ts)                                   |
 *
 * From then on only the owner stores the second word. What a dead or a former owner left of depth and ticket is overwritten
 * by whoever acquires, before it tells anybody.
 */
import { ABOVE_TICKET, TICKET_MASK } from './ticket-layout.ts';

/** Bytes of a mutex. */
export const BYTE_LENGTH = 8;

/** Byte of the lock word (lock-word-layout.ts). */
export const LOCK_OFFSET = 0;

/** Index of the word of kind, depth and ticket among the mutex's 32-bit words. */
export const STATE_INDEX = 1;

export const RECURSIVE: number = 1 << 31;
export const PLAIN: number = 1 << 30;

/** Added to the state for each time that the owner holds it beyond the first. */
export const ONE_DEEPER: number = ABOVE_TICKET;

/** How often the owner of a recursive mutex may hold it beyond the first time. */
export const MAX_DEPTH = 0x3ff;

/** The depth in a state. */
export function depthOf(state: number): number {
  return (state >>> 20) & MAX_DEPTH;
}

/** The ticket in a state. */
export function ticketOf(state: number): number {
  return state & TICKET_MASK;
}
