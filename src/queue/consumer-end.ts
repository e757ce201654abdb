import { isGone } from './ownership.ts';
import {
  CLAIMED,
  COMMITTED,
  DELIVERED,
  DONE,
  FILLED,
  HEADER,
  LENGTH_MASK,
  RECORD,
  REDELIVERED,
  recordBytes,
  SLEEP,
  STATE_MASK,
} from './queue-layout.ts';
import { HEAD, RETURNED, type Ring, TAIL } from './ring.ts';

/** Answers of {@link ConsumerEnd.find} that are not an offset. */
export const NOTHING = 0;
/** A living producer still fills the next record. */
export const BLOCKED = -1;
/** Nothing new, but other living consumers have not yet acknowledged what they took. */
export const HELD = -2;

/** How often a busy queue asks whether those who hold older deliveries are alive; an idle one always asks. */
const PATROL_MS = 5;

/** Passes what the message at an offset stands for to the queue: its producer died when it was about to. */
export type Disown = (at: number, messageBytes: number) => void;

/**
 * The receiving end. Everything here runs inside the consumers' gate, except {@link finish}, {@link handBack} and
 * {@link looksReady}; so what is found stays where it is until it is removed: only whoever is inside moves the head.
 */
export class ConsumerEnd {
  readonly #ring: Ring;
  readonly #disown: Disown | undefined;
  readonly #patrolMs: number;
  #patrolled = Number.NEGATIVE_INFINITY;
  /** How many had been given back when none of them was left. */
  #returned = 0;
  /** The positions as they are; {@link HEAD} itself lags behind until {@link #free}. */
  #head = 0;
  #next = 0;
  #tail = 0;
  /** What HEAD says. */
  #shown = 0;
  /** The position, the mark and the bytes of the record found last. */
  #found = 0;
  #foundMark = 0;
  #foundSize = 0;
  /** Finished deliveries that are not yet in the counter. */
  uncounted = 0;
  /** A sender slept when room came free. */
  owesRing = false;

  constructor(ring: Ring, disown?: Disown, patrolMs: number = PATROL_MS) {
    this.#ring = ring;
    this.#disown = disown;
    this.#patrolMs = patrolMs;
  }

  /** Bytes of the message found last. */
  get foundBytes(): number {
    return this.#foundMark & LENGTH_MASK;
  }

  /** The position of the record found last. */
  get foundPosition(): number {
    return this.#found;
  }

  /** Whether half of the ring is free now. */
  get isHalfFree(): boolean {
    const ring = this.#ring;
    return ring.distance(ring.position(HEAD), ring.position(TAIL)) <= ring.size >> 1;
  }

  /** The offset of the record to hand out now, the oldest first; or NOTHING, BLOCKED, HELD. */
  find(): number {
    this.#look();
    this.#skipDone(false);
    const found = this.#search();
    // What the dead had claimed is done only now.
    if (found <= 0) this.#skipDone(false);
    return found;
  }

