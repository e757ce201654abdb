import type { MapFileError } from '../base/errors.ts';
import type { ParticipantId } from '../base/participants.ts';
import { HEAD_UNITS, UNIT_BYTES, unitsFor } from './block-layout.ts';
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
import { corrupt, invalidHandle, staleHandle, tableFull } from './heap-errors.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';

// Constants of this module are folded into the machine code; properties of an imported object are loaded each time.
const { state: STATE, offset: OFFSET, size: SIZE, owner: OWNER } = ENTRY;
const {
  freeHandle: FREE_HANDLE,
  freshHandle: FRESH_HANDLE,
  liveBlocks: LIVE_BLOCKS,
  retired: RETIRED_HANDLES,
} = HEADER;

/**
 * The truth about every block, and the list of entries that wait for one.
 *
 * Loads are plain: the readers hold the lock, or (a pin) have loaded the entry's offset atomically, which the last change of
 * the entry happened before. Stores that commit are atomic, but for those of allocate and free, see there.
 */
export class HandleTable {
  readonly #memory: HeapMemory;
  readonly #words: Int32Array;
  readonly #handles: number;
  readonly #salt: number;
  readonly #start: number;

  constructor(memory: HeapMemory) {
    this.#memory = memory;
    this.#words = memory.words;
    this.#handles = memory.capacities.handles;
    this.#salt = memory.salt;
    this.#start = memory.handleTable;
  }

  /** First word of an entry. */
  entry(index: number): number {
    return this.#start + index * ENTRY_WORDS;
  }

