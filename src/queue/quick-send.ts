import type { Gate } from './gate.ts';
import { CLAIMED, COMMITTED, HEADER, recordBytes, SLEEP, STAGE } from './queue-layout.ts';
import { HEAD, type Ring, TAIL } from './ring.ts';

/**
 * What most sends are: there is room before the end of the ring. One function each, gate and all, as QuickReceive is to
 * ConsumerEnd; whatever is not the plain case is left to ProducerEnd.
 */
export class QuickSend {
  readonly #ring: Ring;
  readonly #words: Int32Array;
  readonly #dataView: DataView;
  readonly #gate: Gate;
  /** What the tail moves by. */
  #step = 0;

  constructor(ring: Ring) {
    this.#ring = ring;
    this.#words = ring.words;
    this.#dataView = ring.dataView;
    this.#gate = ring.producers;
  }

  /** The offset of a record for so many bytes, and the caller is inside the gate; or 0 outside it: ask ProducerEnd. */
  enter(messageBytes: number): number {
    const words = this.#words;
    const dataView = this.#dataView;
    const ring = this.#ring;
    if (words.length === 0 || !this.#gate.tryEnter()) return 0;
    const tail = dataView.getInt32(HEADER.tail, true) & ~SLEEP;
    // Inside the gate: behind the end of the queue nothing is sent.
    if (dataView.getInt32(HEADER.stage, true) === STAGE.open && ring.isPosition(tail)) {
      const needed = recordBytes(messageBytes);
      const at = ring.at(tail);
      const most = ring.fits(at, needed) ? ring.size - needed : -1;
      let head = dataView.getInt32(HEADER.headSeen, true);
      if (ring.distance(head, tail) > most) {
        // ORDER: seq_cst; pairs with the addition of the consumers: they have left the bytes before it.
        head = Atomics.load(words, HEAD) & ~SLEEP;
        if (ring.distance(head, tail) <= most) ring.setOwn(HEADER.headSeen, head);
      }
      if (ring.distance(head, tail) <= most && ring.isPosition(head)) {
        const after = ring.forward(tail, needed);
        this.#step = after - tail;
        return at;
      }
    }
    this.#gate.leave();
    return 0;
  }

  /** Makes the record that was begun a message, and leaves. Answers whether a receiver slept. */
  publishAndLeave(at: number, messageBytes: number): boolean {
    this.#ring.writeMark(at, COMMITTED | messageBytes);
    return this.#moveTailAndLeave();
  }

  /** As {@link enter}, and shows the record as claimed, outside the gate. For many producers. */
  claim(messageBytes: number): number {
    const at = this.enter(messageBytes);
    if (at === 0) return 0;
    const ring = this.#ring;
    ring.setOwner(at, ring.self);
    ring.writeMark(at, CLAIMED | messageBytes);
    this.#moveTailAndLeave();
    return at;
  }

  #moveTailAndLeave(): boolean {
    // ORDER: seq_cst; the record is whole, or claimed, before the position covers it. Pairs with position(TAIL) of the
    // consumers. An addition, because a receiver may set SLEEP at any time.
    const slept = (Atomics.add(this.#words, TAIL, this.#step) & SLEEP) !== 0;
    this.#gate.leave();
    return slept;
  }
}
