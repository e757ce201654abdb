import { copyBytes } from './copy-bytes.ts';
import { Delivery } from './delivery.ts';
import { DRAINED, type QueueCore } from './queue-core.ts';
import { RECORD } from './queue-layout.ts';
import { type Awaited, type Outcome, OVER } from './wait-line.ts';

/**
 * The three ways to get a message, each as one attempt whose result is then fetched: an attempt is what a wait repeats, and
 * makes no object where nothing is to be got.
 */
export class Receiver<T, Live> {
  readonly #core: QueueCore<T, Live, never>;
  /** The last attempt got a message. */
  #got = false;
  /** It still has to be decoded. */
  #encoded = false;
  #value: T | undefined;
  #delivery: Delivery<T, Live> | undefined;

  /** Attempts to receive. */
  readonly attempt: () => Outcome;
  /** Attempts to take a delivery. */
  readonly attemptTake: () => Outcome;
  /** What a receive waits for. */
  readonly awaited: Awaited;
  /** What a take waits for. */
  readonly awaitedTake: Awaited;

  constructor(core: QueueCore<T, Live, never>) {
    this.#core = core;
    this.attemptTake = () => this.#take();
    this.attempt = core.ownership ? () => this.#receiveOwned() : () => this.#receive();
    this.awaited = core.receiving(this.attempt);
    this.awaitedTake = core.receiving(this.attemptTake);
  }

  /** The message that the last attempt got. */
  takeValue(): T | undefined {
    if (!this.#got) return undefined;
    this.#got = false;
    if (this.#encoded) return this.#core.decode();
    const value = this.#value;
    this.#value = undefined;
    return value;
  }

  /** The delivery that the last attempt got. */
  takeDelivery(): Delivery<T, Live> | undefined {
    const delivery = this.#delivery;
    this.#delivery = undefined;
    return delivery;
  }

  /** The length of the message that is now in `target`. */
  attemptInto(target: Uint8Array): number | undefined {
    const core = this.#core;
    const at = core.begin();
    if (at <= 0) return undefined;
    try {
      const { consumer, ring } = core;
      const bytes = consumer.foundBytes;
      if (target.length < bytes) {
        throw new RangeError(`Cannot receive into ${target.length} bytes: the next message has ${bytes}`);
      }
      copyBytes(ring.dataView, at + RECORD.message, bytes, target);
      consumer.remove(at);
      return bytes;
    } finally {
      core.leave();
    }
  }

  #receive(): Outcome {
    const core = this.#core;
    const at = core.begin();
    if (at <= 0) return outcome(at);
    try {
      const { consumer, form } = core;
      // Raw bytes are copied by us alone. A codec may be the caller's code, and runs outside.
      this.#encoded = form.fixedSize;
      if (form.fixedSize) core.copyOut(at);
      else this.#value = core.valueAt(at, consumer.foundBytes);
      // Now, not before: if the copy failed, there is no message in our hands.
      consumer.remove(at);
      this.#got = true;
      return OVER;
    } finally {
      core.leave();
    }
  }

  #take(): Outcome {
    const core = this.#core;
    const at = core.begin();
    if (at <= 0) return outcome(at);
    try {
      this.#delivery = new Delivery(core, at, core.consumer.deliver(at));
      return OVER;
    } finally {
      core.leave();
    }
  }

  /** What has an owner must never be without one: taken, read, and acknowledged. */
  #receiveOwned(): Outcome {
    const outcome = this.attemptTake();
    const delivery = this.takeDelivery();
    if (delivery) {
      this.#encoded = false;
      this.#value = delivery.value;
      delivery.ack();
      this.#got = true;
    }
    return outcome;
  }
}

function outcome(begun: number): Outcome {
  return begun === DRAINED ? OVER : (begun as Outcome);
}
