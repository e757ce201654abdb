import { HEAD_UNITS, SENTINEL_INDEX, TAG, UNIT_WORDS } from './block-layout.ts';
import { FreeBins } from './free-bins.ts';
import { corrupt } from './heap-errors.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';

const { freeUnits: FREE_UNITS } = HEADER;
const { units: TAG_UNITS, index: TAG_INDEX, before: TAG_BEFORE } = TAG;

/** Splits and joins blocks: the tags between them and the bins. All of it is cache. */
export class BlockArea {
  readonly bins: FreeBins;
  readonly #memory: HeapMemory;

  constructor(memory: HeapMemory) {
    this.#memory = memory;
    this.bins = new FreeBins(memory);
  }

  /** Units that no block uses, parked or not. */
  get freeUnits(): number {
    return this.#memory.words[FREE_UNITS]!;
  }

  /** Makes the first `units` of free block `unit` the block of `index`; what is left stays free. */
  take(unit: number, units: number, index: number): void {
    const memory = this.#memory;
    const tags = unit * UNIT_WORDS;
    const has = this.freeUnitsAt(unit);
    if (has < units) throw corrupt`free block ${unit} has ${has} units, ${units} were taken from it`;
    this.bins.unlink(unit, has);
    memory.put(tags + TAG_UNITS, units);
    memory.put(tags + TAG_INDEX, index);
    if (has > units) this.free(unit + units, has - units);
    else memory.put((unit + units) * UNIT_WORDS + TAG_BEFORE, 0);
  }

  /** Frees block `unit` and joins it with free neighbours. */
  release(unit: number, units: number): void {
    const before = this.#memory.words[unit * UNIT_WORDS + TAG_BEFORE]!;
    const start = unit - before;
    if (before !== 0) {
      if (this.freeUnitsAt(start) !== before) throw corrupt`free block ${start} does not end at ${unit}`;
      this.bins.unlink(start, before);
    }
    this.free(start, before + units + this.absorb(unit + units));
  }

  /** Removes free block `unit` from the bins, to be joined with what stands before it; its units, 0 if it is in use. */
  absorb(unit: number): number {
    const memory = this.#memory;
    if (unit === memory.areaEnd) return 0;
    const tags = memory.tags(unit);
    if (memory.words[tags + TAG_INDEX] !== 0) return 0;
    const units = this.#checked(unit, memory.words[tags + TAG_UNITS]!);
    this.bins.unlink(unit, units);
    return units;
  }

  /** Writes a free block, which stands behind a live one or first, and tells the one behind it. */
  free(unit: number, units: number): void {
    const memory = this.#memory;
    const tags = unit * UNIT_WORDS;
    memory.put(tags + TAG_UNITS, units);
    memory.put(tags + TAG_BEFORE, 0);
    memory.put(tags + TAG_INDEX, 0);
    memory.put((unit + units) * UNIT_WORDS + TAG_BEFORE, units);
    this.bins.link(unit, units);
  }

  /** Writes the tags of a block. `freeBefore`: the units of the free block in front of it, or 0. */
  write(unit: number, units: number, freeBefore: number, index: number): void {
    const memory = this.#memory;
    const tags = unit * UNIT_WORDS;
    memory.put(tags + TAG_UNITS, units);
    memory.put(tags + TAG_BEFORE, freeBefore);
    memory.put(tags + TAG_INDEX, index);
    memory.put((unit + units) * UNIT_WORDS + TAG_BEFORE, 0);
  }

  /** Says of block `unit` that no free block stands in front of it. */
  writeBefore(unit: number): void {
    this.#memory.put(unit * UNIT_WORDS + TAG_BEFORE, 0);
  }

  /** Cuts live block `unit` from `units` to `keep`, or lets it grow into the free block behind it. */
  resize(unit: number, units: number, keep: number): void {
    const memory = this.#memory;
    const free = units + this.absorb(unit + units) - keep;
    memory.put(unit * UNIT_WORDS + TAG_UNITS, keep);
    if (free > 0) this.free(unit + keep, free);
    else memory.put((unit + keep) * UNIT_WORDS + TAG_BEFORE, 0);
  }

  /** How far live block `unit` could grow where it stands. */
  room(unit: number, units: number): number {
    const behind = unit + units;
    if (behind === this.#memory.areaEnd || this.indexAt(behind) !== 0) return units;
    return units + this.freeUnitsAt(behind);
  }

  /** Ends the area. */
  writeSentinel(): void {
    const tags = this.#memory.areaEnd * UNIT_WORDS;
    this.#memory.put(tags + TAG_UNITS, 0);
    this.#memory.put(tags + TAG_INDEX, SENTINEL_INDEX);
  }

  /** The unit itself, the tags there agreeing. @throws ERR_CORRUPT */
  checked(unit: number, units: number, index: number): number {
    const { words } = this.#memory;
    const tags = unit * UNIT_WORDS;
    if (words[tags + TAG_INDEX] !== index || words[tags + TAG_UNITS] !== units) {
      throw corrupt`block ${unit} does not say that it is of handle ${index}`;
    }
    return unit;
  }

  indexAt(unit: number): number {
    return this.#memory.words[this.#memory.tags(unit) + TAG_INDEX]!;
  }

  /** The units of block `unit`. @throws ERR_CORRUPT if it would end outside the area */
  unitsAt(unit: number): number {
    return this.#checked(unit, this.#memory.words[this.#memory.tags(unit) + TAG_UNITS]!);
  }

  #checked(unit: number, units: number): number {
    if (units >= HEAD_UNITS && unit + units <= this.#memory.areaEnd) return units;
    throw corrupt`block ${unit} claims ${units} units and would leave the area`;
  }

  freeUnitsAt(unit: number): number {
    const tags = this.#memory.tags(unit);
    if (this.#memory.words[tags + TAG_INDEX] !== 0) throw corrupt`block ${unit} is in use, the bins call it free`;
    return this.#checked(unit, this.#memory.words[tags + TAG_UNITS]!);
  }
}
