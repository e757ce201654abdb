import type { BlockArea } from './block-area.ts';
import { UNIT_BYTES } from './block-layout.ts';
import type { HandleTable } from './handle-table.ts';
import { corrupt } from './heap-errors.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';

/**
 * Moves the bytes of claimed blocks so that a death in the middle loses none of them.
 *
 * A move to a place apart is copy, then commit: before the commit nothing has happened. Where old and new place overlap,
 * the block slides in chunks as long as the way it goes, beginning at the end that goes ahead, so that a chunk never overwrites
 * bytes that are not copied yet; the number of units done is stored after each, and recovery goes on from there.
 */
export class Mover {
  readonly #memory: HeapMemory;
  readonly #table: HandleTable;

  constructor(memory: HeapMemory, table: HandleTable) {
    this.#memory = memory;
    this.#table = table;
  }

  /** Moves a claimed block of `units` from `source` to `target`. */
  move(index: number, source: number, target: number, units: number): void {
    const { words } = this.#memory;
    if (target + units <= source || source + units <= target) {
      this.copy(source, target, units);
      this.#table.moveTo(index, target);
    } else {
      this.#memory.put(HEADER.slideSource, source);
      this.#memory.put(HEADER.slideTarget, target);
      this.#memory.put(HEADER.slideLength, units);
      this.#memory.put(HEADER.slideDone, 0);
      // ORDER: publishes the slide; from here on it can only be completed.
      Atomics.store(words, HEADER.sliding, index);
      this.#slide(index, source, target, units);
    }
    this.#memory.put(HEADER.moves, this.#memory.words[HEADER.moves]! + 1);
  }

  /** Completes the slide of a dead owner. @throws ERR_CORRUPT */
  complete(): void {
    const memory = this.#memory;
    const index = Atomics.load(memory.words, HEADER.sliding);
    if (index === 0) return;
    const source = memory.words[HEADER.slideSource]!;
    const target = memory.words[HEADER.slideTarget]!;
    const units = memory.words[HEADER.slideLength]!;
    memory.tags(source);
    memory.tags(target);
    if (index < 0 || index >= memory.capacities.handles || !this.#table.isOpen(index)) {
      throw corrupt`the slide under way is of handle ${index}, which has no block`;
    }
    if (target === source || Math.max(source, target) + units > memory.areaEnd || units !== this.#table.units(index)) {
      throw corrupt`the slide of handle ${index} from ${source} to ${target} by ${units} units makes no sense`;
    }
    this.#slide(index, source, target, units);
  }

  #slide(index: number, source: number, target: number, units: number): void {
    const { words } = this.#memory;
    const way = Math.abs(source - target);
    for (let done = this.#memory.words[HEADER.slideDone]!; done < units; ) {
      const chunk = Math.min(way, units - done);
      const at = target < source ? done : units - done - chunk;
      this.copy(source + at, target + at, chunk);
      done += chunk;
      // ORDER: after the chunk, and before the next one overwrites its source.
      Atomics.store(words, HEADER.slideDone, done);
    }
    this.#table.moveTo(index, target);
    // ORDER: after the commit.
    Atomics.store(words, HEADER.sliding, 0);
  }

  /** Copies units to a place apart, or down: the source of a train may still be read behind its target. */
  copy(source: number, target: number, units: number): void {
    this.#memory.bytes.copyWithin(target * UNIT_BYTES, source * UNIT_BYTES, (source + units) * UNIT_BYTES);
  }
}

/** Rewrites every tag and bin from the handle table alone. @throws ERR_CORRUPT if the table contradicts itself */
export function rebuild(memory: HeapMemory, table: HandleTable, area: BlockArea): void {
  const { handles } = memory.capacities;
  let fresh = handles;
  while (fresh > 1 && table.isUntouched(fresh - 1)) fresh -= 1;
  memory.put(HEADER.freshHandle, fresh);
  memory.put(HEADER.freeHandle, 0);
  let live = 0;
  let retired = 0;
  for (let index = fresh - 1; index > 0; index--) {
    if (table.isOpen(index)) {
      live += 1;
      if (table.isClaimed(index)) table.unclaim(index);
    } else if (table.isRetired(index)) retired += 1;
    else table.give(index);
  }
  memory.put(HEADER.liveBlocks, live);
  memory.put(HEADER.retired, retired);
  area.bins.clear();
  let unit = memory.areaStart;
  let freeBefore = 0;
  const place = (units: number, index: number) => {
    if (index === 0) area.free(unit, units);
    else area.write(unit, units, freeBefore, index);
    unit += units;
    freeBefore = index === 0 ? units : 0;
  };
  for (const index of inOrder(table, live)) {
    const start = table.unit(index);
    if (start < unit) throw corrupt`the block of handle ${index} overlaps the one before it`;
    if (start > unit) place(start - unit, 0);
    place(table.units(index), index);
  }
  if (unit < memory.areaEnd) place(memory.areaEnd - unit, 0);
  area.writeSentinel();
}

/** The indices of the live blocks by place. Unit and index together fit the 53 bits of a number. */
function inOrder(table: HandleTable, live: number): number[] {
  const INDEXES = 2 ** 21;
  const keys = new Float64Array(live);
  let next = 0;
  for (const index of table.each()) keys[next++] = table.unit(index) * INDEXES + index;
  return Array.from(keys.sort(), (key) => key % INDEXES);
}
