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
const { parkedBlocks: PARKED_BLOCKS, liveBlocks: LIVE_BLOCKS } = HEADER;
const { parked: BIN_PARKED } = BIN;

/**
 * What most operations are: an allocate of a parked block, a free to one, a pin of a block that nobody works on. One function
 * each, with what HandleTable and PinTable do otherwise: in layers, which V8 does not put in line as a whole, they took twice as
 * long. Whatever is not the plain case is left to the others.
 */
export class QuickBlocks {
  /** Where the last pin has found its block, and how many bytes: answers of {@link pin}, without an object for them. */
  pinnedUnit = 0;
  pinnedBytes = 0;
  readonly #memory: HeapMemory;
  readonly #pins: PinTable;
  readonly #firstPin: number;
  readonly #freePins: number[];
  readonly #start: number;
  readonly #handles: number;
  readonly #salt: number;
  readonly #areaStart: number;
  readonly #areaEnd: number;
  readonly #most: number;

  /** `pins` has joined. */
  constructor(memory: HeapMemory, pins: PinTable) {
    this.#memory = memory;
    this.#pins = pins;
    this.#firstPin = pins.first;
    this.#freePins = pins.free;
    this.#start = memory.handleTable;
    this.#handles = memory.capacities.handles;
    this.#salt = memory.salt;
    this.#areaStart = memory.areaStart;
    this.#areaEnd = memory.areaEnd;
    this.#most = mostParked(memory.areaEnd - memory.areaStart);
  }

  /** A block that was parked with just these units, live again; 0: there is none, or something is wrong with it. Under the lock. */
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
    memory.put(PARKED_BLOCKS, words[PARKED_BLOCKS]! - 1);
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

  /** Frees a block and parks it; false: nothing was done. Under the lock. */
  free(handle: BlockHandle): boolean {
    const memory = this.#memory;
    const { words } = memory;
    const index = indexOfHandle(handle);
    if (index === 0 || index >= this.#handles) return false;
    const entry = this.#start + index * ENTRY_WORDS;
    const state = (generationOfHandle(handle) - this.#salt) | 0;
    if ((state & 1) === 0 || words[entry + STATE] !== state || state === RETIRED - 1) return false;
    const units = unitsFor(words[entry + SIZE]!);
    if (units > PARKED_UNITS) return false;
    const others = words[BIN_PARKED + units]!;
    const parked = words[PARKED_BLOCKS]!;
    const link = parkedLink(index, others, units, parked, this.#most);
    if (link === 0 || this.#pins.claim(index) !== 0) return false;
    // ORDER: plain, as HandleTable.close().
    memory.put(entry + STATE, (state + 1) | 0);
    memory.put(LIVE_BLOCKS, words[LIVE_BLOCKS]! - 1);
    memory.put(entry + OWNER, others);
    memory.put(BIN_PARKED + units, link);
    memory.put(PARKED_BLOCKS, parked + 1);
    return true;
  }

  /** Holds a block in place. Answers the number of the pin; 0: nothing was done. */
  pin(handle: BlockHandle): number {
    const { words } = this.#memory;
    const index = indexOfHandle(handle);
    if (index === 0 || index >= this.#handles) return 0;
    const entry = this.#start + index * ENTRY_WORDS;
    const state = (generationOfHandle(handle) - this.#salt) | 0;
    const pin = this.#freePins.pop() ?? 0;
    if (pin === 0) return 0;
    // ORDER: as PinTable.set().
    Atomics.store(words, this.#firstPin + pin, index);
    // ORDER: seq_cst, after the store of the pin, before the plain load of the state; pairs with claim().
    const unit = Atomics.load(words, entry + OFFSET);
    const size = words[entry + SIZE]!;
    const isInside = unit >= this.#areaStart && unit + unitsFor(size) <= this.#areaEnd;
    if (isInside && (state & 1) === 1 && words[entry + STATE] === state) {
      this.pinnedUnit = unit;
      this.pinnedBytes = size >>> 0;
      return pin;
    }
    this.#pins.unset(pin);
    return 0;
  }
}
