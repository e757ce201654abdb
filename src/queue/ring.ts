import { closedError, MapFileError } from '../base/errors.ts';
import { type MemoryRange, offsetKey } from '../base/memory.ts';
import type { ParticipantId, Participants } from '../base/participants.ts';
import { LockWord } from '../sync/lock-word.ts';
import type { Bytes } from './copy-bytes.ts';
import { type Gate, ManyGate, OneGate } from './gate.ts';
import {
  DONE,
  FLAG,
  HEADER,
  HEADER_BYTES,
  LENGTH_MASK,
  RECORD,
  RECORD_ALIGNMENT,
  recordBytes,
  SLEEP,
  STAGE,
  STATE_MASK,
} from './queue-layout.ts';

const WORD = 4;
export const HEAD: number = HEADER.head / WORD;
export const TAIL: number = HEADER.tail / WORD;
export const RETURNED: number = HEADER.returned / WORD;
const STAGE_WORD = HEADER.stage / WORD;

/** The ring of a formatted queue: its bytes, and the arithmetic of positions. Checks everything that others wrote. */
export class Ring implements Bytes {
  readonly name: string;
  readonly dataView: DataView;
  readonly buffer: ArrayBufferLike;
  readonly origin: number;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly participants: Participants;
  readonly producers: Gate;
  readonly consumers: Gate;
  readonly receiversKey: number;
  readonly sendersKey: number;
  /** Bytes of the ring. */
  readonly size: number;
  readonly maxMessageBytes: number;
  readonly minMessageBytes: number;
  readonly capacity: number;
  #self = 0 as ParticipantId;

  constructor(range: MemoryRange, participants: Participants, name: string) {
    const { dataView } = range;
    const { buffer, byteOffset } = dataView;
    this.name = name;
    this.dataView = dataView;
    this.buffer = buffer;
    this.origin = byteOffset;
    this.size = dataView.getInt32(HEADER.ringBytes, true);
    this.bytes = new Uint8Array(buffer, byteOffset, HEADER_BYTES + this.size);
    this.words = new Int32Array(buffer, byteOffset, (HEADER_BYTES + this.size) / WORD);
    this.participants = participants;
    this.maxMessageBytes = dataView.getInt32(HEADER.maxMessageBytes, true);
    this.capacity = dataView.getInt32(HEADER.capacity, true);
    const flags = dataView.getInt32(HEADER.flags, true);
    this.minMessageBytes = flags & FLAG.fixedSize ? this.maxMessageBytes : 0;
    const producers = new LockWord(range, HEADER.producersLock, participants, `the sending end of ${name}`);
    const consumers = new LockWord(range, HEADER.consumersLock, participants, `the receiving end of ${name}`);
    const many = (lock: LockWord): Gate => new ManyGate(lock, participants.spins);
    this.producers = flags & FLAG.oneProducer ? new OneGate(producers, 'producer', name) : many(producers);
    this.consumers = flags & FLAG.oneConsumer ? new OneGate(consumers, 'consumer', name) : many(consumers);
    this.receiversKey = offsetKey(range.originKey, HEADER.tail);
    this.sendersKey = offsetKey(range.originKey, HEADER.head);
  }

