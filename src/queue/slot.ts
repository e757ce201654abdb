import { closedError } from '../base/errors.ts';
import { show } from '../base/show.ts';
import { viewBytes } from './copy-bytes.ts';
import type { QueueCore } from './queue-core.ts';
import { RECORD } from './queue-layout.ts';

/**
 * Room for one message, inside the queue's memory: fill it and {@link commit}, nothing is copied.
 *
 * Receivers wait behind an open claim, because messages keep the order of their claims; so fill it soon. The claim of a
 * process that dies is skipped. Views that were handed out are not guarded: do not write through them after `commit`.
 *
 * @typeParam Live what the codec's `live` gives; Uint8Array for raw bytes
 */
export class Slot<Live> {
  readonly #core: QueueCore<unknown, Live, never>;
  readonly #at: number;
  readonly #byteLength: number;
  /** @internal */
  place = 0;
  #open = true;

  /** @internal */
  constructor(core: QueueCore<unknown, Live, never>, at: number, byteLength: number) {
    this.#core = core;
    this.#at = at;
    this.#byteLength = byteLength;
    core.held.add(this);
  }

  /** Bytes that were claimed. They hold what earlier messages left there. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * The message as the codec's live object, or the claimed bytes.
   * @throws TypeError ERR_CLOSED after `commit` or `abort`
   */
  get live(): Live {
    this.#check();
    const { form, ring } = this.#core;
    return form.live(ring, this.#at + RECORD.message, this.#byteLength);
  }

  /**
   * The claimed bytes.
   * @throws TypeError ERR_CLOSED after `commit` or `abort`
   */
  get bytes(): Uint8Array {
    this.#check();
    return viewBytes(this.#core.ring, this.#at + RECORD.message, this.#byteLength);
  }

  /**
   * The claimed bytes.
   * @throws TypeError ERR_CLOSED after `commit` or `abort`
   */
  get dataView(): DataView {
    this.#check();
    const { buffer, origin } = this.#core.ring;
    return new DataView(buffer, origin + this.#at + RECORD.message, this.#byteLength);
  }

  /**
   * Makes it a message: receivers see it once every earlier claim is settled.
   *
   * @param byteLength raw bytes only: how many of the claimed bytes the message has; the rest is given back
   * @throws TypeError ERR_CLOSED after `commit` or `abort`
   */
  commit(byteLength: number = this.#byteLength): void {
    this.#check();
    if (byteLength !== this.#byteLength) this.#shrink(byteLength);
    this.#end();
    this.#core.publish(this.#at, byteLength);
  }

  /**
   * Gives the room back; nobody receives anything.
   * @throws TypeError ERR_CLOSED after `commit` or `abort`
   */
  abort(): void {
    this.#check();
    this.giveBack();
  }

  /** Aborts, unless it has been committed or aborted. */
  [Symbol.dispose](): void {
    if (this.#open && !this.#core.closed) this.giveBack();
  }

  /** @internal */
  giveBack(): void {
    this.#end();
    this.#core.abort(this.#at, this.#byteLength);
  }

  #shrink(byteLength: number): void {
    if (this.#core.form.fixedSize || !Number.isSafeInteger(byteLength) || byteLength < 0) {
      throw new RangeError(`Cannot commit ${show(byteLength)} bytes: this slot has ${this.#byteLength}`);
    }
    if (byteLength > this.#byteLength) {
      throw new RangeError(`Cannot commit ${byteLength} bytes: this slot has ${this.#byteLength}, claim more`);
    }
    this.#core.producer.shrink(this.#at, this.#byteLength, byteLength);
  }

  #end(): void {
    this.#open = false;
    this.#core.held.delete(this);
  }

  #check(): void {
    this.#core.reach();
    if (!this.#open) throw closedError('this slot', 'committed or aborted, claim another one');
  }
}
