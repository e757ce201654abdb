import type { BlockArea } from './block-area.ts';
import { TAG, UNIT_WORDS } from './block-layout.ts';
import type { HandleTable } from './handle-table.ts';
import { corrupt } from './heap-errors.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';
import type { Mover } from './mover.ts';
import type { ParkedBlocks } from './parked-blocks.ts';
import type { PinTable } from './pin-table.ts';

const { index: TAG_INDEX, units: TAG_UNITS } = TAG;

/** When a run of slides ends early. Asked before each slide. */
export interface Budget {
  /** How many units may still be moved. */
  units: number;
  /** `performance.now()` at which to stop. */
  readonly until: number;
  /** Stop as soon as there is a free block of so many units. */
  readonly wanted: number;
}

/** So many blocks are walked past between two looks at the budget. */
const BLOCKS_PER_LOOK = 256;

/** What a run did. */
export interface Run {
  moves: number;
  units: number;
  /** Whether it reached the end of the area. */
  done: boolean;
  /** The block that it moved or came to last: where to go on. */
  last: number;
  /** The block to go on with had been freed meanwhile. */
  readonly restarted: boolean;
}

/** Slides live blocks down over the gaps in front of them, or up for one that grows. Never waits for a pin: it steps over the block. */
export class Compactor {
  readonly #memory: HeapMemory;
  readonly #table: HandleTable;
  readonly #area: BlockArea;
  readonly #parked: ParkedBlocks;
  readonly #mover: Mover;
  readonly #pins: PinTable;
  /** The entries of the blocks that move together. */
  readonly #train: number[] = [];

  constructor(
    memory: HeapMemory,
    table: HandleTable,
    area: BlockArea,
    parked: ParkedBlocks,
    mover: Mover,
    pins: PinTable,
  ) {
    this.#memory = memory;
    this.#table = table;
    this.#area = area;
    this.#parked = parked;
    this.#mover = mover;
    this.#pins = pins;
  }

  /** Runs from block `from` (0: the front) until the end or the budget's. Under the lock; whole again when it returns. */
  run(budget: Budget, from: number): Run {
    const area = this.#area;
    const { areaStart, areaEnd } = this.#memory;
    this.#parked.settle();
    const restarted = from === 0 || !this.#table.isOpen(from);
    const run: Run = { moves: 0, units: 0, done: false, last: from, restarted };
    let seen = 0;
    let unit = restarted ? areaStart : this.#table.unit(from);
    while (unit < areaEnd) {
      const index = area.indexAt(unit);
      if (index !== 0) {
        unit += area.unitsAt(unit);
        if (++seen % BLOCKS_PER_LOOK !== 0) continue;
        run.last = index;
        if (this.#isSpent(budget, run)) return run;
        continue;
      }
      const gap = area.freeUnitsAt(unit);
      if (gap >= budget.wanted || this.#isSpent(budget, run)) return run;
      if (unit + gap === areaEnd) break;
      unit = this.#carry(unit, gap, budget, run);
    }
    run.done = true;
    return run;
  }

  /**
   * Carries a gap towards the end: the blocks behind it are moved in front of it, and free blocks that it meets become part of
   * it. Meanwhile it stands in no bin. Answers the unit to go on with.
   */
  #carry(start: number, startGap: number, budget: Budget, run: Run): number {
    const area = this.#area;
    const { areaEnd } = this.#memory;
    let unit = start;
    let gap = startGap;
    area.bins.unlink(unit, gap);
    while (unit + gap < areaEnd && gap < budget.wanted && !this.#isSpent(budget, run)) {
      const source = unit + gap;
      const units = this.#couple(source, Math.min(gap, budget.units - run.units));
      if (units === 0) {
        area.free(unit, gap);
        return source + area.unitsAt(source);
      }
      this.#move(source, unit, units);
      area.writeBefore(unit);
      unit += units;
      gap += area.absorb(unit + gap);
      run.moves += this.#train.length;
      run.units += units;
      run.last = this.#train[this.#train.length - 1]!;
    }
    area.free(unit, gap);
    return unit;
  }

  /**
   * Brings the next gap behind `unit` to it, if it has `least` units: the blocks between are moved up over it, the last one
   * first. One that is pinned ends that. Under the lock; after a run, so that no block is parked.
   */
  raise(unit: number, least: number): void {
    const area = this.#area;
    const { areaEnd } = this.#memory;
    const between: number[] = [];
    let start = unit;
    for (; start < areaEnd && area.indexAt(start) !== 0; start += area.unitsAt(start)) between.push(start);
    if (start === areaEnd) return;
    const gap = area.freeUnitsAt(start);
    if (gap < least) return;
    area.bins.unlink(start, gap);
    for (let source = between.pop(); source !== undefined; source = between.pop()) {
      const units = this.#couple(source, 1);
      if (units === 0) break;
      const index = this.#train[0]!;
      this.#mover.move(index, source, source + gap, units);
      area.write(source + gap, units, 0, index);
      this.#table.unclaim(index);
      start = source;
    }
    area.free(start, gap);
  }

  /**
   * Claims the live blocks from `source` on that together have at most `most` units, but one at least, up to the first that is
   * pinned. Answers how many units they have; 0: the first is pinned.
   */
  #couple(source: number, most: number): number {
    const { words, areaEnd } = this.#memory;
    const table = this.#table;
    const train = this.#train;
    train.length = 0;
    let end = source;
    do {
      const tags = end * UNIT_WORDS;
      const index = words[tags + TAG_INDEX]!;
      if (index === 0 && end > source) break;
      const next = end + words[tags + TAG_UNITS]!;
      if (next - source > most && end > source) break;
      if (!table.claimAt(index, end, next)) throw corrupt`block ${end} says it is of handle ${index}`;
      train.push(index);
      end = next;
    } while (end < areaEnd && end - source < most);
    for (const free = this.#pins.firstPinned(train); train.length > free; ) {
      const index = train.pop()!;
      end -= table.units(index);
      table.unclaim(index);
    }
    return end - source;
  }

  /** Moves the claimed blocks down by one copy, and commits each; one that is longer than the gap slides. */
  #move(source: number, target: number, units: number): void {
    const memory = this.#memory;
    const table = this.#table;
    const train = this.#train;
    if (target + units > source) {
      this.#mover.move(train[0]!, source, target, units);
      table.unclaim(train[0]!);
    } else {
      this.#mover.copy(source, target, units);
      for (let n = 0, unit = target; n < train.length; n++) {
        table.land(train[n]!, unit);
        unit += memory.words[unit * UNIT_WORDS + TAG_UNITS]!;
      }
      memory.put(HEADER.moves, memory.words[HEADER.moves]! + train.length);
    }
  }

  #isSpent(budget: Budget, run: Run): boolean {
    return run.units >= budget.units || (budget.until < Infinity && performance.now() >= budget.until);
  }
}
