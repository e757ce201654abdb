import type { BlockArea } from './block-area.ts';
import type { HandleTable } from './handle-table.ts';
import { corrupt } from './heap-errors.ts';
import type { HeapMemory } from './heap-memory.ts';
import type { Mover } from './mover.ts';
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
  readonly #mover: Mover;
  readonly #pins: PinTable;

  constructor(memory: HeapMemory, table: HandleTable, area: BlockArea, mover: Mover, pins: PinTable) {
    this.#memory = memory;
    this.#table = table;
    this.#area = area;
    this.#mover = mover;
    this.#pins = pins;
  }

  /** Runs from block `from` (0: the front) until the end or the budget's. Under the lock; whole again when it returns. */
  run(budget: Budget, from: number): Run {
    const area = this.#area;
    const restarted = from === 0 || !this.#table.isOpen(from);
    const run: Run = { moves: 0, units: 0, done: false, last: from, restarted };
    let unit = restarted ? this.#memory.areaStart : this.#table.unit(from);
    while (unit < this.#memory.areaEnd) {
      if (area.indexAt(unit) !== 0) {
        unit += area.unitsAt(unit);
        continue;
      }
      const gap = area.freeUnitsAt(unit);
      if (gap >= budget.wanted || this.#isSpent(budget, run)) return run;
      if (unit + gap === this.#memory.areaEnd) break;
      unit = this.#slideOver(unit, gap, run);
    }
    run.done = true;
    return run;
  }

  /** Swaps the gap with the block behind it; the unit to go on with. */
  #slideOver(gapUnit: number, gap: number, run: Run): number {
    const area = this.#area;
    const unit = gapUnit + gap;
    const index = area.indexAt(unit);
    const units = area.unitsAt(unit);
    if (index === 0) throw corrupt`free blocks ${gapUnit} and ${unit} touch`;
    if (!this.#table.isAt(index, unit, units)) throw corrupt`block ${unit} says it is of handle ${index}`;
    if (this.#pins.claim(index) !== 0) return unit + units;
    area.bins.unlink(gapUnit, gap);
    this.#mover.move(index, unit, gapUnit, units);
    this.#pins.unclaim();
    area.write(gapUnit, units, 0, index);
    area.write(gapUnit + units, gap + area.absorb(unit + units), 0, 0);
    run.moves += 1;
    run.units += units;
    run.last = index;
    return gapUnit + units;
  }

  #isSpent(budget: Budget, run: Run): boolean {
    if (run.units >= budget.units) return true;
    return run.moves % MOVES_BETWEEN_LOOKS === 0 && performance.now() >= budget.until;
  }
}
