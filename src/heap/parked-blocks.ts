import { BIN, PARKED_UNITS, parkedCount, parkedIndex } from './bins-layout.ts';
import type { BlockArea } from './block-area.ts';
import type { HandleTable } from './handle-table.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';

const { parkedBlocks: PARKED_BLOCKS } = HEADER;
const { parked: BIN_PARKED } = BIN;

/**
 * Freed blocks that wait for the next one of just their size, each with its handle entry and its tags. Every method wants the
 * heap's lock. All of it is cache: to the handle table they are free, and recovery makes them ordinary free blocks.
 */
export class ParkedBlocks {
  readonly #memory: HeapMemory;
  readonly #table: HandleTable;
  readonly #area: BlockArea;

  constructor(memory: HeapMemory, table: HandleTable, area: BlockArea) {
    this.#memory = memory;
    this.#table = table;
    this.#area = area;
  }

  /** The entry of a parked block of exactly `units`, which is parked no longer; 0: there is none. */
  take(units: number): number {
    if (units > PARKED_UNITS) return 0;
    const memory = this.#memory;
    const index = parkedIndex(memory.words[BIN_PARKED + units]!);
    if (index === 0) return 0;
    memory.put(BIN_PARKED + units, this.#table.nextParked(index, units));
    memory.put(PARKED_BLOCKS, memory.words[PARKED_BLOCKS]! - 1);
    return index;
  }

  /** Makes every parked block an ordinary free one; false if there was none. */
  settle(): boolean {
    const any = this.#memory.words[PARKED_BLOCKS] !== 0;
    if (any) for (let units = 1; units <= PARKED_UNITS; units++) this.#settle(units);
    return any;
  }

  #settle(units: number): void {
    const table = this.#table;
    for (let index = this.take(units); index !== 0; index = this.take(units)) {
      const unit = this.#area.checked(table.unit(index), units, index);
      table.give(index);
      this.#area.release(unit, units);
    }
  }

  /** What the lists say against `parked`, the blocks that a walk has found: neither live nor free (index to units). */
  contradictions(parked: ReadonlyMap<number, number>): string[] {
    const { words } = this.#memory;
    const problems: string[] = [];
    const missing = new Set(parked.keys());
    for (let units = 1; units <= PARKED_UNITS; units++) {
      let count = 0;
      const head = words[BIN_PARKED + units]!;
      for (let index = parkedIndex(head); index !== 0; index = parkedIndex(this.#table.owner(index))) {
        count += 1;
        if (parked.get(index) === units && missing.delete(index)) continue;
        problems.push(`The parked blocks of ${units} units name handle ${index}, which has none or was named before`);
        break;
      }
      if (count !== parkedCount(head))
        problems.push(`${parkedCount(head)} parked blocks of ${units} units are counted: ${count}`);
    }
    for (const index of missing) problems.push(`Handle ${index} has a block, but is neither live nor parked`);
    const count = words[PARKED_BLOCKS]!;
    if (count !== parked.size) problems.push(`${count} parked blocks are counted: ${parked.size}`);
    return problems;
  }
}
