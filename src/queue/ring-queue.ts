import { inspect } from 'node:util';
import type { Memory } from '../base/memory.ts';
import type { WaitOptions } from '../base/participants.ts';
import { show } from '../base/show.ts';
import { MappedView } from '../memory/index.ts';
import type { Delivery } from './delivery.ts';
import { type QueueShape, queueBytes } from './format.ts';
import type { MessageClass, MessageCodec } from './message-form.ts';
import { QueueCore } from './queue-core.ts';
import {
  type CreateQueueOptions,
  createPlace,
  formOf,
  type Messages,
  openOrCreatePlace,
  openPlace,
  type QueueOptions,
  type QueuePlace,
} from './queue-place.ts';
import { QueueSender } from './queue-sender.ts';
import { type QueueStats, queueStats } from './queue-stats.ts';
import { Receiver } from './receiver.ts';
import { checkWait, limits } from './wait-line.ts';

/**
 * A bounded queue of messages in shared memory, for many producers and many consumers in as many processes.
 *
 * Messages keep the order in which they were claimed. Each is received once: by whoever receives it first. A process that is
 * killed, at whatever step, neither stops the queue nor damages it: its unfinished sends are skipped, its unacknowledged
 * deliveries go to the next receiver. With `receive` a message leaves the queue at the moment it is handed over, so what a killed
 * receiver had got is gone with it; with {@link take} nothing is lost, but a message may be handled twice.
 *
 * @typeParam T what `receive` gives
 * @typeParam Live what a slot or delivery shows in place
 * @typeParam In what `send` takes
 *
 * @example
 * ```ts
 * import { RingQueue } from 'mapfile/queue';
 *
 * const queue = RingQueue.create('Greetings', 64, { capacity: 100 });
 * const other = RingQueue.open('Greetings'); // in another process
 * try {
 *   await queue.send(new TextEncoder().encode('hello'));
 *   console.log(new TextDecoder().decode(await other.receive())); // hello
 * } finally {
 *   other.close();
 *   queue.close();
 * }
 * ```
 */
export class RingQueue<T, Live = T, In = T> extends QueueSender<T, Live, In> implements Disposable, AsyncIterable<T> {
  readonly #core: QueueCore<T, Live, In>;
  /** Whether this call made the queue. */
  readonly created: boolean;
  /** Its name, or how errors call it. */
  readonly name: string;
  readonly #receiver: Receiver<T, Live>;
  readonly #release: () => void;

  /**
   * Bytes of memory that a queue needs, to make it in memory of one's own.
   * @throws RangeError for a shape that cannot be
   */
  static byteLength<T, Live, In>(messages: MessageCodec<T, Live, In> | number, shape: QueueShape): number {
    return queueBytes(formOf(messages), shape);
  }

  /**
   * Makes a queue: under a name, or in memory that is all zero and starts at a multiple of 8 bytes. Other processes see it
   * whole or not at all.
   *
   * @param messages the codec of every message; or the largest number of bytes, for raw messages (Uint8Array)
   * @throws MapFileError ERR_NAME_EXISTS if there is one already, ERR_WRONG_KIND if the memory holds something else,
   *   ERR_TOO_SMALL if it is smaller than {@link byteLength}; by name as MappedView.create
   * @throws RangeError for a shape that cannot be
   */
  static create(where: string | Memory, byteLength: number, options: CreateQueueOptions<Uint8Array>): BytesQueue;
  static create<T, Live, In>(
    where: string | Memory,
    messages: MessageClass<T, Live, In>,
    options: CreateQueueOptions<T>,
  ): RingQueue<T, Live, In>;
  static create<T, Live, In>(
    where: string | Memory,
    codec: MessageCodec<T, Live, In>,
    options: CreateQueueOptions<T>,
  ): RingQueue<T, Live, In>;
  static create<T, Live, In>(
    where: string | Memory,
    messages: Messages<T, Live, In>,
    options: CreateQueueOptions<T>,
  ): RingQueue<T, Live, In> {
    return new RingQueue(createPlace(where, messages, options), options);
  }