  get self(): ParticipantId {
    if (this.#self === 0) this.#self = this.participants.self;
    return this.#self;
  }

  /** What every use looks at first. @throws TypeError ERR_CLOSED if the memory has gone: nothing else makes the load throw */
  get stage(): number {
    try {
      return this.dataView.getInt32(HEADER.stage, true);
    } catch {
      throw closedError(this.name);
    }
  }

  /** From open to ended to cancelled, never back. */
  setStage(stage: number): void {
    // ORDER: seq_cst, before the ring that follows; pairs with the look of whoever is about to sleep.
    if (stage === STAGE.cancelled) Atomics.store(this.words, STAGE_WORD, stage);
    else Atomics.compareExchange(this.words, STAGE_WORD, STAGE.open, stage);
  }

  /** A position that only whoever holds the caller's gate writes. */
  own(byteOffset: number): number {
    return this.#checked(this.dataView.getInt32(byteOffset, true) & ~SLEEP);
  }

  /** Notes a position for whoever holds the gate next. */
  setOwn(byteOffset: number, position: number): void {
    this.dataView.setInt32(byteOffset, position, true);
  }

  /** HEAD or TAIL, as another participant wrote it. */
  position(word: number): number {
    return this.#checked(Atomics.load(this.words, word) & ~SLEEP);
  }

  /** Whether a word can be one. */
  isPosition(word: number): boolean {
    return word >= 0 && word < 2 * this.size && (word & (RECORD_ALIGNMENT - 1)) === 0;
  }

  /** Whether a message can have so many bytes. */
  isLength(messageBytes: number): boolean {
    return messageBytes >= this.minMessageBytes && messageBytes <= this.maxMessageBytes;
  }

  /** Bytes from one position to a later one. */
  distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + 2 * this.size;
  }

  forward(position: number, bytes: number): number {
    const sum = position + bytes;
    return sum >= 2 * this.size ? sum - 2 * this.size : sum;
  }

  /** Bytes in use. */
  used(head: number, tail: number): number {
    const used = this.distance(head, tail);
    if (used > this.size) throw this.corrupt(`${used} bytes of ${this.size} are in use`);
    return used;
  }

  /** Where in the memory the record at a position starts. */
  at(position: number): number {
    return HEADER_BYTES + (position >= this.size ? position - this.size : position);
  }

  /** Whether so many bytes fit there before the end of the ring. */
  fits(at: number, bytes: number): boolean {
    return at + bytes <= HEADER_BYTES + this.size;
  }

  mark(at: number): number {
    return Atomics.load(this.words, at / WORD);
  }

  /**
   * The mark of a record that the tail covers, where the caller only asks whether a message stands there: with one producer
   * the message was whole before the tail moved, so that a plain load will do.
   */
  coveredMark(at: number): number {
    return this.producers.many ? this.mark(at) : this.dataView.getInt32(at + RECORD.mark, true);
  }

  owner(at: number): ParticipantId {
    return this.dataView.getInt32(at + RECORD.owner, true) as ParticipantId;
  }

  setOwner(at: number, owner: ParticipantId | 0): void {
    this.dataView.setInt32(at + RECORD.owner, owner, true);
  }

  /** Publishes a record's new state. */
  setMark(at: number, mark: number): void {
    // ORDER: seq_cst; what the record says was written before. Pairs with mark() of whoever scans.
    Atomics.store(this.words, at / WORD, mark);
  }

  /** A mark that nobody may look at yet, or only under the gate that the caller holds. */
  writeMark(at: number, mark: number): void {
    this.dataView.setInt32(at + RECORD.mark, mark, true);
  }

  /** Bytes of the record with this mark; never beyond the end of the ring or `left`, and not what no message can have. */
  recordBytes(at: number, mark: number, left: number): number {
    const messageBytes = mark & LENGTH_MASK;
    const bytes = recordBytes(messageBytes);
    const isMessage = this.isLength(messageBytes) || (mark & STATE_MASK) === DONE;
    if (bytes > left || !this.fits(at, bytes) || !isMessage) {
      throw this.corrupt(`the record at ${at} claims ${messageBytes} bytes`);
    }
    return bytes;
  }

  #checked(position: number): number {
    if (this.isPosition(position)) return position;
    throw this.corrupt(`position ${position} is not in a ring of ${this.size} bytes`);
  }

  corrupt(detail: string): MapFileError<'ERR_CORRUPT'> {
    return new MapFileError(
      'ERR_CORRUPT',
      `Cannot go on with ${this.name}: ${detail}; something else wrote into its memory, create it anew`,
      { detail },
    );
  }
}
