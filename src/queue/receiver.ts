import { copyBytes } from './copy-bytes.ts';
import { Delivery } from './delivery.ts';
import { DRAINED, type QueueCore } from './queue-core.ts';
import { RECORD } from './queue-layout.ts';
import { Source } from './source.ts';
import { type Outcome, OVER } from './wait-line.ts';

/**
 * The ways to get a message. Each is an attempt whose result is then fetched: an attempt is what a wait repeats, and makes no
 * object where nothing is to be got.
 */
export class Receiver<T, Live> {
  readonly #core: QueueCore<T, Live, never>;
  /** The last attempt got a message. */
  #got = false;
  /** It still has to be decoded. */
  #encoded = false;
  #value: T | undefined;
  #delivery: Delivery<T, Live> | undefined;
  #length: number | undefined;

  readonly messages: Source<T>;
  readonly deliveries: Source<Delivery<T, Live>>;

  constructor(core: QueueCore<T, Live, never>) {
    this.#core = core;
    const awaiting = (attempt: () => Outcome) => core.receiving(attempt);
    const receive = core.ownership ? () => this.#receiveOwned() : () => this.#receive();
    this.messages = new Source(core.receivers, receive, () => this.#takeValue(), awaiting);
    const take = () => this.#take();
    this.deliveries = new Source(core.receivers, take, () => this.#takeDelivery(), awaiting);
  }

  #takeValue(): T | undefined {
    if (!this.#got) return undefined;
    this.#got = false;
    if (this.#encoded) return this.#core.decode();
    const value = this.#value;
    this.#value = undefined;
    return value;
  }

  #takeDelivery(): Delivery<T, Live> | undefined {
    const delivery = this.#delivery;
    this.#delivery = undefined;
    return delivery;
  }

  /** What puts messages into memory of the caller's, and answers their lengths. */
  into(target: Uint8Array): Source<number> {
    const core = this.#core;
    const attempt = () => this.attemptInto(target);
    return new Source(core.receivers, attempt, this.takeLength, (again) => core.receiving(again));
  }

  /** Puts a message into `target`; {@link takeLength} tells how long it is. */
  attemptInto(target: Uint8Array): Outcome {
    const core = this.#core;
    const at = core.begin();
    if (at <= 0) return outcome(at);
    try {
      const { consumer, ring } = core;
      const bytes = consumer.foundBytes;
      if (target.length < bytes) {
        throw new RangeError(`Cannot receive into ${target.length} bytes: the next message has ${bytes}`);
      }
      copyBytes(ring.dataView, at + RECORD.message, bytes, target);
      consumer.remove(at);
      this.#length = bytes;
      return OVER;
    } finally {
      core.leave();
    }
  }

  readonly takeLength = (): number | undefined => {
    const length = this.#length;
    this.#length = undefined;
    return length;
  };

  /** All that is there; if one of them cannot be had, none is taken. */
  takeAll(): T[] {
    const taken: Delivery<T, Live>[] = [];
    try {
      this.deliveries.drain(taken);
      const values = taken.map((delivery) => delivery.adopt());
      for (const delivery of taken) delivery.finish();
      return values;
    } finally {
      for (const delivery of taken) delivery[Symbol.dispose]();
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
    const outcome = this.#take();
    const delivery = this.#takeDelivery();
    if (!delivery) return outcome;
    try {
      const { value } = delivery;
      delivery.ack();
      this.#encoded = false;
      this.#value = value;
      this.#got = true;
    } finally {
      // The caller gets an error and has nothing to give back.
      delivery[Symbol.dispose]();
    }
    return outcome;
  }
}

function outcome(begun: number): Outcome {
  return begun === DRAINED ? OVER : (begun as Outcome);
}
