import type { MapFileError } from '../base/errors.ts';
import type { ParticipantId } from '../base/participants.ts';
import { unitsFor } from './block-layout.ts';
import {
  type BlockHandle,
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

/**
 * The truth about every block, and the list of entries that wait for one.
 *
 * Loads are plain: the readers hold the lock, or (a pin) have loaded `claimed` atomically, which the last change of the
 * entry happened before. Stores that commit are atomic.
 */
export class HandleTable {
  readonly #memory: HeapMemory;
  readonly #handles: number;
  readonly #salt: number;
  readonly #start: number;

  constructor(memory: HeapMemory) {
    this.#memory = memory;
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
    return (state & 1) === 1 && this.#memory.get(this.entry(index) + ENTRY.state) === state;
  }

  /** Why a handle is not live: freed, or never given out. */
  refuse(handle: BlockHandle, index: number): MapFileError {
    const state = this.state(handle);
    const now = this.#memory.get(this.entry(index) + ENTRY.state);
    return (state & 1) === 0 || state >>> 0 > now >>> 0 ? invalidHandle(handle) : staleHandle(handle);
  }

  /** An entry for a new block. @throws ERR_TABLE_FULL */
  take(): number {
    const memory = this.#memory;
    const index = memory.get(HEADER.freeHandle);
    if (index !== 0) {
      const entry = this.#free(index);
      memory.put(HEADER.freeHandle, memory.get(entry + ENTRY.offset));
      return index;
    }
    const fresh = memory.get(HEADER.freshHandle);
    if (fresh >= this.#handles) {
      const capacity = this.#handles - 1;
      throw tableFull('handles', capacity, `Cannot allocate block: all ${capacity} handles are taken`);
    }
    this.#free(fresh);
    memory.put(HEADER.freshHandle, fresh + 1);
    return fresh;
  }

  /** Puts an entry back that is not live. */
  give(index: number): void {
    const memory = this.#memory;
    memory.put(this.entry(index) + ENTRY.offset, memory.get(HEADER.freeHandle));
    memory.put(HEADER.freeHandle, index);
  }

  /** The commit of an allocate. */
  open(index: number, unit: number, byteLength: number, owner: ParticipantId | 0): BlockHandle {
    const memory = this.#memory;
    const entry = this.entry(index);
    memory.put(entry + ENTRY.offset, unit);
    memory.put(entry + ENTRY.size, byteLength);
    memory.put(entry + ENTRY.owner, owner);
    const state = (memory.words[entry + ENTRY.state]! + 1) | 0;
    // ORDER: publishes the entry; pairs with the load of the state by pin() and by recovery.
    Atomics.store(memory.words, entry + ENTRY.state, state);
    memory.put(HEADER.liveBlocks, memory.get(HEADER.liveBlocks) + 1);
    return packHandle(index, state + this.#salt);
  }

  /** The commit of a free. The caller has claimed the entry. */
  close(index: number): void {
    const memory = this.#memory;
    const word = this.entry(index) + ENTRY.state;
    const state = (memory.words[word]! + 1) | 0;
    // ORDER: from here on the block is free; before the claim is dropped, so that no pin gets in between.
    Atomics.store(memory.words, word, state);
    memory.put(HEADER.liveBlocks, memory.get(HEADER.liveBlocks) - 1);
    if (state === RETIRED) memory.put(HEADER.retired, memory.get(HEADER.retired) + 1);
  }

  isRetired(index: number): boolean {
    return this.#memory.words[this.entry(index) + ENTRY.state] === RETIRED;
  }

  /** Where the tags of a live block stand. @throws ERR_CORRUPT */
  unit(index: number): number {
    const memory = this.#memory;
    const entry = this.entry(index);
    const unit = memory.get(entry + ENTRY.offset);
    const end = unit + unitsFor(memory.get(entry + ENTRY.size) >>> 0);
    if (unit < memory.areaStart || end > memory.areaEnd) throw corrupt`handle ${index} leads out of the block area`;
    return unit;
  }

  /** Where the entry says that its block is, believed or not. */
  unitUnchecked(index: number): number {
    return this.#memory.get(this.entry(index) + ENTRY.offset);
  }

  byteLength(index: number): number {
    return this.#memory.get(this.entry(index) + ENTRY.size) >>> 0;
  }

  units(index: number): number {
    return unitsFor(this.byteLength(index));
  }

  /** The commit of a move. */
  moveTo(index: number, unit: number): void {
    // ORDER: the bytes are copied; before the claim is dropped, so that a pin finds the new place.
    Atomics.store(this.#memory.words, this.entry(index) + ENTRY.offset, unit);
  }

  /** The commit of a shrink or growth. */
  setByteLength(index: number, byteLength: number): void {
    // ORDER: bytes that it adds are cleared.
    Atomics.store(this.#memory.words, this.entry(index) + ENTRY.size, byteLength);
  }

  owner(index: number): ParticipantId | 0 {
    return this.#memory.get(this.entry(index) + ENTRY.owner) as ParticipantId | 0;
  }

  setOwner(index: number, owner: ParticipantId | 0): void {
    // ORDER: a single word; whoever reclaims reads it under the lock.
    Atomics.store(this.#memory.words, this.entry(index) + ENTRY.owner, owner);
  }

  /** The handle of a live entry. */
  handle(index: number): BlockHandle {
    return packHandle(index, this.#memory.words[this.entry(index) + ENTRY.state]! + this.#salt);
  }

  /** Whether the tags of a block say the same as its entry. */
  isAt(index: number, unit: number, units: number): boolean {
    return index < this.#handles && this.isOpen(index) && this.unit(index) === unit && this.units(index) === units;
  }

  /** Whether an entry has never held a block. */
  isUntouched(index: number): boolean {
    return this.#memory.words[this.entry(index) + ENTRY.state] === 0;
  }

  /** Whether an entry holds a block right now. */
  isOpen(index: number): boolean {
    return (this.#memory.words[this.entry(index) + ENTRY.state]! & 1) === 1;
  }

  /** The index of every live block, in table order. Under the lock. */
  *each(): Generator<number> {
    const end = Math.min(this.#memory.get(HEADER.freshHandle), this.#handles);
    for (let index = 1; index < end; index++) if (this.isOpen(index)) yield index;
  }

  /** What is wrong with the list of free handles. */
  contradictions(): string[] {
    const memory = this.#memory;
    const fresh = memory.get(HEADER.freshHandle);
    if (fresh > this.#handles) return [`The first fresh handle is ${fresh} of ${this.#handles}`];
    const problems: string[] = [];
    const waiting = new Set<number>();
    for (let index = 1; index < this.#handles; index++) {
      if (index >= fresh && !this.isUntouched(index))
        problems.push(`Handle ${index} was used, though it counts as fresh`);
      if (index < fresh && !this.isOpen(index) && !this.isRetired(index)) waiting.add(index);
    }
    for (let index = memory.get(HEADER.freeHandle); index !== 0; index = memory.get(this.entry(index) + ENTRY.offset)) {
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
    if ((this.#memory.words[entry + ENTRY.state]! & 1) === 1) throw corrupt`free handle ${index} is in use`;
    return entry;
  }
}
