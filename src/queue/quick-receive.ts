import type { ConsumerEnd } from './consumer-end.ts';
import type { Gate } from './gate.ts';
import {
  COMMITTED,
  DELIVERED,
  DONE,
  HEADER,
  LENGTH_MASK,
  RECORD,
  REDELIVERED,
  recordBytes,
  SLEEP,
  STAGE,
  STATE_MASK,
} from './queue-layout.ts';
import { HEAD, type Ring, TAIL } from './ring.ts';

/** Answers of {@link QuickReceive.enter} that are not an offset: the caller is outside the gate, and asks ConsumerEnd. */
export const UNUSUAL = 0;
/** So is it here, but there is nothing to ask: the queue is open and empty. */
export const EMPTY = -1;

/**
 * What most receives are: the oldest message stands whole at the head, and no receiver has one. One function each, gate and all,
 * with the loads and stores that ConsumerEnd makes otherwise: in layers, which V8 does not put in line as a whole, a claim, its
 * delivery and the ack took a third longer. (With the Ring's setters in place of the stores below, deliveries took a tenth
 * longer.) Whatever is not the plain case is left to ConsumerEnd.
 */
export class QuickReceive {
  /** The message that {@link enter} has found: its bytes, and the position of its record. */
  foundBytes = 0;
  foundPosition = 0;
  /** The position behind it. */
  #after = 0;
  readonly #ring: Ring;
  readonly #consumer: ConsumerEnd;
  readonly #words: Int32Array;
  readonly #dataView: DataView;
  readonly #gate: Gate;

  constructor(ring: Ring, consumer: ConsumerEnd) {
    this.#ring = ring;
    this.#consumer = consumer;
    this.#words = ring.words;
    this.#dataView = ring.dataView;
    this.#gate = ring.consumers;
  }

  /** The offset of the record to take, and the caller is inside the gate; or UNUSUAL, EMPTY. */
  enter(): number {
    const words = this.#words;
    const dataView = this.#dataView;
    const ring = this.#ring;
    if (words.length === 0 || !this.#gate.tryEnter()) return UNUSUAL;
    let answer = UNUSUAL;
    const head = dataView.getInt32(HEADER.head, true) & ~SLEEP;
    let tail = dataView.getInt32(HEADER.tailSeen, true);
    if (dataView.getInt32(HEADER.stage, true) === STAGE.open && ring.isPosition(head)) {
      if (head === tail) {
        // ORDER: seq_cst; pairs with the additions of the producers. What stands before it is whole, or claimed.
        tail = Atomics.load(words, TAIL) & ~SLEEP;
        ring.setOwn(HEADER.tailSeen, tail);
        if (head === tail) answer = EMPTY;
      }
      if (head !== tail && dataView.getInt32(HEADER.next, true) === head && ring.isPosition(tail)) {
        const at = ring.at(head);
        const mark = ring.coveredMark(at);
        const messageBytes = mark & LENGTH_MASK;
        const bytes = recordBytes(messageBytes);
        const isWhole = (mark & (STATE_MASK | REDELIVERED)) === COMMITTED && ring.isLength(messageBytes);
        if (isWhole && bytes <= ring.distance(head, tail) && ring.fits(at, bytes)) {
          this.foundBytes = messageBytes;
          this.foundPosition = head;
          this.#after = ring.forward(head, bytes);
          return at;
        }
      }
    }
    this.#gate.leave();
    return answer;
  }

  /** Takes what was found out for good, and leaves. Answers whether a sender slept. */
  removeAndLeave(): boolean {
    const slept = this.#free(this.foundPosition, this.#after);
    this.#dataView.setInt32(HEADER.next, this.#after, true);
    this.#count();
    this.#gate.leave();
    return slept;
  }

  /** Hands out what was found, and leaves. */
  deliverAndLeave(at: number): void {
    const dataView = this.#dataView;
    dataView.setInt32(at + RECORD.owner, this.#ring.self, true);
    // ORDER: seq_cst, as every mark that others may judge.
    Atomics.store(this.#words, at / 4, DELIVERED | this.foundBytes);
    dataView.setInt32(HEADER.next, this.#after, true);
    this.#gate.leave();
  }

  /**
   * The delivery there is over, and it was the only one. Answers whether a sender slept; undefined if it was not the plain
   * case, and nothing is done.
   */
  finish(position: number, messageBytes: number): boolean | undefined {
    const dataView = this.#dataView;
    const ring = this.#ring;
    if (this.#words.length === 0 || !this.#gate.tryEnter()) return undefined;
    const head = dataView.getInt32(HEADER.head, true) & ~SLEEP;
    const after = ring.forward(position, recordBytes(messageBytes));
    let slept: boolean | undefined;
    if (head === position && dataView.getInt32(HEADER.next, true) === after && !this.#isDoneAt(after)) {
      slept = this.#free(head, after);
      this.#count();
    }
    this.#gate.leave();
    return slept;
  }

  /** Whether what stands there is to be freed as well: aborted, or the padding before the end of the ring. */
  #isDoneAt(position: number): boolean {
    const dataView = this.#dataView;
    if (dataView.getInt32(HEADER.tailSeen, true) === position) {
      const tail = Atomics.load(this.#words, TAIL) & ~SLEEP;
      dataView.setInt32(HEADER.tailSeen, tail, true);
      if (tail === position) return false;
    }
    return (dataView.getInt32(this.#ring.at(position) + RECORD.mark, true) & STATE_MASK) === DONE;
  }

  #free(head: number, after: number): boolean {
    // ORDER: seq_cst; the bytes before it may be written anew. Pairs with position(HEAD) of the producers. An addition,
    // because a sender may set SLEEP at any time.
    return (Atomics.add(this.#words, HEAD, after - head) & SLEEP) !== 0;
  }

  #count(): void {
    const dataView = this.#dataView;
    const consumer = this.#consumer;
    const before = dataView.getFloat64(HEADER.received, true);
    dataView.setFloat64(HEADER.received, before + 1 + consumer.uncounted, true);
    consumer.uncounted = 0;
  }
}
