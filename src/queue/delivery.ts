import { closedError } from '../base/errors.ts';
import { adoptIfThere } from './ownership.ts';
import type { QueueCore } from './queue-core.ts';
import { RECORD } from './queue-layout.ts';

/**
 * A message that has been handed out and stays in the queue until {@link ack}: if this process dies first, the next
 * receiver gets it, marked {@link redelivered}. So each message is handled at least once.
 *
 * @typeParam T the message
 * @typeParam Live what the codec's `live` gives; Uint8Array for raw bytes
 */
export class Delivery<T, Live> {
  /** Somebody had this message before: it was handed back, or its receiver died before the `ack`. */
  readonly redelivered: boolean;
  readonly #core: QueueCore<T, Live, never>;
  readonly #at: number;
  readonly #position: number;
  readonly #byteLength: number;
  /** @internal */
  place = 0;
  #value: T | undefined;
  #open = true;

  /** @internal */
  constructor(core: QueueCore<T, Live, never>, at: number, position: number, byteLength: number, redelivered: boolean) {
    this.#core = core;
    this.#at = at;
    this.#position = position;
    this.#byteLength = byteLength;
    this.redelivered = redelivered;
    core.held.add(this);
  }

  /** Bytes of the message. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * The message, copied out of the queue at the first use; the copy stays good after `ack`.
   * @throws TypeError ERR_CLOSED if it is first asked for after `ack` or `release`
   */
  get value(): T {
    if (this.#value === undefined) {
      this.#check();
      this.#value = this.#core.valueAt(this.#at, this.#byteLength);
    }
    return this.#value;
  }

  /**
   * The message where it lies, nothing copied. Not guarded: after `ack` or `release` the next message may stand there.
   * @throws TypeError ERR_CLOSED after `ack` or `release`
   */
  get live(): Live {
    this.#check();
    const { form, ring } = this.#core;
    return form.live(ring, this.#at + RECORD.message, this.#byteLength);
  }

  /**
   * It has been handled: the message leaves the queue, and its room is free once those before it have left too.
   * @throws TypeError ERR_CLOSED after `ack` or `release`
   * @throws what the queue's ownership throws; the delivery stays open
   */
  ack(): void {
    this.#check();
    // Before it leaves the queue: killed in between, we leave it to the next receiver, and never to nobody.
    if (this.#core.ownership) {
      this.adopt();
      // It may have closed the queue: then the message has gone back, and another adopts it.
      this.#check();
    }
    this.finish();
  }

  /**
   * It has not been handled: the next receiver gets it, marked `redelivered`.
   * @throws TypeError ERR_CLOSED after `ack` or `release`
   */
  release(): void {
    this.#check();
    this.giveBack();
  }

  /** Releases, unless it has been acknowledged or released. */
  [Symbol.dispose](): void {
    if (this.#open && !this.#core.closed) this.giveBack();
  }

  /** Makes what the message stands for ours; the message. @internal */
  adopt(): T {
    const { value } = this;
    if (this.#core.ownership) adoptIfThere(this.#core.ownership, value);
    return value;
  }

  /** @internal */
  finish(): void {
    this.#end();
    this.#core.finish(this.#at, this.#position, this.#byteLength);
  }

  /** @internal */
  giveBack(): void {
    this.#end();
    this.#core.consumer.handBack(this.#at, this.#byteLength);
    this.#core.receivers.notify();
  }

  #end(): void {
    this.#open = false;
    this.#core.held.delete(this);
  }

  #check(): void {
    this.#core.reach();
    if (!this.#open) throw closedError('this delivery', 'acknowledged or released, take the next one');
  }
}
