import {
  CLAIMED,
  COMMITTED,
  DONE,
  FILLED,
  HEADER,
  RECORD,
  RECORD_ALIGNMENT,
  recordBytes,
  SLEEP,
  STAGE,
} from './queue-layout.ts';
import { HEAD, type Ring, TAIL } from './ring.ts';

/** Answers of {@link ProducerEnd.begin} and {@link ProducerEnd.claim} that are not an offset. */
export const FULL = -1;
export const BUSY = -2;
export const ENDED = -3;

/**
 * The sending end. Two ways to send: {@link begin}, fill and {@link publish} inside the gate, in one go; or {@link claim},
 * fill outside for as long as it takes, {@link commit}.
 *
 * With many producers a claim is visible as such, so that the others go on behind it. A single producer shows nothing
 * before the message is whole: its claim is private, and one store publishes record and position.
 */
export class ProducerEnd {
  readonly #ring: Ring;
  /** Whether the gate may be contended, and what is done in it should be short. */
  readonly many: boolean;
  /** The tail as it is, and behind the record that is being made. */
  #tail = 0;
  #next = 0;
  /** The offset of the single producer's open claim. */
  #private = 0;

  constructor(ring: Ring) {
    this.#ring = ring;
    this.many = ring.producers.many;
  }

  /** Whether a single producer has a claim open: it can have one. */
  get hasPrivateClaim(): boolean {
    return this.#private !== 0;
  }

  /** The offset of a record for so many bytes, and the caller is inside the gate until {@link leave}; or why there is none. */
  begin(messageBytes: number): number {
    const gate = this.#ring.producers;
    if (!gate.tryEnter()) return BUSY;
    let at = BUSY;
    try {
      at = this.#reserve(messageBytes);
      return at;
    } finally {
      if (at < 0) gate.leave();
    }
  }

  /** Makes the record that was begun a message, and leaves. Answers whether a receiver sleeps. */
  publishAndLeave(at: number, messageBytes: number): boolean {
    try {
      return this.#publish(at, messageBytes);
    } finally {
      this.leave();
    }
  }

  leave(): void {
    this.#ring.producers.leave();
  }

  /** The offset of a record for so many bytes, or why there is none. */
  claim(messageBytes: number): number {
    const at = this.begin(messageBytes);
    if (at < 0) return at;
    try {
      if (this.many) {
        this.#ring.setOwner(at, this.#ring.self);
        this.#ring.writeMark(at, CLAIMED | messageBytes);
        this.#moveTail();
      } else this.#private = at;
      return at;
    } finally {
      this.leave();
    }
  }

  /** Says that the message stands there, and only the ownership of what it names is yet to pass. */
  filled(at: number, messageBytes: number): void {
    const ring = this.#ring;
    if (this.#private === at) {
      ring.setOwner(at, ring.self);
      ring.writeMark(at, FILLED | messageBytes);
      this.#private = 0;
      this.#moveTail();
    } else ring.setMark(at, FILLED | messageBytes);
  }

  /** Makes the claim a message. Answers whether a receiver sleeps. */
  commit(at: number, messageBytes: number): boolean {
    if (this.#private === at) {
      this.#private = 0;
      return this.#publish(at, messageBytes);
    }
    this.#ring.setMark(at, COMMITTED | messageBytes);
    return (Atomics.load(this.#ring.words, TAIL) & SLEEP) !== 0;
  }

  /** Gives back the end of a claim of `claimedBytes`, before the commit of `messageBytes`. */
  shrink(at: number, claimedBytes: number, messageBytes: number): void {
    const ring = this.#ring;
    const [before, now] = [recordBytes(claimedBytes), recordBytes(messageBytes)];
    if (now === before) return;
    if (this.#private === at) this.#next = ring.forward(this.#next, 2 * ring.size - (before - now));
    else ring.writeMark(at + now, DONE | (before - now - RECORD_ALIGNMENT));
  }

  abort(at: number, claimedBytes: number): void {
    if (this.#private === at) this.#private = 0;
    else this.#ring.setMark(at, DONE | claimedBytes);
  }

  /** Whether a message of so many bytes would find room now. A look without the gate: the answer may be old. */
  hasRoom(messageBytes: number): boolean {
    const ring = this.#ring;
    return this.#free() >= this.#needed(ring.at(ring.position(TAIL)), recordBytes(messageBytes));
  }

  /**
   * Whether an eighth of the ring is free: worth waiting for while the receivers have the rest before them, because a ring
   * that is full again after each message stops both ends for every one.
   */
  hasPlenty(): boolean {
    return this.#free() >= this.#ring.size >> 3;
  }

  #reserve(messageBytes: number): number {
    const ring = this.#ring;
    if (ring.stage !== STAGE.open) return ENDED;
    const needed = recordBytes(messageBytes);
    const tail = ring.own(HEADER.tail);
    let at = ring.at(tail);
    const bytes = this.#needed(at, needed);
    if (!this.#fits(tail, bytes)) return FULL;
    const padding = bytes - needed;
    if (padding > 0) {
      ring.writeMark(at, DONE | (padding - RECORD.message));
      at = ring.at(0);
    }
    this.#tail = tail;
    this.#next = ring.forward(tail, bytes);
    return at;
  }

  /** Bytes that a record takes which is to begin there, with the padding if it does not fit before the end of the ring. */
  #needed(at: number, record: number): number {
    const toEnd = this.#ring.at(0) + this.#ring.size - at;
    return record > toEnd ? record + toEnd : record;
  }

  #free(): number {
    const ring = this.#ring;
    return ring.size - ring.distance(ring.position(HEAD), ring.position(TAIL));
  }

  #fits(tail: number, bytes: number): boolean {
    const ring = this.#ring;
    // Wherever the head was seen, it can only be further on.
    if (ring.size - ring.distance(ring.own(HEADER.headSeen), tail) >= bytes) return true;
    const head = ring.position(HEAD);
    const used = ring.used(head, tail);
    ring.setOwn(HEADER.headSeen, head);
    return ring.size - used >= bytes;
  }

  #publish(at: number, messageBytes: number): boolean {
    this.#ring.writeMark(at, COMMITTED | messageBytes);
    return this.#moveTail();
  }

  /** Answers whether a receiver sleeps. */
  #moveTail(): boolean {
    // ORDER: seq_cst; the record is whole, or claimed, before the position covers it. Pairs with position(TAIL) of the
    // consumers. An addition, because a receiver may set SLEEP at any time.
    return (Atomics.add(this.#ring.words, TAIL, this.#next - this.#tail) & SLEEP) !== 0;
  }
}
