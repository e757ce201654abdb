/**
 * A ticket: the number of an acquisition, in 20 bits that its holder stores beside its lock.
 *
 * A thread numbers its acquisitions, whatever they are of, from 1 to 2^20 - 1 and round again. So a word that names this
 * thread as its owner, with the ticket of a guard beside it, is the very acquisition that the guard stands for: not a later
 * one of the same lock, and not one of another lock. Only the holder reads its ticket, and whoever acquires overwrites
 * what the last one left.
 */

/** The bits of a ticket. */
export const TICKET_MASK = 0xf_ffff;

/** The lowest bit above a ticket. */
export const ABOVE_TICKET: number = TICKET_MASK + 1;
