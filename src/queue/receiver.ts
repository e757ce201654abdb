import { copyBytes } from './copy-bytes.ts';
import { Delivery } from './delivery.ts';
import type { QueueCore } from './queue-core.ts';
import { RECORD } from './queue-layout.ts';
import { DRAINED, type ReceivingEnd } from './receiving-end.ts';
import { Source } from './source.ts';
import { type Limits, NOT_YET, type Outcome, OVER } from './wait-line.ts';

/**
 * The ways to get a message. Each is an attempt, which a wait repeats: it answers what it got, and makes no object where there is
 * nothing; what it came to is kept as a number beside it.
 */
export class Receiver<T, Live> {
  readonly #core: QueueCore<T, Live, never>;
  readonly #end: ReceivingEnd<T>;
  #outcome: Outcome = NOT_YET;

  readonly messages: Source<T>;
  readonly deliveries: Source<Delivery<T, Live>>;

  constructor(core: QueueCore<T, Live, never>) {
    this.#core = core;
    this.#end = core.receivingEnd;
    this.messages = this.#source(core.ownership ? () => this.#receiveOwned() : () => this.#receive());
    this.deliveries = this.#source(() => this.#take());
  }

  /** What puts messages into memory of the caller's, and answers their lengths. */
  into(target: Uint8Array): Source<number> {
    return this.#source(() => this.receiveInto(target));
  }

  /** The length of a message that is now in `target`. */
  receiveInto(target: Uint8Array): number | undefined {
    const end = this.#end;
    const at = this.#begin();
    if (at <= 0) return undefined;
    const bytes = end.foundBytes;
    try {
      if (target.length < bytes) {
        throw new RangeError(`Cannot receive into ${target.length} bytes: the next message has ${bytes}`);
      }
      copyBytes(this.#core.ring, at + RECORD.message, bytes, target);
    } catch (error) {
      end.leave();
      throw error;
    }
    end.removeAndLeave(at);
    return bytes;
  }

  /** All that is there; if one of them cannot be had, none is taken. @throws MapFileError ERR_TIMEOUT */
  takeAll(within: Limits): T[] {
    const taken: Delivery<T, Live>[] = [];
    try {
      this.deliveries.drain(taken, within);
      const values = taken.map((delivery) => delivery.adopt());
      for (const delivery of taken) delivery.finish();
      return values;
    } finally {
      for (const delivery of taken) delivery[Symbol.dispose]();
    }
  }

  #source<R>(attempt: () => R | undefined): Source<R> {
    return new Source(this.#core, attempt, () => this.#outcome);
  }

  #begin(): number {
    const at = this.#core.begin();
    this.#outcome = at > 0 || at === DRAINED ? OVER : (at as Outcome);
    return at;
  }

  #receive(): T | undefined {
    const core = this.#core;
    const end = this.#end;
    const at = this.#begin();
    if (at <= 0) return undefined;
    const { fixedSize } = core.form;
    let value: T | undefined;
    try {
      // Raw bytes are copied by us alone. A codec may be the caller's code, which runs outside, and may use this queue.
      if (fixedSize) end.copyOut(at);
      else value = core.valueAt(at, end.foundBytes);
    } catch (error) {
      end.leave();
      throw error;
    }
    // Now, not before: if the copy failed, there is no message in our hands.
    end.removeAndLeave(at);
    if (!fixedSize) return value;
    value = end.decode();
    this.#outcome = OVER;
    return value;
  }

  #take(): Delivery<T, Live> | undefined {
    const end = this.#end;
    const at = this.#begin();
    if (at <= 0) return undefined;
    const { foundPosition, foundBytes } = end;
    return new Delivery(this.#core, at, foundPosition, foundBytes, end.deliverAndLeave(at));
  }

  /** What has an owner must never be without one: taken, read, and acknowledged. */
  #receiveOwned(): T | undefined {
    const delivery = this.#take();
    if (!delivery) return undefined;
    try {
      const { value } = delivery;
      delivery.ack();
      this.#outcome = OVER;
      return value;
    } finally {
      // The caller gets an error and has nothing to give back.
      delivery[Symbol.dispose]();
    }
  }
}
