import { CLAIMED, COMMITTED, DONE, FILLED, RECORD, RECORD_ALIGNMENT, recordBytes, STAGE } from './queue-layout.ts';
import { HEAD, type Ring, TAIL } from './ring.ts';

/** Answers of {@link ProducerEnd.claim} that are not an offset. */
export const FULL = -1;
export const BUSY = -2;
export const ENDED = -3;

/**
 * The sending end: claim, fill, publish.
 *
 * With many producers a claim is visible as such, so that the others go on behind it. A single producer shows nothing
 * before the message is whole: its claim is private, and one store publishes record and position.
 */
export class ProducerEnd {
  readonly #ring: Ring;
  readonly #many: boolean;
  /** Where the head was last seen; for a single producer it can only be further on. */
  #headSeen = -1;
  /** The single producer's claim: the offset of its record, and the tail behind it. */
  #private = 0;
  #privateTail = 0;

  constructor(ring: Ring) {
    this.#ring = ring;
    this.#many = ring.producers.many;
  }

  /** Whether a single producer has a claim open: it can have one. */
  get hasPrivateClaim(): boolean {
    return this.#private !== 0;
  }

  /** The offset of a record for so many bytes, or why there is none. */
  claim(messageBytes: number): number {
    const ring = this.#ring;
    const gate = ring.producers;
    if (!gate.tryEnter()) return BUSY;
    try {
      if (ring.stage !== STAGE.open) return ENDED;
      const needed = recordBytes(messageBytes);
      const tail = this.#many ? ring.position(TAIL) : ring.ownPosition(TAIL);
      let at = ring.at(tail);
      const toEnd = ring.at(0) + ring.size - at;
      const padding = needed > toEnd ? toEnd : 0;
      if (!this.#fits(tail, needed + padding)) return FULL;
      if (padding > 0) {
        ring.writeMark(at, DONE | (padding - RECORD.message));
        at = ring.at(0);
      }
      const next = ring.forward(tail, needed + padding);
      if (this.#many) {
        ring.setOwner(at, ring.self);
        ring.writeMark(at, CLAIMED | messageBytes);
        // ORDER: seq_cst; the claim. Pairs with position(TAIL) of the consumers.
        Atomics.store(ring.words, TAIL, next);
      } else {
        this.#private = at;
        this.#privateTail = next;
      }
      return at;
    } finally {
      gate.leave();
    }
  }

  /** Says that the message stands there, and only the ownership of what it names is yet to pass. */
  filled(at: number, messageBytes: number): void {
    const ring = this.#ring;
    if (this.#private === at) {
      ring.setOwner(at, ring.self);
      ring.writeMark(at, FILLED | messageBytes);
      this.#publishPrivate();
    } else ring.setMark(at, FILLED | messageBytes);
  }

  commit(at: number, messageBytes: number): void {
    const ring = this.#ring;
    if (this.#private === at) {
      ring.writeMark(at, COMMITTED | messageBytes);
      this.#publishPrivate();
    } else ring.setMark(at, COMMITTED | messageBytes);
  }

  /** Gives back the end of a claim of `claimedBytes`, before the commit of `messageBytes`. */
  shrink(at: number, claimedBytes: number, messageBytes: number): void {
    const ring = this.#ring;
    const [before, now] = [recordBytes(claimedBytes), recordBytes(messageBytes)];
    if (now === before) return;
    if (this.#private === at) this.#privateTail = ring.forward(this.#privateTail, 2 * ring.size - (before - now));
    else ring.writeMark(at + now, DONE | (before - now - RECORD_ALIGNMENT));
  }

  abort(at: number, claimedBytes: number): void {
    if (this.#private === at) this.#private = 0;
    else this.#ring.setMark(at, DONE | claimedBytes);
  }

  /** Whether a message of so many bytes would find room now. A look without the gate: the answer may be old. */
  hasRoom(messageBytes: number): boolean {
    const ring = this.#ring;
    const needed = recordBytes(messageBytes);
    const tail = ring.position(TAIL);
    const toEnd = ring.at(0) + ring.size - ring.at(tail);
    const used = ring.distance(ring.position(HEAD), tail);
    return ring.size - used >= needed + (needed > toEnd ? toEnd : 0);
  }

  #fits(tail: number, bytes: number): boolean {
    const ring = this.#ring;
    if (!this.#many && this.#headSeen >= 0 && ring.size - ring.distance(this.#headSeen, tail) >= bytes) return true;
    this.#headSeen = ring.position(HEAD);
    return ring.size - ring.used(this.#headSeen, tail) >= bytes;
  }

  #publishPrivate(): void {
    this.#private = 0;
    // ORDER: seq_cst; record and position at once. Pairs with position(TAIL) of the consumers.
    Atomics.store(this.#ring.words, TAIL, this.#privateTail);
  }
}
