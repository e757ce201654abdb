import { beforeDetach } from '../base/before-detach.ts';
import { closedError, MapFileError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { ConsumerEnd } from './consumer-end.ts';
import { HeldRecords } from './held-records.ts';
import type { MessageForm } from './message-form.ts';
import type { MessageOwnership } from './ownership.ts';
import { BUSY, ENDED, FULL, ProducerEnd } from './producer-end.ts';
import { RECORD, STAGE } from './queue-layout.ts';
import { QuickSend } from './quick-send.ts';
import { ReceivingEnd } from './receiving-end.ts';
import { HEAD, Ring, TAIL } from './ring.ts';
import { Scratch } from './scratch.ts';
import {
  type Awaited,
  IN_THE_WAY,
  type Limits,
  NOT_YET,
  type Outcome,
  OVER,
  passWithin,
  WaitLine,
} from './wait-line.ts';

/** What a queue needs beside memory and messages. */
export interface CoreOptions<T> {
  readonly participants: Participants;
  readonly name: string;
  readonly ownership?: MessageOwnership<T> | undefined;
  /** How often a busy queue asks whether the holders of older deliveries live; for tests. */
  readonly patrolMs?: number | undefined;
}

/** Larger messages of many producers are written outside the gate, for two more stores. */
const LONG = 4096;

/** A queue at work: both ends, those who wait at them, and how values get in and out. */
export class QueueCore<T, Live, In> {
  readonly ring: Ring;
  readonly form: MessageForm<T, Live, In>;
  readonly producer: ProducerEnd;
  readonly consumer: ConsumerEnd;
  readonly receivingEnd: ReceivingEnd<T>;
  readonly #quickSend: QuickSend;
  readonly senders: WaitLine;
  readonly receivers: WaitLine;
  readonly ownership: MessageOwnership<T> | undefined;
  /** Claims and deliveries that are open. */
  readonly held: HeldRecords = new HeldRecords();
  /** A message on its way from the codec; taken while that runs, for it may use this queue. */
  #outgoing: Scratch | undefined;
  #closed = false;
  readonly #forgetMemory: () => void;

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
    this.#quickSend = new QuickSend(this.ring);
    const { words, sendersKey, receiversKey } = this.ring;
    this.senders = new WaitLine(words, HEAD, sendersKey, participants);
    this.receivers = new WaitLine(words, TAIL, receiversKey, participants);
    this.receivingEnd = new ReceivingEnd(this.ring, form, this.consumer, this.senders);
    // Whoever closes the view that the queue stands in closes this object, too: what it holds goes back in time.
    this.#forgetMemory = beforeDetach(words.buffer, () => this.close());
  }

  /** Also if somebody has transferred the memory. */
  get closed(): boolean {
    return this.#closed || this.ring.words.length === 0;
  }

  /** @throws TypeError ERR_CLOSED */
  open(): void {
    if (this.#closed) throw closedError(this.ring.name);
  }

  /** As {@link open}, for what goes to the memory at once. @throws TypeError ERR_CLOSED */
  reach(): void {
    if (this.closed) throw closedError(this.ring.name);
  }

  /** The offset of a claimed record, or FULL, BUSY, ENDED. */
  claim(messageBytes: number): number {
    this.#refuseWithClaim('send to');
    let at = this.producer.many ? this.#quickSend.claim(messageBytes) : 0;
    if (at > 0) return at;
    at = this.producer.claim(messageBytes);
    return at === FULL && this.receivingEnd.makeRoom() ? this.producer.claim(messageBytes) : at;
  }

  /** Sends now: the offset of the record, or FULL, BUSY, ENDED. A value that is refused leaves no trace. */
  put(value: In): number {
    return this.#putBytes(this.#encoded(value));
  }

  /** Whether the gate must not be held until the message is there. */
  #needsClaim(bytes: number): boolean {
    return this.ownership !== undefined || (this.producer.many && bytes > LONG);
  }

  /** The message is written inside the gate: nobody ever sees a claim. */
  #putAtOnce(message: Uint8Array): number {
    const { producer, ring } = this;
    const { length } = message;
    this.#refuseWithClaim('send to');
    let at = this.#quickSend.enter(length);
    const isQuick = at > 0;
    if (!isQuick) {
      at = producer.begin(length);
      if (at === FULL && this.receivingEnd.makeRoom()) at = producer.begin(length);
      if (at < 0) return at;
    }
    try {
      ring.bytes.set(message, at + RECORD.message);
    } catch (error) {
      producer.leave();
      throw error;
    }
    const asleep = isQuick ? this.#quickSend.publishAndLeave(at, length) : producer.publishAndLeave(at, length);
    if (asleep) this.receivers.wake();
    return at;
  }

  /** The message is written outside the gate. */
  #putByClaim(message: Uint8Array): number {
    const at = this.claim(message.length);
    if (at < 0) return at;
    try {
      this.ring.bytes.set(message, at + RECORD.message);
    } catch (error) {
      this.abort(at, message.length);
      throw error;
    }
    this.publish(at, message.length);
    return at;
  }

  #putBytes(message: Uint8Array): number {
    return this.#needsClaim(message.length) ? this.#putByClaim(message) : this.#putAtOnce(message);
  }

  /** The bytes of a message, until the next one is encoded. Raw bytes are what they are. */
  #encoded(value: In): Uint8Array {
    const { form } = this;
    form.lengthOf(value);
    if (!form.fixedSize) return value as unknown as Uint8Array;
    const scratch = this.#outgoing ?? new Scratch(form.maxBytes);
    this.#outgoing = undefined;
    form.write(scratch.bytes, scratch.dataView, 0, value);
    this.#outgoing = scratch;
    // The codec may have closed it.
    this.open();
    return scratch.bytes;
  }

  /** Makes a filled claim a message. @throws MapFileError ERR_ENDED after {@link cancel}: nobody would receive it */
  publish(at: number, bytes: number): void {
    if (this.ring.stage === STAGE.cancelled) {
      this.abort(at, bytes);
      throw this.endedError();
    }
    if (this.ownership) {
      this.producer.filled(at, bytes);
      try {
        this.ownership.disown(this.valueAt(at, bytes));
      } catch (error) {
        this.abort(at, bytes);
        throw error;
      }
    }
    if (this.producer.commit(at, bytes)) this.receivers.wake();
  }

  abort(at: number, bytes: number): void {
    this.producer.abort(at, bytes);
    // Others may have committed behind it.
    this.receivers.notify();
  }

  valueAt(at: number, bytes: number): T {
    return this.form.read(this.ring, at + RECORD.message, bytes);
  }

  /** What `sendSync` waits for: the thread blocks, so the value stays as it is. */
  sendingNow(value: In): Awaited {
    return this.#room(this.form.lengthOf(value), () => this.put(value));
  }

  /** What `send` waits for. The value is encoded now, so that a later change of it does no harm. */
  sending(value: In): Awaited {
    const { form } = this;
    // Of its own, and not of a slab: a slab can be detached while we wait.
    const message = new Uint8Array(form.lengthOf(value));
    form.write(message, new DataView(message.buffer), 0, value);
    return this.#room(message.length, () => this.#putBytes(message));
  }

  #room(bytes: number, put: () => number): Awaited {
    const { ring, producer } = this;
    const hasRoom = () => ring.stage !== STAGE.open || producer.hasRoom(bytes);
    return {
      what: `room in ${ring.name}`,
      gate: ring.producers,
      attempt: () => {
        this.open();
        const at = put();
        if (at > 0) return OVER;
        if (at === ENDED) throw this.endedError();
        return at === BUSY ? IN_THE_WAY : NOT_YET;
      },
      looksReady: () => hasRoom() && producer.hasPlenty(),
      isReady: () => this.#closed || hasRoom() || this.receivingEnd.makeRoom(),
    };
  }

  /** As {@link ReceivingEnd.begin}. @throws TypeError ERR_CLOSED */
  begin(): number {
    this.open();
    return this.receivingEnd.begin();
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
  finish(at: number, position: number, messageBytes: number): void {
    this.receivingEnd.finish(at, position, messageBytes);
    // The other receivers of an ended queue wait for the last delivery.
    if (this.ring.stage !== STAGE.open) this.receivers.notify();
  }

  endedError(): MapFileError<'ERR_ENDED'> {
    const { name } = this.ring;
    return new MapFileError('ERR_ENDED', `Cannot send to ${name}: it has ended, create another one to send more`, {
      name,
    });
  }

  /** Nothing more can be sent; what is claimed is still delivered. */
  end(within: Limits): void {
    this.open();
    // Nobody sees it: receivers would not wait for it.
    this.#refuseWithClaim('end');
    this.#endInside(within);
    this.receivers.wake();
    this.senders.wake();
  }

  /** Nothing more can be sent or received; `drain` gets what is left. */
  cancel<R>(drain: () => R, within: Limits): R {
    const { consumers } = this.ring;
    // Before anything has ended: the only consumer alone can take out what is left. ERR_BUSY if that is another one.
    if (!consumers.many) consumers.tryEnter();
    // Whoever is the only producer is inside for good, and may just be sending.
    if (this.producer.many) this.#endInside(within);
    else this.ring.setStage(STAGE.ended);
    let left: R;
    this.receivingEnd.draining = true;
    try {
      left = drain();
    } finally {
      this.receivingEnd.draining = false;
    }
    this.ring.setStage(STAGE.cancelled);
    this.receivers.wake();
    this.senders.wake();
    return left;
  }

  /** Inside the gate, so that nothing is claimed or sent behind it. */
  #endInside(within: Limits): void {
    const gate = this.ring.producers;
    while (!gate.tryEnter()) passWithin(gate, `the sending end of ${this.ring.name}`, within);
    this.ring.setStage(STAGE.ended);
    gate.leave();
  }

  /** Answers whether it was open. */
  close(): boolean {
    if (this.#closed) return false;
    this.#forgetMemory();
    if (!this.closed) {
      this.held.giveAllBack();
      this.ring.producers.close();
      this.ring.consumers.close();
    }
    this.#closed = true;
    this.senders.close();
    this.receivers.close();
    return true;
  }

  #hasMessage(): boolean {
    const at = this.begin();
    if (at > 0) this.receivingEnd.leave();
    return at !== NOT_YET;
  }

  #refuseWithClaim(doing: string): void {
    if (!this.producer.hasPrivateClaim) return;
    const { name, self } = this.ring;
    throw new MapFileError(
      'ERR_BUSY',
      `Cannot ${doing} ${name}: its only producer has a claim open, commit or abort it first`,
      { name, owner: self },
    );
  }
}
