import type { Participants } from '../base/participants.ts';
import { TICKET_MASK } from './ticket-layout.ts';

/** Numbers the acquisitions of one participant. */
export class Tickets {
  #last = 0;

  /** The next one; never 0. */
  next(): number {
    this.#last = this.#last === TICKET_MASK ? 1 : this.#last + 1;
    return this.#last;
  }
}

const known = new WeakMap<Participants, Tickets>();

/** The tickets of a participant: all of its locks draw from the same. */
export function ticketsOf(participants: Participants): Tickets {
  let tickets = known.get(participants);
  if (!tickets) {
    tickets = new Tickets();
    known.set(participants, tickets);
  }
  return tickets;
}
