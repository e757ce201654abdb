import type { WaitOptions } from '../base/participants.ts';
import { show } from '../base/show.ts';
import { tooLong } from './message-form.ts';
import { ENDED } from './producer-end.ts';
import type { QueueCore } from './queue-core.ts';
import { STAGE } from './queue-layout.ts';
import { Slot } from './slot.ts';
import { checkWait, limits, NOT_YET } from './wait-line.ts';

/** What `send` answers when it had not to wait. */
const SENT = Promise.resolve();

/** The sending half of a RingQueue's members. */
export abstract class QueueSender<T, Live, In> {
  readonly #core: QueueCore<T, Live, In>;

  /** @internal */
  constructor(core: QueueCore<T, Live, In>) {
    this.#core = core;
  }

  /** Messages of the largest size that fit at least; exactly so many if all have one size. */
  get capacity(): number {
    return this.#core.ring.capacity;
  }

  /** Bytes of the largest message. */
  get maxMessageBytes(): number {
    return this.#core.ring.maxMessageBytes;
  }

  /** Whether nothing more can be sent. Messages may still be waiting. */
  get ended(): boolean {
    this.#core.open();
    return this.#core.ring.stage !== STAGE.open;
  }

  /** Whether this object has been closed. */
  get closed(): boolean {
    return this.#core.closed;
  }

  /**
   * Sends now, or answers false: the queue is full, earlier `send`s of this object still wait, or another process was
   * stopped in the middle of a claim.
   *
   * @throws MapFileError ERR_ENDED after `end` or `cancel`, by whomever
   * @throws MapFileError ERR_BUSY if the queue is for one producer and another is it
   * @throws TypeError | RangeError if the value is no message of this queue
   */
  trySend(value: In): boolean {
    const core = this.#core;
    core.open();
    if (core.senders.isBusy) return false;
    const at = core.put(value);
    if (at === ENDED) throw core.endedError();
    return at > 0;
  }

  /**
   * Sends as soon as there is room; at once, before it returns its Promise, if there is. Sends of one object keep their
   * order. A value that has to wait is encoded first, so changing it meanwhile does no harm.
   *
   * Rejects with ERR_TIMEOUT, AbortError, ERR_CLOSED (this object was closed meanwhile), and as {@link trySend}.
   */
  send(value: In, options?: WaitOptions): Promise<void> {
    try {
      if (options !== undefined) checkWait(options);
      if (this.trySend(value)) return SENT;
      return this.#core.senders.wait(this.#core.sending(value), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends, and blocks the thread until there is room.
   * @throws MapFileError ERR_TIMEOUT, and as {@link trySend}
   */
  sendSync(value: In, options?: WaitOptions): void {
    if (options !== undefined) checkWait(options);
    if (this.trySend(value)) return;
    this.#core.senders.waitSync(this.#core.sendingNow(value), NOT_YET, options);
  }

  /**
   * Room for one message in the queue itself, or undefined where {@link trySend} answers false.
   *
   * @param byteLength raw bytes: how many, at most; not given for a codec
   * @throws as {@link trySend}; a queue for one producer has one open claim at a time (ERR_BUSY)
   */
  tryClaim(byteLength: number = this.maxMessageBytes): Slot<Live> | undefined {
    const core = this.#core;
    core.open();
    if (!Number.isSafeInteger(byteLength) || byteLength < 0) {
      throw new RangeError(`Cannot claim ${show(byteLength)} bytes: expected an integer of 0 or more`);
    }
    if (byteLength > this.maxMessageBytes) throw tooLong(byteLength, this.maxMessageBytes);
    if (core.form.fixedSize && byteLength !== this.maxMessageBytes) {
      throw new RangeError(`Cannot claim ${byteLength} bytes: every message here has ${this.maxMessageBytes}`);
    }
    if (core.senders.isBusy) return undefined;
    const at = core.claim(byteLength);
    if (at === ENDED) throw core.endedError();
    return at > 0 ? new Slot(core, at, byteLength) : undefined;
  }

  /**
   * No more will come: sending throws ERR_ENDED everywhere, also to those who wait for room; receivers get what is there
   * (open claims included), then `undefined`. Cannot be undone.
   *
   * Blocks while another process was stopped in the middle of sending; without `timeoutMs`, until that one goes on or dies.
   *
   * @throws MapFileError ERR_TIMEOUT; then the queue has not ended
   * @throws MapFileError ERR_BUSY if the queue is for one producer and another living thread is it, or has a claim open
   */
  end(options?: WaitOptions): void {
    if (options !== undefined) checkWait(options);
    this.#core.end(limits(options));
  }
}
