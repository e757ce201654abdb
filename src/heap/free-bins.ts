import { BIN, BIN_WORDS, BINS, binOf, EXACT_BINS, MAP_WORDS } from './bins-layout.ts';
import { HEAD_UNITS, LINKED_UNITS, TAG, UNIT_WORDS } from './block-layout.ts';
import { corrupt } from './heap-errors.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';

const { freeUnits: FREE_UNITS, parkedBlocks: PARKED_BLOCKS } = HEADER;
const { heads: BIN_HEADS, map: BIN_MAP, summary: BIN_SUMMARY } = BIN;
const { next: TAG_NEXT, previous: TAG_PREVIOUS, index: TAG_INDEX, units: TAG_UNITS } = TAG;

const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);

/** Finds, adds and removes free blocks by size. All of it is cache. */
export class FreeBins {
  readonly #memory: HeapMemory;

  constructor(memory: HeapMemory) {
    this.#memory = memory;
  }

  /** A free block of at least `units`, or 0. Looks at a block of each of two bins before it searches. */
  find(units: number): number {
    const bin = binOf(units);
    if (units < EXACT_BINS) return this.#firstFrom(bin);
    const memory = this.#memory;
    const head = memory.words[BIN_HEADS + bin]!;
    if (head !== 0 && this.#free(head) >= units) return head;
    return this.#firstFrom(bin + 1) || this.#search(bin, units);
  }

  link(unit: number, units: number): void {
    const memory = this.#memory;
    memory.put(FREE_UNITS, memory.words[FREE_UNITS]! + units);
    if (units < LINKED_UNITS) return;
    const bin = binOf(units);
    const head = memory.words[BIN_HEADS + bin]!;
    const tags = unit * UNIT_WORDS;
    memory.put(tags + TAG_NEXT, head);
    memory.put(tags + TAG_PREVIOUS, 0);
    memory.put(BIN_HEADS + bin, unit);
    if (head !== 0) memory.put(memory.tags(head) + TAG_PREVIOUS, unit);
    else {
      const map = BIN_MAP + (bin >>> 5);
      memory.put(map, memory.words[map]! | (1 << (bin & 31)));
      memory.put(BIN_SUMMARY, memory.words[BIN_SUMMARY]! | (1 << (bin >>> 5)));
    }
  }

  unlink(unit: number, units: number): void {
    const memory = this.#memory;
    memory.put(FREE_UNITS, memory.words[FREE_UNITS]! - units);
    if (units < LINKED_UNITS) return;
    const tags = unit * UNIT_WORDS;
    const next = memory.words[tags + TAG_NEXT]!;
    const previous = memory.words[tags + TAG_PREVIOUS]!;
    if (next !== 0) {
      const other = memory.tags(next);
      if (memory.words[other + TAG_PREVIOUS]! !== unit) throw corrupt`free block ${unit} is not the one before ${next}`;
      memory.put(other + TAG_PREVIOUS, previous);
    }
    if (previous !== 0) {
      const other = memory.tags(previous);
      if (memory.words[other + TAG_NEXT]! !== unit) throw corrupt`free block ${unit} is not the one after ${previous}`;
      memory.put(other + TAG_NEXT, next);
      return;
    }
    const bin = binOf(units);
    if (memory.words[BIN_HEADS + bin]! !== unit) throw corrupt`free block ${unit} does not head bin ${bin}`;
    memory.put(BIN_HEADS + bin, next);
    if (next !== 0) return;
    const map = BIN_MAP + (bin >>> 5);
    const rest = memory.words[map]! & ~(1 << (bin & 31));
    memory.put(map, rest);
    if (rest === 0) memory.put(BIN_SUMMARY, memory.words[BIN_SUMMARY]! & ~(1 << (bin >>> 5)));
  }

  /** Forgets every free and every parked block. */
  clear(): void {
    this.#memory.words.fill(0, BIN_SUMMARY, BIN_SUMMARY + BIN_WORDS);
    this.#memory.put(FREE_UNITS, 0);
    this.#memory.put(PARKED_BLOCKS, 0);
  }

  /** The units of the largest free block. */
  largest(): number {
    const memory = this.#memory;
    let word = MAP_WORDS - 1;
    while (word >= 0 && memory.words[BIN_MAP + word]! === 0) word--;
    // Free blocks of one unit stand in no bin.
    if (word < 0) return Math.min(memory.words[FREE_UNITS]!, HEAD_UNITS);
    const bin = word * 32 + 31 - Math.clz32(memory.words[BIN_MAP + word]!);
    let largest = 0;
    this.#search(bin, Number.POSITIVE_INFINITY, (units) => {
      largest = Math.max(largest, units);
    });
    return largest;
  }

  /** What the bins say against `free`, the free blocks that a walk has found (unit to units). */
  contradictions(free: ReadonlyMap<number, number>): string[] {
    const memory = this.#memory;
    const problems: string[] = [];
    const missing = new Set([...free].filter(([, units]) => units >= LINKED_UNITS).map(([unit]) => unit));
    for (let bin = 0; bin < BINS; bin++) {
      const head = memory.words[BIN_HEADS + bin]!;
      const marked = (memory.words[BIN_MAP + (bin >>> 5)]! & (1 << (bin & 31))) !== 0;
      if (marked !== (head !== 0)) problems.push(`Bin ${bin} is ${marked ? '' : 'not '}marked, its head is ${head}`);
      let previous = 0;
      for (let unit = head; unit !== 0; ) {
        const units = free.get(unit);
        if (units === undefined) {
          problems.push(`Bin ${bin} names unit ${unit}, where no free block stands`);
          break;
        }
        if (binOf(units) !== bin) problems.push(`Free block ${unit} of ${units} units stands in bin ${bin}`);
        if (!missing.delete(unit)) {
          problems.push(`Free block ${unit} stands in the bins twice`);
          break;
        }
        if (memory.words[unit * UNIT_WORDS + TAG_PREVIOUS]! !== previous)
          problems.push(`Free block ${unit} links back wrongly`);
        previous = unit;
        unit = memory.words[unit * UNIT_WORDS + TAG_NEXT]!;
      }
    }
    for (let word = 0; word < MAP_WORDS; word++) {
      const marked = (memory.words[BIN_SUMMARY]! & (1 << word)) !== 0;
      if (marked !== (memory.words[BIN_MAP + word]! !== 0))
        problems.push(`The summary is wrong about map word ${word}`);
    }
    for (const unit of missing) problems.push(`Free block ${unit} stands in no bin`);
    return problems;
  }

  /** The first block of the first bin from `bin` on that holds any. */
  #firstFrom(bin: number): number {
    const memory = this.#memory;
    let word = bin >>> 5;
    if (word >= MAP_WORDS) return 0;
    let bits = memory.words[BIN_MAP + word]! & (-1 << (bin & 31));
    if (bits === 0) {
      const words = memory.words[BIN_SUMMARY]! & (-2 << word);
      if (words === 0) return 0;
      word = lowestBit(words);
      bits = memory.words[BIN_MAP + word]!;
      if (bits === 0 || word >= MAP_WORDS) throw corrupt`the summary of the free bins names empty word ${word}`;
    }
    const unit = memory.words[BIN_HEADS + word * 32 + lowestBit(bits)]!;
    this.#free(unit);
    return unit;
  }

  /** The first block of `bin` that has `units`; 0: none has. */
  #search(bin: number, units: number, look?: (units: number) => void): number {
    const memory = this.#memory;
    let left = (memory.areaEnd - memory.areaStart) / LINKED_UNITS;
    for (let unit = memory.words[BIN_HEADS + bin]!; unit !== 0; unit = memory.words[unit * UNIT_WORDS + TAG_NEXT]!) {
      if (left-- < 0) throw corrupt`free bin ${bin} runs in a circle`;
      const has = this.#free(unit);
      if (has >= units) return unit;
      look?.(has);
    }
    return 0;
  }

  /** The units of a block that a bin names. */
  #free(unit: number): number {
    const tags = this.#memory.tags(unit);
    if (this.#memory.words[tags + TAG_INDEX]! !== 0) throw corrupt`free bins name unit ${unit}, which is in use`;
    return this.#memory.words[tags + TAG_UNITS]!;
  }
}