  /**
   * Opens the queue of this name, or in this memory.
   *
   * @param messages the codec of its messages; absent or a number for raw bytes
   * @throws MapFileError ERR_NAME_NOT_FOUND if there is none, ERR_WRONG_KIND if the memory holds something else,
   *   ERR_LAYOUT_MISMATCH if it carries other messages; by name as MappedView.open
   */
  static open(where: string | Memory, messages?: number, options?: QueueOptions<Uint8Array>): BytesQueue;
  static open<T, Live, In>(
    where: string | Memory,
    messages: MessageClass<T, Live, In>,
    options?: QueueOptions<T>,
  ): RingQueue<T, Live, In>;
  static open<T, Live, In>(
    where: string | Memory,
    codec: MessageCodec<T, Live, In>,
    options?: QueueOptions<T>,
  ): RingQueue<T, Live, In>;
  static open<T, Live, In>(
    where: string | Memory,
    messages?: Messages<T, Live, In>,
    options: QueueOptions<T> = {},
  ): RingQueue<T, Live, In> {
    return new RingQueue(openPlace(where, messages, options), options);
  }

  /**
   * Opens the queue, or makes it: exactly one of many who try makes it, see {@link created}.
   * @throws as {@link create} and {@link open}
   */
  static openOrCreate(where: string | Memory, byteLength: number, options: CreateQueueOptions<Uint8Array>): BytesQueue;
  static openOrCreate<T, Live, In>(
    where: string | Memory,
    messages: MessageClass<T, Live, In>,
    options: CreateQueueOptions<T>,
  ): RingQueue<T, Live, In>;
  static openOrCreate<T, Live, In>(
    where: string | Memory,
    codec: MessageCodec<T, Live, In>,
    options: CreateQueueOptions<T>,
  ): RingQueue<T, Live, In>;
  static openOrCreate<T, Live, In>(
    where: string | Memory,
    messages: Messages<T, Live, In>,
    options: CreateQueueOptions<T>,
  ): RingQueue<T, Live, In> {
    return new RingQueue(openOrCreatePlace(where, messages, options), options);
  }

  /** Takes the name away; who has the queue open keeps it. As MappedView.unlink. */
  static unlink(name: string): boolean {
    return MappedView.unlink(name);
  }

  static {
    Object.defineProperty(RingQueue.prototype, inspect.custom, {
      value(this: RingQueue<unknown>, _depth: number, options: object): string {
        if (this.closed) return 'RingQueue { closed }';
        const { name, capacity } = this;
        const { ready, claimed, delivered, received, ended } = this.stats();
        return `RingQueue ${inspect({ name, capacity, ready, claimed, delivered, received, ended }, options)}`;
      },
    });
  }

  /** @internal */
  constructor(place: QueuePlace<T, Live, In>, options: QueueOptions<T>) {
    if (typeof place?.release !== 'function') {
      throw new TypeError('Cannot construct a RingQueue: call RingQueue.create, open or openOrCreate');
    }
    let core: QueueCore<T, Live, In>;
    try {
      const { name, participants } = place;
      const { ownership, patrolMs } = options;
      core = new QueueCore(place.range, place.form, { participants, name, ownership, patrolMs });
    } catch (error) {
      place.release();
      throw error;
    }
    super(core);
    this.#core = core;
    this.#receiver = new Receiver(core);
    this.#release = place.release;
    this.created = place.created;
    this.name = place.name;
  }

  /**
   * The next message, or undefined: none is there, earlier `receive`s of this object still wait, or another process was
   * stopped in the middle of a receive. The message has left the queue when this returns.
   *
   * Small raw messages share a buffer with others, as Node's small Buffers do: do not transfer it, and send a Worker
   * `message.slice()`, which has a buffer of its own. {@link tryReceiveInto} fills memory of the caller's.
   *
   * @throws MapFileError ERR_BUSY if the queue is for one consumer and another is it
   * @throws MapFileError ERR_CORRUPT if something else wrote into the memory
   */
  tryReceive(): T | undefined {
    this.#core.open();
    return this.#receiver.messages.try();
  }

  /**
   * The next message as soon as there is one; undefined when the queue has ended and nothing is left in it. Small raw
   * messages share a buffer with others, see {@link tryReceive}.
   *
   * Rejects with ERR_TIMEOUT, AbortError, ERR_CLOSED (this object was closed meanwhile), and as {@link tryReceive}.
   */
  receive(options?: WaitOptions): Promise<T | undefined> {
    return this.#receiver.messages.next(options);
  }

  /**
   * The next message; blocks the thread until there is one. Undefined when the queue has ended and nothing is left in it.
   * @throws MapFileError ERR_TIMEOUT, and as {@link tryReceive}
   */
  receiveSync(options?: WaitOptions): T | undefined {
    return this.#receiver.messages.sync(options);
  }

