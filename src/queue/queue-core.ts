import { closedError, MapFileError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { ConsumerEnd, NOTHING } from './consumer-end.ts';
import type { MessageForm } from './message-form.ts';
import type { MessageOwnership } from './ownership.ts';
import { BUSY, ENDED, FULL, ProducerEnd } from './producer-end.ts';
import { DONE, HEADER, RECORD, STAGE, STATE_MASK } from './queue-layout.ts';
import { HEAD, Ring, TAIL } from './ring.ts';
import { type Awaited, IN_THE_WAY, NOT_YET, type Outcome, OVER, WaitLine } from './wait-line.ts';

/** A record in our hands, to be given back when the queue object is closed. */
export interface Held {
  giveBack(): void;
}

/** What a queue needs beside memory and messages. */
export interface CoreOptions<T> {
  readonly participants: Participants;
  readonly name: string;
  readonly ownership?: MessageOwnership<T> | undefined;
  /** How often a busy queue asks whether the holders of older deliveries live; for tests. */
  readonly patrolMs?: number | undefined;
}

/** Up to so many words are copied one by one: to make a view costs more. */
const SMALL = 32;

/** A queue at work: both ends, those who wait at them, and how values get in and out. */
export class QueueCore<T, Live, In> {
  readonly ring: Ring;
  readonly form: MessageForm<T, Live, In>;
  readonly producer: ProducerEnd;
  readonly consumer: ConsumerEnd;
  readonly senders: WaitLine;
  readonly receivers: WaitLine;
  readonly ownership: MessageOwnership<T> | undefined;
  /** Claims and deliveries that are open. */
  readonly held: Set<Held> = new Set();
  #owesWake = false;
  readonly #scratch: Uint8Array;
  readonly #scratchWords: Int32Array;
  readonly #scratchView: DataView;
  #closed = false;

  constructor(range: MemoryRange, form: MessageForm<T, Live, In>, options: CoreOptions<T>) {
    const { participants, name, ownership } = options;
    this.ring = new Ring(range, participants, name);
    this.form = form;
    this.ownership = ownership;
    this.producer = new ProducerEnd(this.ring);
    this.consumer = new ConsumerEnd(
      this.ring,
      ownership && ((at, bytes) => ownership.disown(this.valueAt(at, bytes))),
      options.patrolMs,
    );
    const { words, sendersKey, receiversKey } = this.ring;
    this.senders = new WaitLine(words, HEADER.sendersSleep, sendersKey, participants);
    this.receivers = new WaitLine(words, HEADER.receiversSleep, receiversKey, participants);
    const words4 = form.fixedSize ? (form.maxBytes + 3) >> 2 : 0;
    this.#scratchWords = new Int32Array(words4);
    this.#scratch = new Uint8Array(this.#scratchWords.buffer);
    this.#scratchView = new DataView(this.#scratchWords.buffer);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws TypeError ERR_CLOSED */
  open(): void {
    if (this.#closed) throw closedError(this.ring.name);
  }

  /** The offset of a claimed record, or FULL, BUSY, ENDED. */
  claim(messageBytes: number): number {
    this.open();
    const { producer, ring } = this;
    if (producer.hasPrivateClaim) {
      throw new MapFileError(
        'ERR_BUSY',
        `Cannot send to ${ring.name}: its only producer has a claim open, commit or abort it first`,
        { name: ring.name, owner: ring.self },
      );
    }
    const at = producer.claim(messageBytes);
    return at === FULL && this.#makeRoom() ? producer.claim(messageBytes) : at;
  }

  /** Sends now: the offset of the record, or FULL, BUSY, ENDED. */
  put(value: In): number {
    const bytes = this.form.lengthOf(value);
    const at = this.claim(bytes);
    if (at < 0) return at;
    try {
      this.form.write(this.ring.bytes, this.ring.dataView, at + RECORD.message, value);
    } catch (error) {
      this.abort(at, bytes);
      throw error;
    }
    this.publish(at, bytes);
    return at;
  }

  /** Makes a filled claim a message. */
  publish(at: number, bytes: number): void {
    if (this.ownership) {
      this.producer.filled(at, bytes);
      try {
        this.ownership.disown(this.valueAt(at, bytes));
      } catch (error) {
        this.abort(at, bytes);
        throw error;
      }
    }
    this.producer.commit(at, bytes);
    this.receivers.notify();
  }

  abort(at: number, bytes: number): void {
    this.producer.abort(at, bytes);
    // Others may have committed behind it.
    this.receivers.notify();
  }

  valueAt(at: number, bytes: number): T {
    return this.form.read(this.ring.dataView, at + RECORD.message, bytes);
  }

  /** What `send` waits for. The value is encoded now, so that a later change of it does no harm. */
  sending(value: In): Awaited {
    const { form, ring, producer } = this;
    const message = new Uint8Array(form.lengthOf(value));
    form.write(message, new DataView(message.buffer), 0, value);
    const hasRoom = () => ring.stage !== STAGE.open || producer.hasRoom(message.length);
    return {
      what: `room in ${ring.name}`,
      gate: ring.producers,
      attempt: () => {
        const at = this.claim(message.length);
        if (at > 0) {
          ring.bytes.set(message, at + RECORD.message);
          this.publish(at, message.length);
          return OVER;
        }
        if (at === ENDED) throw this.endedError();
        return at === BUSY ? IN_THE_WAY : NOT_YET;
      },
      looksReady: hasRoom,
      isReady: () => this.#closed || hasRoom() || this.#headIsDone(),
    };
  }

  /**
   * One look for a message. OVER: `got` was called with its record, which is taken out when it returns, or `got` was not
   * called because the queue has ended and is drained.
   */
  look(got: (at: number, bytes: number) => void): Outcome {
    this.open();
    const { ring, consumer } = this;
    const gate = ring.consumers;
    if (!gate.tryEnter()) return IN_THE_WAY;
    let idle = true;
    try {
      // Before the tail is looked at: once the queue has ended, nothing comes behind what is there.
      const { stage } = ring;
      if (stage === STAGE.cancelled) return OVER;
      const at = consumer.find();
      if (at > 0) {
        idle = false;
        got(at, consumer.foundBytes);
        return OVER;
      }
      return stage !== STAGE.open && at === NOTHING ? OVER : NOT_YET;
    } finally {
      gate.leave();
      this.#roomCame(idle);
    }
  }

  /** A copy of the message at `at`, inside the gate; {@link decode} makes the value of it outside. */
  copyOut(at: number, bytes: number): T | undefined {
    // Raw bytes are copied by us alone. A codec may be the caller's code, which has no business inside the gate.
    if (!this.form.fixedSize) return this.valueAt(at, bytes);
    const words = this.#scratchWords;
    const { dataView, words: ring } = this.ring;
    const start = at + RECORD.message;
    if (words.length <= SMALL) {
      for (let i = 0; i < words.length; i++) words[i] = dataView.getInt32(start + 4 * i, true);
    } else words.set(ring.subarray(start >> 2, (start >> 2) + words.length));
    return undefined;
  }

  decode(): T {
    return this.form.read(this.#scratchView, 0, this.#scratch.length);
  }

  /** What a receiver waits for. */
  receiving(attempt: () => Outcome): Awaited {
    const { ring, consumer } = this;
    return {
      what: `a message in ${ring.name}`,
      gate: ring.consumers,
      attempt,
      looksReady: () => ring.stage !== STAGE.open || consumer.looksReady(),
      isReady: () => this.#closed || this.#hasMessage(),
    };
  }

  /** Our delivery is over. */
  finish(at: number): void {
    const { ring, consumer } = this;
    consumer.finish(at);
    this.sweep(false);
    // The other receivers of an ended queue wait for the last delivery.
    if (ring.stage !== STAGE.open) this.receivers.notify();
  }

  /** Frees what is done at the head, unless somebody is busy at it: then that one, or a full producer, does it. */
  sweep(judging: boolean): boolean {
    const gate = this.ring.consumers;
    if (!gate.tryEnter()) return false;
    try {
      this.consumer.sweep(judging);
    } finally {
      gate.leave();
    }
    return this.#roomCame(false);
  }

  endedError(): MapFileError<'ERR_ENDED'> {
    const { name } = this.ring;
    return new MapFileError('ERR_ENDED', `Cannot send to ${name}: it has ended, create another one to send more`, {
      name,
    });
  }

  /** Runs `fn` at the receiving end, where it must not take long. */
  insideConsumers<R>(fn: () => R): R {
    const gate = this.ring.consumers;
    while (!gate.tryEnter()) gate.passSync({});
    try {
      return fn();
    } finally {
      gate.leave();
    }
  }

  /** Nothing more can be sent; what is claimed is still delivered. */
  end(): void {
    this.open();
    const gate = this.ring.producers;
    // Inside the gate, so that no claim is made behind it.
    while (!gate.tryEnter()) gate.passSync({});
    this.ring.setStage(STAGE.ended);
    gate.leave();
    this.receivers.wake();
    this.senders.wake();
  }

  /** Nothing more can be sent or received; `takeOne` gets what is left, until it answers false. */
  cancel(takeOne: () => boolean): void {
    this.ring.setStage(STAGE.ended);
    while (takeOne());
    this.ring.setStage(STAGE.cancelled);
    this.receivers.wake();
    this.senders.wake();
  }

  close(): void {
    if (this.#closed) return;
    for (const record of this.held) record.giveBack();
    this.held.clear();
    this.#closed = true;
    this.ring.producers.close();
    this.ring.consumers.close();
    this.senders.close();
    this.receivers.close();
  }

  /**
   * Wakes the senders when half of the ring is free, or nothing is left to be received: waking them for each message would
   * cost more than the message. Between the two they look by themselves, slice after slice.
   */
  #roomCame(idle: boolean): boolean {
    const freed = this.consumer.takeFreed();
    if (freed) this.#owesWake = true;
    if (this.#owesWake && this.senders.hasSleepers && (idle || this.consumer.freeBytes >= this.ring.size >> 1)) {
      this.#owesWake = false;
      this.senders.wake();
    }
    return freed;
  }

  #hasMessage(): boolean {
    const { ring, consumer } = this;
    const gate = ring.consumers;
    if (!gate.tryEnter()) return true;
    try {
      const { stage } = ring;
      const at = consumer.find();
      return at > 0 || (stage !== STAGE.open && at === NOTHING) || stage === STAGE.cancelled;
    } finally {
      gate.leave();
      this.#roomCame(true);
    }
  }

  /** Frees what nobody will receive: the aborted, and what the dead had claimed. */
  #makeRoom(): boolean {
    return this.ring.consumers.many && this.#headIsDone() && this.sweep(true);
  }

  #headIsDone(): boolean {
    const { ring } = this;
    const head = ring.position(HEAD);
    if (head === ring.position(TAIL)) return false;
    const mark = ring.mark(ring.at(head));
    if ((mark & STATE_MASK) === DONE) return true;
    return mark < 0 && !ring.participants.isAlive(ring.owner(ring.at(head)));
  }
}