  /** The entry's index, without a look at its state. @throws ERR_INVALID_HANDLE */
  index(handle: BlockHandle): number {
    const index = indexOfHandle(handle);
    if (index === 0 || index >= this.#handles) throw invalidHandle(handle);
    return index;
  }

  /** The state that the entry has while this handle is good. */
  state(handle: BlockHandle): number {
    return (generationOfHandle(handle) - this.#salt) | 0;
  }

  /** The entry's index. @throws ERR_INVALID_HANDLE, ERR_STALE_HANDLE */
  live(handle: BlockHandle): number {
    const index = this.index(handle);
    if (!this.isLive(handle, index)) throw this.refuse(handle, index);
    return index;
  }

  /** Whether any number is the handle of a block that lives. */
  isHandle(value: number): value is BlockHandle {
    const index = indexOfHandle(value);
    return index !== 0 && index < this.#handles && this.isLive(value as BlockHandle, index);
  }

  isLive(handle: BlockHandle, index: number): boolean {
    const state = this.state(handle);
    return (state & 1) === 1 && this.#words[this.entry(index) + STATE]! === state;
  }

  /** Why a handle is not live: freed, or never given out. */
  refuse(handle: BlockHandle, index: number): MapFileError {
    const state = this.state(handle);
    const now = this.#words[this.entry(index) + STATE]!;
    return (state & 1) === 0 || state >>> 0 > now >>> 0 ? invalidHandle(handle) : staleHandle(handle);
  }

  /** An entry for a new block. @throws ERR_TABLE_FULL */
  take(): number {
    const memory = this.#memory;
    const index = this.#words[FREE_HANDLE]!;
    if (index !== 0) {
      const entry = this.#free(index);
      memory.put(FREE_HANDLE, this.#words[entry + OFFSET]!);
      return index;
    }
    const fresh = this.#words[FRESH_HANDLE]!;
    if (fresh >= this.#handles) {
      const capacity = this.#handles - 1;
      throw tableFull('handles', capacity, `Cannot allocate block: all ${capacity} handles are taken`);
    }
    this.#free(fresh);
    memory.put(FRESH_HANDLE, fresh + 1);
    return fresh;
  }

  /** Puts an entry back that is not live. */
  give(index: number): void {
    const memory = this.#memory;
    // ORDER: behind the state that close() has stored: it takes the claim away, and a pin that sees it gone sees the entry closed.
    Atomics.store(this.#words, this.entry(index) + OFFSET, this.#words[FREE_HANDLE]!);
    memory.put(FREE_HANDLE, index);
  }

  /** Whether no entry is left. */
  get isFull(): boolean {
    const words = this.#words;
    return words[FREE_HANDLE] === 0 && words[FRESH_HANDLE]! >= this.#handles;
  }

  /** Gives a block to an entry that is not live. */
  place(index: number, unit: number, byteLength: number): void {
    const entry = this.entry(index);
    this.#memory.put(entry + OFFSET, unit);
    this.#memory.put(entry + SIZE, byteLength);
  }

  /** The commit of an allocate: of an entry that has its block. */
  open(index: number, byteLength: number, owner: ParticipantId | 0): BlockHandle {
    const memory = this.#memory;
    const entry = this.entry(index);
    // Whoever freed the last block here has left his claim.
    memory.put(entry + OFFSET, this.unit(index));
    memory.put(entry + SIZE, byteLength);
    memory.put(entry + OWNER, owner);
    const state = (this.#words[entry + STATE]! + 1) | 0;
    // ORDER: plain, behind what it publishes: a death leaves this thread's own order; a thread that got the handle did so after
    // the lock was released.
    memory.put(entry + STATE, state);
    memory.put(LIVE_BLOCKS, this.#words[LIVE_BLOCKS]! + 1);
    return packHandle(index, state + this.#salt);
  }

  /** The commit of a free. The caller has claimed the entry, and so it stays, or a pin could get in between. */
  close(index: number): void {
    const memory = this.#memory;
    const word = this.entry(index) + STATE;
    const state = (this.#words[word]! + 1) | 0;
    // ORDER: plain, before any store to what was the block's memory. A pin that has seen the claim goes on looking, or takes
    // the lock.
    memory.put(word, state);
    memory.put(LIVE_BLOCKS, this.#words[LIVE_BLOCKS]! - 1);
    if (state === RETIRED) memory.put(RETIRED_HANDLES, this.#words[RETIRED_HANDLES]! + 1);
  }

  isRetired(index: number): boolean {
    return this.#words[this.entry(index) + STATE] === RETIRED;
  }

  /** What is parked behind a block of `units`. @throws ERR_CORRUPT if that one is not parked */
  nextParked(index: number, units: number): number {
    const entry = this.#free(index);
    if (this.units(index) !== units) throw corrupt`handle ${index} is parked with blocks of ${units} units`;
    return this.#words[entry + OWNER]!;
  }

  /** Keeps new pins away from the entry. */
  claim(index: number): void {
    const words = this.#words;
    const word = this.entry(index) + OFFSET;
    // ORDER: seq_cst, before the loads of the pins; see PinTable.set().
    Atomics.store(words, word, words[word]! | CLAIMED);
  }

  /** Claims the entry if it is live and its block stands from `unit` to `end`; whether it did. */
  claimAt(index: number, unit: number, end: number): boolean {
    const words = this.#words;
    const entry = this.#start + index * ENTRY_WORDS;
    if (index <= 0 || index >= this.#handles || (words[entry + STATE]! & 1) === 0 || end > this.#memory.areaEnd)
      return false;
    if (words[entry + OFFSET] !== unit || unitsFor(words[entry + SIZE]!) !== end - unit) return false;
    // ORDER: as claim().
    Atomics.store(words, entry + OFFSET, unit | CLAIMED);
    return true;
  }

  unclaim(index: number): void {
    const words = this.#words;
    const word = this.entry(index) + OFFSET;
    // ORDER: after the commit of what was done under the claim.
    Atomics.store(words, word, words[word]! & ~CLAIMED);
  }

  isClaimed(index: number): boolean {
    return this.#words[this.entry(index) + OFFSET]! < 0;
  }

  /** Where the tags of a live or parked block stand. @throws ERR_CORRUPT */
  unit(index: number): number {
    const unit = this.unitUnchecked(index);
    if (!this.isInside(index, unit)) throw this.leadsOut(index);
    return unit;
  }

  /** Whether the block of the entry can stand at `unit`; not, if that is the offset of a claimed one. */
  isInside(index: number, unit: number): boolean {
    return unit >= this.#memory.areaStart && unit + this.units(index) <= this.#memory.areaEnd;
  }

  leadsOut(index: number): MapFileError<'ERR_CORRUPT'> {
    return corrupt`handle ${index} leads out of the block area`;
  }

  /** The byte offset of a pinned block's payload. */
  start(index: number): number {
    return (this.unitUnchecked(index) + HEAD_UNITS) * UNIT_BYTES;
  }

  /** Where the entry says that its block is, believed or not. */
  unitUnchecked(index: number): number {
    return this.#words[this.entry(index) + OFFSET]! & ~CLAIMED;
  }

  byteLength(index: number): number {
    return this.#words[this.entry(index) + SIZE]! >>> 0;
  }

  units(index: number): number {
    return unitsFor(this.#words[this.entry(index) + SIZE]!);
  }

  /** The commit of a move. The claim stays. */
  moveTo(index: number, unit: number): void {
    // ORDER: the bytes are copied; before the claim is dropped, so that a pin finds the new place.
    Atomics.store(this.#words, this.entry(index) + OFFSET, unit | CLAIMED);
  }

  /** The commit of a move that was the last thing to do under the claim. */
  land(index: number, unit: number): void {
    // ORDER: the bytes are copied; a pin finds the claim, or the new place.
    Atomics.store(this.#words, this.#start + index * ENTRY_WORDS + OFFSET, unit);
  }

  /** The commit of a shrink or growth. */
  setByteLength(index: number, byteLength: number): void {
    // ORDER: bytes that it adds are cleared.
    Atomics.store(this.#words, this.entry(index) + SIZE, byteLength);
  }

  owner(index: number): ParticipantId | 0 {
    return this.#words[this.entry(index) + OWNER]! as ParticipantId | 0;
  }

  setOwner(index: number, owner: ParticipantId | 0): void {
    // ORDER: a single word; whoever reclaims reads it under the lock.
    Atomics.store(this.#words, this.entry(index) + OWNER, owner);
  }

  /** The handle of a live entry. */
  handle(index: number): BlockHandle {
    return packHandle(index, this.#words[this.entry(index) + STATE]! + this.#salt);
  }

  /** Whether an entry has never held a block. */
  isUntouched(index: number): boolean {
    return this.#words[this.entry(index) + STATE] === 0;
  }

  /** Whether an entry holds a block right now. */
  isOpen(index: number): boolean {
    return (this.#words[this.entry(index) + STATE]! & 1) === 1;
  }

  /** The index of every live block, in table order. Under the lock. */
  *each(): Generator<number> {
    const end = Math.min(this.#words[FRESH_HANDLE]!, this.#handles);
    for (let index = 1; index < end; index++) if (this.isOpen(index)) yield index;
  }

  /** What is wrong with the list of free handles. `parked`: those that keep a block. */
  contradictions(parked: ReadonlyMap<number, number>): string[] {
    const fresh = this.#words[FRESH_HANDLE]!;
    if (fresh > this.#handles) return [`The first fresh handle is ${fresh} of ${this.#handles}`];
    const problems: string[] = [];
    const waiting = new Set<number>();
    for (let index = 1; index < this.#handles; index++) {
      if (index >= fresh && !this.isUntouched(index))
        problems.push(`Handle ${index} was used, though it counts as fresh`);
      if (index < fresh && !this.isOpen(index) && !this.isRetired(index) && !parked.has(index)) waiting.add(index);
    }
    for (let index = this.#words[FREE_HANDLE]!; index !== 0; index = this.#words[this.entry(index) + OFFSET]!) {
      if (waiting.delete(index)) continue;
      problems.push(`The free handles name ${index}, which is not free or was named before`);
      break;
    }
    if (waiting.size > 0) problems.push(`${waiting.size} free handles are not in the list`);
    return problems;
  }

  #free(index: number): number {
    if (index >= this.#handles || index === 0) throw corrupt`the free handles name entry ${index}`;
    const entry = this.entry(index);
    if ((this.#words[entry + STATE]! & 1) === 1) throw corrupt`free handle ${index} is in use`;
    return entry;
  }
}
