import type { BlockArea } from './block-area.ts';
import type { HandleTable } from './handle-table.ts';
import { corrupt } from './heap-errors.ts';
import type { HeapMemory } from './heap-memory.ts';
import type { Mover } from './mover.ts';
import type { ParkedBlocks } from './parked-blocks.ts';
import type { PinTable } from './pin-table.ts';

/** When a run of slides ends early. Asked before each slide. */
export interface Budget {
  /** How many units may still be moved. */
  units: number;
  /** `performance.now()` at which to stop. */
  readonly until: number;
  /** Stop as soon as there is a free block of so many units. */
  readonly wanted: number;
}

/** What a run did. */
export interface Run {
  moves: number;
  units: number;
  /** Whether it reached the end of the area. */
  done: boolean;
  /** The last block that it moved: where to go on. */
  last: number;
  /** The block to go on with had been freed meanwhile. */
  readonly restarted: boolean;
}

/** A look at the clock costs as much as a small move. */
const MOVES_BETWEEN_LOOKS = 16;

/** Slides live blocks down over the gaps in front of them. Never waits for a pin: it steps over the block. */
export class Compactor {
  readonly #memory: HeapMemory;
  readonly #table: HandleTable;
  readonly #area: BlockArea;
  readonly #parked: ParkedBlocks;
  readonly #mover: Mover;
  readonly #pins: PinTable;

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
    let unit = restarted ? areaStart : this.#table.unit(from);
    while (unit < areaEnd) {
      if (area.indexAt(unit) !== 0) {
        unit += area.unitsAt(unit);
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
   * Carries a gap towards the end: each block behind it is moved in front of it, and free blocks that it meets become part of
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
      const index = area.indexAt(source);
      const units = area.unitsAt(source);
      if (index === 0) throw corrupt`free blocks ${unit} and ${source} touch`;
      if (!this.#table.isAt(index, source, units)) throw corrupt`block ${source} says it is of handle ${index}`;
      if (this.#pins.claim(index) !== 0) {
        area.free(unit, gap);
        return source + units;
      }
      this.#mover.move(index, source, unit, units);
      this.#table.unclaim(index);
      area.writeBefore(unit);
      unit += units;
      gap += area.absorb(unit + gap);
      run.moves += 1;
      run.units += units;
      run.last = index;
    }
    area.free(unit, gap);
    return unit;
  }

  #isSpent(budget: Budget, run: Run): boolean {
    if (run.units >= budget.units) return true;
    return run.moves % MOVES_BETWEEN_LOOKS === 0 && performance.now() >= budget.until;
  }
}