  /**
   * The bytes of the next message into memory of the caller's, without making anything; answers how many they are, or
   * undefined where {@link tryReceive} does. The fastest form: new memory for each message costs more than the message.
   *
   * @throws RangeError if `target` is too short; the message stays in the queue
   * @throws TypeError if `target` is no Uint8Array, or the queue's messages have owners: then {@link take}
   * @throws as {@link tryReceive}
   */
  tryReceiveInto(target: Uint8Array): number | undefined {
    this.#core.open();
    this.#checkTarget(target);
    if (this.#core.receivers.isBusy) return undefined;
    return this.#receiver.receiveInto(target);
  }

  /**
   * As {@link tryReceiveInto}, as soon as there is a message; undefined when the queue has ended and nothing is left in it.
   * Until then `target` is the queue's.
   *
   * Rejects as {@link receive} and {@link tryReceiveInto}.
   */
  receiveInto(target: Uint8Array, options?: WaitOptions): Promise<number | undefined> {
    try {
      this.#checkTarget(target);
      return this.#receiver.into(target).next(options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@link receiveInto}, and blocks the thread. */
  receiveIntoSync(target: Uint8Array, options?: WaitOptions): number | undefined {
    // What is there already is had without an object for the wait.
    if (options === undefined) {
      const length = this.tryReceiveInto(target);
      if (length !== undefined) return length;
    } else this.#checkTarget(target);
    return this.#receiver.into(target).sync(options);
  }

  /** The next message as a {@link Delivery} that stays in the queue until its `ack()`, or undefined. */
  tryTake(): Delivery<T, Live> | undefined {
    this.#core.open();
    return this.#receiver.deliveries.try();
  }

  /**
   * The next message as a {@link Delivery}, as soon as there is one; undefined when the queue has ended and everything has
   * been acknowledged, except by this thread.
   *
   * What a consumer took and did not acknowledge before it died comes first, marked `redelivered`.
   *
   * Rejects as {@link receive}.
   */
  take(options?: WaitOptions): Promise<Delivery<T, Live> | undefined> {
    return this.#receiver.deliveries.next(options);
  }

  /** As {@link take}, and blocks the thread. */
  takeSync(options?: WaitOptions): Delivery<T, Live> | undefined {
    return this.#receiver.deliveries.sync(options);
  }

  /** Every message until the queue has ended and is drained. Each leaves the queue when it is handed over. */
  messages(options?: WaitOptions): AsyncIterableIterator<T, void, void> {
    return this.#receiver.messages.all(options);
  }

  /** Every message until the queue has ended and is drained; acknowledge each. */
  deliveries(options?: WaitOptions): AsyncIterableIterator<Delivery<T, Live>, void, void> {
    return this.#receiver.deliveries.all(options);
  }

  /** As {@link messages}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, void, void> {
    return this.messages();
  }

  /**
   * Nobody wants more: sending throws ERR_ENDED everywhere, receiving ends everywhere at once. Answers the messages that nobody
   * will receive. Cannot be undone.
   *
   * A claim that is open cannot be committed any more (ERR_ENDED; its sender keeps what it owns). What stood behind one, what
   * was just being committed, and what a queue's only producer was just sending, is answered by a later `cancel()`.
   *
   * Blocks while another process was stopped in the middle of sending or receiving; without `timeoutMs`, until that one goes
   * on or dies.
   *
   * @throws MapFileError ERR_BUSY if the queue is for one consumer and another living thread is it; then nothing has ended
   * @throws MapFileError ERR_TIMEOUT; then the queue may have ended, and every message is still in it
   * @throws what the codec or the queue's ownership throws; then the queue has ended, and every message is still in it
   */
  cancel(options?: WaitOptions): T[] {
    this.#core.reach();
    if (options !== undefined) checkWait(options);
    const within = limits(options);
    return this.#core.cancel(() => this.#receiver.takeAll(within), within);
  }

  /**
   * What is in the queue now, and what has gone through it. While another process stands stopped in the middle of a receive,
   * the figures may be off by what it was about to do.
   */
  stats(): QueueStats {
    this.#core.reach();
    return queueStats(this.#core);
  }

  /**
   * Leaves the queue; the others go on. Open slots are aborted, open deliveries go to the next receiver, pending waits of
   * this object reject with ERR_CLOSED. The queue itself lasts as long as its
   * memory: a name goes with its last holder.
   */
  close(): void {
    if (this.#core.close()) this.#release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #checkTarget(target: unknown): void {
    if (!(target instanceof Uint8Array)) {
      throw new TypeError(`Cannot receive into ${show(target)}: pass a Uint8Array`);
    }
    if (this.#core.ownership) {
      throw new TypeError(`Cannot receive the bytes of ${this.name}: its messages have owners, take or receive them`);
    }
  }
}

/** A queue of raw bytes. */
export type BytesQueue = RingQueue<Uint8Array, Uint8Array, Uint8Array>;
