import { Delivery } from './delivery.ts';
import type { QueueCore } from './queue-core.ts';
import { RECORD } from './queue-layout.ts';
import type { Awaited, Outcome } from './wait-line.ts';

/**
 * The three ways to get a message, each as one attempt whose result is then fetched: an attempt is what a wait repeats, and
 * makes no object where nothing is to be got.
 */
export class Receiver<T, Live> {
  readonly #core: QueueCore<T, Live, never>;
  /** A record was found by the attempt. */
  #found = false;
  /** Its message still has to be decoded. */
  #encoded = false;
  #value: T | undefined;
  #delivery: Delivery<T, Live> | undefined;
  #target: Uint8Array | undefined;
  #length: number | undefined;

  /** Attempts to receive. */
  readonly attempt: () => Outcome;
  /** Attempts to take a delivery. */
  readonly attemptTake: () => Outcome;
  /** What a blocking receive waits for. */
  readonly awaited: Awaited;
  /** What a blocking take waits for. */
  readonly awaitedTake: Awaited;

  constructor(core: QueueCore<T, Live, never>) {
    this.#core = core;
    const receive = (at: number, bytes: number) => this.#receive(at, bytes);
    const take = (at: number, bytes: number) => this.#take(at, bytes);
    this.attemptTake = () => core.look(take);
    this.attempt = core.ownership ? () => this.#receiveOwned() : () => core.look(receive);
    this.awaited = core.receiving(this.attempt);
    this.awaitedTake = core.receiving(this.attemptTake);
  }

  /** The message that the last attempt got. */
  takeValue(): T | undefined {
    if (!this.#found) return undefined;
    this.#found = false;
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
    this.#target = target;
    this.#length = undefined;
    this.#core.look(this.#into);
    this.#target = undefined;
    return this.#length;
  }

  readonly #into = (at: number, bytes: number): void => {
    const target = this.#target!;
    if (target.length < bytes) {
      throw new RangeError(`Cannot receive into ${target.length} bytes: the next message has ${bytes}`);
    }
    const start = at + RECORD.message;
    target.set(this.#core.ring.bytes.subarray(start, start + bytes));
    this.#length = bytes;
    this.#core.consumer.remove(at);
  };

  #receive(at: number, bytes: number): void {
    const core = this.#core;
    this.#encoded = core.form.fixedSize;
    this.#value = core.copyOut(at, bytes);
    // Now, not before: if the copy failed, there is no message in our hands.
    core.consumer.remove(at);
    this.#found = true;
  }

  #take(at: number, bytes: number): void {
    const again = this.#core.consumer.deliver(at);
    this.#delivery = new Delivery(this.#core, at, bytes, again);
  }

  /** What has an owner must never be without one: taken, read, and acknowledged. */
  #receiveOwned(): Outcome {
    const outcome = this.attemptTake();
    const delivery = this.takeDelivery();
    if (delivery) {
      this.#value = delivery.value;
      delivery.ack();
      this.#found = true;
    }
    return outcome;
  }
}
