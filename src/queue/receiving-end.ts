import { type ConsumerEnd, NOTHING } from './consumer-end.ts';
import type { MessageForm } from './message-form.ts';
import { DONE, RECORD, STAGE, STATE_MASK } from './queue-layout.ts';
import { EMPTY, QuickReceive } from './quick-receive.ts';
import { HEAD, type Ring, TAIL } from './ring.ts';
import { Scratch } from './scratch.ts';
import { IN_THE_WAY, NOT_YET, type WaitLine } from './wait-line.ts';

/** An answer of {@link ReceivingEnd.begin}: the queue has ended and is drained. */
export const DRAINED = -2;

/** One way through the receiving end: the quick one where it will do, else the long one; and who is to be woken then. */
export class ReceivingEnd<T> {
  /** While `cancel` takes out what is left: also what was committed after an earlier one. */
  draining = false;
  readonly #ring: Ring;
  readonly #form: MessageForm<T, unknown, never>;
  readonly #consumer: ConsumerEnd;
  readonly #quick: QuickReceive;
  readonly #senders: WaitLine;
  /** Which of the two has found the message that is just being received. */
  #isQuick = false;
  /** A message on its way to the codec; taken while that runs, for it may use this queue. */
  #incoming: Scratch | undefined;

  constructor(ring: Ring, form: MessageForm<T, unknown, never>, consumer: ConsumerEnd, senders: WaitLine) {
    this.#ring = ring;
    this.#form = form;
    this.#consumer = consumer;
    this.#quick = new QuickReceive(ring, consumer);
    this.#senders = senders;
  }

  /**
   * Looks for a message: the offset of its record, and the caller is inside the gate until {@link removeAndLeave},
   * {@link deliverAndLeave} or {@link leave}. Or else DRAINED, NOT_YET, IN_THE_WAY.
   */
  begin(): number {
    const at = this.#quick.enter();
    this.#isQuick = at > 0;
    if (at > 0) return at;
    if (at !== EMPTY) return this.#beginLong();
    if (this.#consumer.owesRing) this.#ringSenders();
    return NOT_YET;
  }

  /** Bytes of the message that {@link begin} has found. */
  get foundBytes(): number {
    return this.#isQuick ? this.#quick.foundBytes : this.#consumer.foundBytes;
  }

  /** The position of its record. */
  get foundPosition(): number {
    return this.#isQuick ? this.#quick.foundPosition : this.#consumer.foundPosition;
  }

  /** Takes the found message out for good: it has been copied. */
  removeAndLeave(at: number): void {
    if (this.#isQuick) {
      this.#ringIfTime(this.#quick.removeAndLeave());
      return;
    }
    try {
      this.#consumer.remove(at);
    } finally {
      this.leave();
    }
  }

  /** Hands the found message out; it stays until it is finished. Answers whether it had been handed out before. */
  deliverAndLeave(at: number): boolean {
    if (this.#isQuick) {
      this.#quick.deliverAndLeave(at);
      return false;
    }
    try {
      return this.#consumer.deliver(at);
    } finally {
      this.leave();
    }
  }

  /** With the found message still in the queue. */
  leave(): void {
    this.#ring.consumers.leave();
    this.#ringIfTime(false);
  }

  /** A copy of a message of fixed size, inside the gate; {@link decode} makes the value of it outside. */
  copyOut(at: number): void {
    this.#incoming ??= new Scratch(this.#form.maxBytes);
    this.#incoming.copyFrom(this.#ring, at + RECORD.message);
  }

  decode(): T {
    const scratch = this.#incoming!;
    this.#incoming = undefined;
    const value = this.#form.read(scratch, 0, this.#form.maxBytes);
    this.#incoming = scratch;
    return value;
  }

  /** Our delivery is over. If somebody is busy at the receiving end, that one frees its room, or a full producer. */
  finish(at: number, position: number, messageBytes: number): void {
    const slept = this.#quick.finish(position, messageBytes);
    if (slept !== undefined) this.#ringIfTime(slept);
    else if (this.#ring.consumers.tryEnter()) {
      try {
        this.#consumer.finishInside(at, position, messageBytes);
      } finally {
        this.leave();
      }
    } else this.#consumer.finish(at, messageBytes);
  }

  /**
   * Frees what nobody will receive: the aborted, and what the dead had claimed. Answers whether it did, not whether somebody
   * could: a sender that waits asks this before it sleeps. The only consumer is the only one who frees; it does when it
   * receives.
   */
  makeRoom(): boolean {
    const { consumers } = this.#ring;
    if (!this.#headIsDone() || !consumers.tryVisit()) return false;
    try {
      return this.#consumer.sweep(true);
    } finally {
      this.leave();
    }
  }

  #beginLong(): number {
    const ring = this.#ring;
    const consumer = this.#consumer;
    const gate = ring.consumers;
    if (!gate.tryEnter()) return IN_THE_WAY;
    let at = NOT_YET as number;
    try {
      // Before the tail is looked at: once the queue has ended, nothing comes behind what is there.
      const { stage } = ring;
      const found = stage === STAGE.cancelled && !this.draining ? NOTHING : consumer.find();
      if (found > 0) at = found;
      else if (found === NOTHING && stage !== STAGE.open) at = DRAINED;
      return at;
    } finally {
      if (at <= 0) {
        gate.leave();
        if (consumer.owesRing) this.#ringSenders();
      }
    }
  }

  /**
   * Senders are woken when half of the ring is free, or nothing is left to be received: waking them for each message would
   * cost more than the message. Between the two they look by themselves, slice after slice.
   */
  #ringIfTime(slept: boolean): void {
    const consumer = this.#consumer;
    if (slept) consumer.owesRing = true;
    if (consumer.owesRing && consumer.isHalfFree) this.#ringSenders();
  }

  #ringSenders(): void {
    this.#consumer.owesRing = false;
    this.#senders.wake();
  }

  #headIsDone(): boolean {
    const ring = this.#ring;
    const head = ring.position(HEAD);
    if (head === ring.position(TAIL)) return false;
    const mark = ring.mark(ring.at(head));
    if ((mark & STATE_MASK) === DONE) return true;
    return mark < 0 && !ring.participants.isAlive(ring.owner(ring.at(head)));
  }
}
