import type { ParticipantId, Participants } from '../base/participants.ts';
import type { HandleTable } from './handle-table.ts';
import { tableFull } from './heap-errors.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';
import { FILL_PIN, RECORD } from './pin-layout.ts';

const { participantsSeen: PARTICIPANTS_SEEN } = HEADER;
const { id: ID, used: USED, pins: PINS } = RECORD;

/** Which blocks are held in place, by whom. */
export class PinTable {
  readonly #memory: HeapMemory;
  readonly #words: Int32Array;
  readonly #table: HandleTable;
  readonly #participants: Participants;
  /** Pins that were set before and are not now. */
  readonly free: number[] = [];
  #record = 0;
  #used = FILL_PIN + 1;

  constructor(memory: HeapMemory, table: HandleTable, participants: Participants) {
    this.#memory = memory;
    this.#words = memory.words;
    this.#table = table;
    this.#participants = participants;
  }

  /** Takes a record of its own. Under the lock. @throws ERR_TABLE_FULL */
  join(): void {
    const { words, capacities } = this.#memory;
    for (let number = 0; number < capacities.participants; number++) {
      const record = this.#at(number);
      const id = Atomics.load(words, record + ID) as ParticipantId | 0;
      if (id !== 0 && this.#participants.isAlive(id)) continue;
      this.#clear(record);
      if (this.#memory.words[PARTICIPANTS_SEEN]! <= number) Atomics.store(words, PARTICIPANTS_SEEN, number + 1);
      Atomics.store(words, record + USED, this.#used);
      // ORDER: the pins of the record are clear, and it is among those that are looked at.
      Atomics.store(words, record + ID, this.#participants.self);
      this.#record = record;
      return;
    }
    const capacity = capacities.participants;
    throw tableFull(
      'threads',
      capacity,
      `Cannot join heap: living threads have ${capacity} SharedHeap objects of it open`,
    );
  }

  /** Gives the record back; every pin of it is dropped. */
  leave(): void {
    this.#clear(this.#record);
  }

  /** The word of its own record's first pin. */
  get first(): number {
    return this.#record + PINS;
  }

  /** Holds the entry by a pin that nobody uses. Answers its number. @throws ERR_TABLE_FULL */
  set(index: number): number {
    const pin = this.free.pop() ?? this.#fresh();
    // ORDER: seq_cst, before the same thread loads the entry's offset; pairs with claim(), which stores and loads the other
    // way round: at least one of the two sees the other.
    Atomics.store(this.#words, this.first + pin, index);
    return pin;
  }

  /** Ends what {@link set} has begun. */
  unset(pin: number): void {
    // ORDER: what was written to the block comes before its next move.
    Atomics.store(this.#words, this.first + pin, 0);
    this.free.push(pin);
  }

  #fresh(): number {
    const { words, capacities } = this.#memory;
    if (this.#used >= capacities.pins) {
      const capacity = capacities.pins - 1;
      throw tableFull(
        'pins',
        capacity,
        `Cannot pin block: all ${capacity} pins of this SharedHeap are set, unpin some`,
      );
    }
    this.#used += 1;
    // ORDER: before the first pin that it makes visible; pairs with holder().
    Atomics.store(words, this.#record + USED, this.#used);
    return this.#used - 1;
  }

  /** Holds a block for the lock's owner before anyone else can claim it. Plain: the release of the lock publishes it. */
  hold(index: number): void {
    this.#memory.put(this.first + FILL_PIN, index);
  }

  unhold(): void {
    // ORDER: as unset().
    Atomics.store(this.#words, this.first + FILL_PIN, 0);
  }

  /**
   * Keeps new pins away from the entry and answers who holds it; 0: nobody, and nobody can before {@link unclaim}.
   * Under the lock. A dead participant's pins are dropped on the way.
   */
  claim(index: number): ParticipantId | 0 {
    this.#table.claim(index);
    const holder = this.holder(index);
    if (holder !== 0) this.#table.unclaim(index);
    return holder;
  }

  /** The place in `claimed` of the first entry that a living participant pins; its length if none is. Under the lock. */
  firstPinned(claimed: readonly number[]): number {
    const { words } = this.#memory;
    const seen = this.#seen();
    let first = claimed.length;
    for (let number = 0; number < seen; number++) {
      const record = this.#at(number);
      const id = words[record + ID] as ParticipantId | 0;
      if (id === 0) continue;
      const end = record + PINS + this.#usedOf(record);
      for (let word = record + PINS; word < end; word++) {
        const index = Atomics.load(words, word);
        const place = index === 0 ? -1 : claimed.indexOf(index);
        if (place < 0 || place >= first) continue;
        if (this.#participants.isAlive(id)) first = place;
        else this.#clear(record);
      }
    }
    return first;
  }

  /** The living participant that pins the entry. Under the lock, so that who has a record does not change. */
  holder(index: number): ParticipantId | 0 {
    const { words } = this.#memory;
    const pins = this.first;
    for (let word = pins; word < pins + this.#used; word++) if (words[word] === index) return this.#participants.self;
    return words[PARTICIPANTS_SEEN] === 1 ? 0 : this.#otherHolder(index);
  }

  #otherHolder(index: number): ParticipantId | 0 {
    const { words } = this.#memory;
    const seen = this.#seen();
    for (let number = 0; number < seen; number++) {
      const record = this.#at(number);
      const id = words[record + ID] as ParticipantId | 0;
      if (id === 0 || record === this.#record || !this.#pins(record, index)) continue;
      if (this.#participants.isAlive(id)) return id;
      this.#clear(record);
    }
    return 0;
  }

  /** Whether a pin of another's record is of the entry. */
  #pins(record: number, index: number): boolean {
    const { words } = this.#memory;
    const pins = record + PINS;
    const end = pins + this.#usedOf(record);
    for (let word = pins; word < end; word++) if (Atomics.load(words, word) === index) return true;
    return false;
  }

  /** Drops the pins of the dead. Under the lock. */
  bury(): void {
    const { words } = this.#memory;
    const seen = this.#seen();
    for (let number = 0; number < seen; number++) {
      const record = this.#at(number);
      const id = Atomics.load(words, record + ID) as ParticipantId | 0;
      if (id !== 0 && !this.#participants.isAlive(id)) this.#clear(record);
    }
  }

  /** The entries that living participants pin, and how many of those there are. */
  survey(): { readonly pinned: Set<number>; readonly participants: number } {
    const { words } = this.#memory;
    const pinned = new Set<number>();
    let participants = 0;
    const seen = this.#seen();
    for (let number = 0; number < seen; number++) {
      const record = this.#at(number);
      const id = Atomics.load(words, record + ID) as ParticipantId | 0;
      if (id === 0 || !this.#participants.isAlive(id)) continue;
      participants += 1;
      const end = record + PINS + this.#usedOf(record);
      for (let word = record + PINS; word < end; word++) {
        const index = Atomics.load(words, word);
        if (index !== 0) pinned.add(index);
      }
    }
    return { pinned, participants };
  }

  #at(number: number): number {
    return this.#memory.pinTable + number * this.#memory.recordWords;
  }

  #seen(): number {
    return Math.min(this.#memory.words[PARTICIPANTS_SEEN]! >>> 0, this.#memory.capacities.participants);
  }

  #usedOf(record: number): number {
    return Math.min(Atomics.load(this.#memory.words, record + USED) >>> 0, this.#memory.capacities.pins);
  }

  #clear(record: number): void {
    const { words, capacities } = this.#memory;
    // ORDER: the id goes first: pins without one count for nothing.
    Atomics.store(words, record + ID, 0);
    words.fill(0, record + PINS, record + PINS + capacities.pins);
    Atomics.store(words, record + USED, 0);
  }
}
