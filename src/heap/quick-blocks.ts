import type { ParticipantId } from '../base/participants.ts';
import { BIN, mostParked, PARKED_UNITS, parkedIndex, parkedLink } from './bins-layout.ts';
import { unitsFor } from './block-layout.ts';
import {
  type BlockHandle,
  CLAIMED,
  ENTRY,
  ENTRY_WORDS,
  generationOfHandle,
  indexOfHandle,
  packHandle,
  RETIRED,
} from './handle-layout.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';
import type { PinTable } from './pin-table.ts';

const { state: STATE, offset: OFFSET, size: SIZE, owner: OWNER } = ENTRY;
const { liveBlocks: LIVE_BLOCKS } = HEADER;
const { parked: BIN_PARKED } = BIN;

/**
 * What two in three allocations and frees are: of a parked block, and to one. One function each, with what HandleTable does
 * otherwise: in layers, which V8 does not put in line as a whole, they took twice as long. Whatever is not the plain case is left
 * to the others. Every method wants the heap's lock.
 */
export class QuickBlocks {
  readonly #memory: HeapMemory;
  readonly #pins: PinTable;
  readonly #start: number;
  readonly #handles: number;
  readonly #salt: number;
  readonly #areaStart: number;
  readonly #areaEnd: number;
  readonly #most: number;

  constructor(memory: HeapMemory, pins: PinTable) {
    this.#memory = memory;
    this.#pins = pins;
    this.#start = memory.handleTable;
    this.#handles = memory.capacities.handles;
    this.#salt = memory.salt;
    this.#areaStart = memory.areaStart;
    this.#areaEnd = memory.areaEnd;
    this.#most = mostParked(memory.areaEnd - memory.areaStart);
  }

  /** A block that was parked with just these units, live again; 0: there is none, or something is wrong with it. */
  allocate(byteLength: number, owner: ParticipantId | 0, hold: boolean): BlockHandle | 0 {
    const memory = this.#memory;
    const { words } = memory;
    const units = unitsFor(byteLength);
    const index = units <= PARKED_UNITS ? parkedIndex(words[BIN_PARKED + units]!) : 0;
    if (index === 0 || index >= this.#handles) return 0;
    const entry = this.#start + index * ENTRY_WORDS;
    const state = words[entry + STATE]!;
    const unit = words[entry + OFFSET]! & ~CLAIMED;
    if ((state & 1) === 1 || unitsFor(words[entry + SIZE]!) !== units) return 0;
    if (unit < this.#areaStart || unit + units > this.#areaEnd) return 0;
    memory.put(BIN_PARKED + units, words[entry + OWNER]!);
    if (hold) this.#pins.hold(index);
    // Whoever freed the block has left his claim.
    memory.put(entry + OFFSET, unit);
    memory.put(entry + SIZE, byteLength);
    memory.put(entry + OWNER, owner);
    // ORDER: plain, as HandleTable.open().
    memory.put(entry + STATE, (state + 1) | 0);
    memory.put(LIVE_BLOCKS, words[LIVE_BLOCKS]! + 1);
    return packHandle(index, state + 1 + this.#salt);
  }

  /** Frees a block and parks it; false: nothing was done. */
  free(handle: BlockHandle): boolean {
    const memory = this.#memory;
    const { words } = memory;
    const index = indexOfHandle(handle);
    if (index === 0 || index >= this.#handles) return false;
    const entry = this.#start + index * ENTRY_WORDS;
    const state = (generationOfHandle(handle) - this.#salt) | 0;
    if ((state & 1) === 0 || words[entry + STATE] !== state || state === RETIRED - 1) return false;
    const units = unitsFor(words[entry + SIZE]!);
    const others = units <= PARKED_UNITS ? words[BIN_PARKED + units]! : 0;
    const link = units <= PARKED_UNITS ? parkedLink(index, others, units, this.#most) : 0;
    if (link === 0) return false;
    if (this.#pins.claim(index) !== 0) return false;
    // ORDER: plain, as HandleTable.close().
    memory.put(entry + STATE, (state + 1) | 0);
    memory.put(LIVE_BLOCKS, words[LIVE_BLOCKS]! - 1);
    memory.put(entry + OWNER, others);
    memory.put(BIN_PARKED + units, link);
    return true;
  }

  /** Holds a block in place. Answers the number of the pin; 0: nothing was done. Needs no lock. */
  pin(handle: BlockHandle): number {
    const words = this.#memory.words;
    const index = indexOfHandle(handle);
    if (index === 0 || index >= this.#handles) return 0;
    const entry = this.#start + index * ENTRY_WORDS;
    const state = (generationOfHandle(handle) - this.#salt) | 0;
    const pin = this.#pins.set(index);
    // ORDER: seq_cst, after the store of the pin, before the plain load of the state; pairs with claim().
    const unit = Atomics.load(words, entry + OFFSET);
    const isInside = unit >= this.#areaStart && unit + unitsFor(words[entry + SIZE]!) <= this.#areaEnd;
    if (isInside && (state & 1) === 1 && words[entry + STATE] === state) return pin;
    this.#pins.unset(pin);
    return 0;
  }
}