  #hold(position: number, at: number, mark: number): number {
    const ring = this.#ring;
    this.#foundSize = ring.recordBytes(at, mark, ring.distance(position, this.#tail));
    this.#found = position;
    this.#foundMark = mark;
    return at;
  }

  /** Takes the found record out for good: its message has been copied. */
  remove(at: number): void {
    const ring = this.#ring;
    const mark = this.#foundMark;
    const found = this.#found;
    const after = ring.forward(found, this.#foundSize);
    if (found === this.#head) {
      // The store of the head takes the record out, so its mark need not change.
      this.#head = after;
      if (this.#next === found) this.#next = after;
      else this.#skipDone(false, false);
      this.#free();
    } else {
      ring.setMark(at, DONE | (mark & LENGTH_MASK));
      this.#advanceNext(after);
      this.#skipDone(false);
    }
    if ((mark & REDELIVERED) !== 0 || (mark & STATE_MASK) === DELIVERED) this.#count(HEADER.redelivered, 1);
    this.#countReceived(1);
  }

  /** Hands the found record out; it stays until it is finished. Answers whether it had been handed out before. */
  deliver(at: number): boolean {
    const ring = this.#ring;
    const mark = this.#foundMark;
    const again = (mark & REDELIVERED) !== 0 || (mark & STATE_MASK) === DELIVERED;
    ring.setOwner(at, ring.self);
    ring.setMark(at, DELIVERED | (again ? REDELIVERED : 0) | (mark & LENGTH_MASK));
    this.#advanceNext(ring.forward(this.#found, this.#foundSize));
    if (again) this.#count(HEADER.redelivered, 1);
    return again;
  }

  /** Our delivery is over: inside the gate. */
  finishInside(at: number, position: number, messageBytes: number): void {
    this.#look();
    if (position === this.#head) {
      this.#head = this.#ring.forward(position, recordBytes(messageBytes));
      this.#skipDone(false, false);
      this.#free();
    } else {
      this.#ring.setMark(at, DONE | messageBytes);
      this.#skipDone(false);
    }
    this.#countReceived(1);
  }

  /** Our delivery is over: outside the gate, so that somebody else frees it. */
  finish(at: number, messageBytes: number): void {
    this.#ring.setMark(at, DONE | messageBytes);
    this.uncounted += 1;
  }

  /** Our delivery goes to whoever comes next. */
  handBack(at: number, messageBytes: number): void {
    const ring = this.#ring;
    ring.setMark(at, COMMITTED | REDELIVERED | messageBytes);
    // ORDER: seq_cst, behind the mark: whoever sees the count finds the message.
    Atomics.add(ring.words, RETURNED, 1);
  }

  /** Frees what is done at the head; if `judging`, also what dead producers had claimed there. Answers whether any was. */
  sweep(judging: boolean): boolean {
    this.#look();
    const before = this.#head;
    this.#skipDone(judging);
    if (this.uncounted > 0) this.#countReceived(0);
    return this.#head !== before;
  }

  /** A look without the gate, for those who spin: whether a receive would probably find something new. */
  looksReady(): boolean {
    const ring = this.#ring;
    const next = ring.own(HEADER.next);
    return next !== ring.position(TAIL) && ring.mark(ring.at(next)) >= 0;
  }

  /** Reads the positions. */
  #look(): void {
    const ring = this.#ring;
    const head = ring.own(HEADER.head);
    const next = ring.own(HEADER.next);
    const tail = ring.position(TAIL);
    ring.setOwn(HEADER.tailSeen, tail);
    this.#shown = head;
    this.#head = head;
    this.#tail = tail;
    // Whoever freed records and died before it moved `next` along left it behind.
    this.#next = ring.distance(head, next) > ring.used(head, tail) ? head : next;
  }

  #search(): number {
    if (this.#next === this.#head) return this.#scan(this.#head);
    // Older deliveries are out. One that was given back comes first.
    const returned = this.#ring.words[RETURNED]!;
    if (returned !== this.#returned) {
      const found = this.#scan(this.#head);
      if (found <= 0 || !this.#isOlder(this.#found)) this.#returned = returned;
      return found;
    }
    // So does one whose consumer is dead, but asking costs more than a message.
    if (performance.now() - this.#patrolled >= this.#patrolMs) return this.#scan(this.#head);
    const found = this.#scan(this.#next);
    return found > 0 ? found : this.#scan(this.#head);
  }

  /** Whether a record has been taken before. */
  #isOlder(position: number): boolean {
    const ring = this.#ring;
    return ring.distance(this.#head, position) < ring.distance(this.#head, this.#next);
  }

  /** The first record from here on that can be handed out, else why there is none. */
  #scan(from: number): number {
    const ring = this.#ring;
    if (from !== this.#next) this.#patrolled = performance.now();
    let position = from;
    let answer = NOTHING;
    /** The run of done records that ends here: where it starts, and its bytes. */
    let run = 0;
    let runBytes = 0;
    for (let left = ring.distance(from, this.#tail); left > 0; ) {
      const at = ring.at(position);
      const mark = ring.mark(at);
      const bytes = ring.recordBytes(at, mark, left);
      const isDone = (mark & STATE_MASK) === DONE;
      if (isDone && run + runBytes === at && runBytes + bytes <= LENGTH_MASK) {
        runBytes += bytes;
        // One record from now on: or each look behind an old delivery would go through all that has come and gone since.
        ring.setMark(run, DONE | (runBytes - RECORD.message));
      } else {
        run = at;
        runBytes = isDone ? bytes : 0;
      }
      const verdict = this.#judge(at, mark);
      if (verdict > 0) return this.#hold(position, at, ring.mark(at));
      if (verdict === BLOCKED) return verdict;
      if (verdict === HELD) answer = HELD;
      position = ring.forward(position, bytes);
      left -= bytes;
    }
    return answer;
  }

  /** What this record allows. What dead participants began is brought to its end here. */
  #judge(at: number, mark: number): number {
    const ring = this.#ring;
    const state = mark & STATE_MASK;
    if (state === COMMITTED) return at;
    if (state === DONE) return NOTHING;
    const owner = ring.owner(at);
    const bytes = mark & LENGTH_MASK;
    if (owner === ring.self && state >= 0) return NOTHING;
    if (owner === ring.self || ring.participants.isAlive(owner)) return state < 0 ? BLOCKED : HELD;
    // Its last store may have come after our look; now that it is dead, no other follows.
    const last = ring.mark(at);
    if (last !== mark) return this.#judge(at, last);
    switch (state) {
      case CLAIMED:
        ring.setMark(at, DONE | bytes);
        this.#count(HEADER.dropped, 1);
        return NOTHING;
      case FILLED:
        return this.#complete(at, bytes);
      case DELIVERED:
        return at;
      default:
        throw ring.corrupt(`the record at ${at} is in no known state (${mark})`);
    }
  }

  /** Sends what a dead producer had all but sent; unless what it stands for is gone. */
  #complete(at: number, bytes: number): number {
    const ring = this.#ring;
    try {
      this.#disown?.(at, bytes);
      ring.setMark(at, COMMITTED | bytes);
      return at;
    } catch (error) {
      // Whoever cannot do it leaves it to the next receiver.
      if (!isGone(error)) throw error;
      ring.setMark(at, DONE | bytes);
      this.#count(HEADER.dropped, 1);
      return NOTHING;
    }
  }

  /** Moves the head over what is done. */
  #skipDone(judging: boolean, publish = true): void {
    const ring = this.#ring;
    for (let left = ring.distance(this.#head, this.#tail); left > 0; ) {
      const at = ring.at(this.#head);
      let mark = ring.mark(at);
      const bytes = ring.recordBytes(at, mark, left);
      if (judging && mark < 0 && this.#judge(at, mark) === NOTHING) mark = ring.mark(at);
      if ((mark & STATE_MASK) !== DONE) break;
      this.#head = ring.forward(this.#head, bytes);
      left -= bytes;
    }
    if (publish && this.#head !== this.#shown) this.#free();
  }

  #free(): void {
    const ring = this.#ring;
    // ORDER: seq_cst; the bytes before it may be written anew. Pairs with position(HEAD) of the producers. An addition,
    // because a sender may set SLEEP at any time.
    const before = Atomics.add(ring.words, HEAD, this.#head - this.#shown);
    this.#shown = this.#head;
    if ((before & SLEEP) !== 0) this.owesRing = true;
    const left = ring.distance(this.#head, this.#tail);
    this.#setNext(ring.distance(this.#head, this.#next) > left ? this.#head : this.#next);
  }

  #advanceNext(after: number): void {
    const ring = this.#ring;
    if (ring.distance(this.#head, after) > ring.distance(this.#head, this.#next)) this.#setNext(after);
  }

  #setNext(next: number): void {
    this.#next = next;
    this.#ring.setOwn(HEADER.next, next);
  }

  #countReceived(more: number): void {
    this.#count(HEADER.received, this.uncounted + more);
    this.uncounted = 0;
  }

  #count(counter: number, by: number): void {
    const { dataView } = this.#ring;
    dataView.setFloat64(counter, dataView.getFloat64(counter, true) + by, true);
  }
}
