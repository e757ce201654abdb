import { MAGIC } from '../base/resident.ts';
import { HEAD_UNITS, TAG, UNIT_BYTES, UNIT_WORDS } from './block-layout.ts';
import type { HeapCore } from './heap-core.ts';
import { HEADER, VERSION } from './heap-layout.ts';

/** What `verify()` answers. */
export interface HeapReport {
  readonly ok: boolean;
  /** One sentence for each contradiction. */
  readonly problems: readonly string[];
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly freeBytes: number;
  /** The report as text, one line a fact. */
  toString(): string;
}

const MOST_PROBLEMS = 100;

/** Checks every invariant, trusting nothing. Under the lock. `obstacle`: why the recovery that was due gave up. */
export function verifyHeap(core: HeapCore, obstacle?: string): HeapReport {
  const { memory, table, area } = core;
  const { words } = memory;
  const problems: string[] = [];
  const say = (problem: string) => problems.length < MOST_PROBLEMS && problems.push(problem);
  const tag = (unit: number, which: number) => words[unit * UNIT_WORDS + which]!;

  for (const [name, expected] of headOf(core)) {
    const word = words[HEADER[name]]!;
    if (word !== expected) say(`The header says ${name} ${word}, it was opened with ${expected}`);
  }
  if (obstacle !== undefined) say(`Recovery gives up, so that what follows may be its half-done work: ${obstacle}`);
  if (words[HEADER.sliding] !== 0) say(`Handle ${words[HEADER.sliding]} is said to slide, though nobody moves it`);
  if (words[HEADER.dirty] !== 0) say('The cache is marked dirty');

  const free = new Map<number, number>();
  const parked = new Map<number, number>();
  let blocks = 0;
  let parkedUnits = 0;
  let freeUnits = 0;
  let before = 0;
  let unit = memory.areaStart;
  let afterFree = false;
  while (unit < memory.areaEnd) {
    const units = tag(unit, TAG.units);
    if (units < 1 || unit + units > memory.areaEnd) {
      say(`Block ${unit} claims ${units} units, the area ends at ${memory.areaEnd}`);
      break;
    }
    if (tag(unit, TAG.before) !== before)
      say(`Block ${unit} says ${tag(unit, TAG.before)} free units precede it: ${before}`);
    const index = tag(unit, TAG.index);
    if (index === 0) {
      if (afterFree) say(`Free block ${unit} touches the free block before it`);
      free.set(unit, units);
      freeUnits += units;
    } else if (index < 0 || index >= memory.capacities.handles) {
      say(`Block ${unit} is of handle ${index}, which there cannot be`);
    } else {
      if (table.isOpen(index)) blocks += 1;
      else {
        parked.set(index, units);
        parkedUnits += units;
      }
      if (table.unitUnchecked(index) !== unit)
        say(`Block ${unit} is of handle ${index}, which stands at ${table.unitUnchecked(index)}`);
      if (table.units(index) !== units) say(`Block ${unit} has ${units} units, its handle ${table.units(index)}`);
    }
    afterFree = index === 0;
    before = index === 0 ? units : 0;
    unit += units;
  }
  if (unit === memory.areaEnd && tag(unit, TAG.before) !== before) say('The sentinel does not know the last block');

  let live = 0;
  for (const index of table.each()) {
    live += 1;
    if (!table.isInside(index, table.unitUnchecked(index)))
      say(`Handle ${index} leads out of the block area, to unit ${table.unitUnchecked(index)}`);
    if (table.isClaimed(index)) say(`Handle ${index} is claimed, though nobody works on it`);
  }
  if (live !== blocks) say(`${live} handles are live, ${blocks} blocks stand in the area`);
  if (memory.words[HEADER.liveBlocks]! !== live)
    say(`${memory.words[HEADER.liveBlocks]!} live blocks are counted: ${live}`);
  if (area.freeUnits !== freeUnits) say(`${area.freeUnits} free units are counted: ${freeUnits}`);
  for (const problem of area.bins.contradictions(free)) say(problem);
  for (const problem of core.parked.contradictions(parked)) say(problem);
  for (const problem of table.contradictions(parked)) say(problem);
  for (const problem of core.roots.index.contradictions()) say(problem);

  const report = {
    ok: problems.length === 0,
    problems,
    blocks,
    freeBlocks: free.size + parked.size,
    freeBytes: (freeUnits + parkedUnits) * UNIT_BYTES,
  };
  return { ...report, toString: () => describe(report) };
}

/** What the header said when the heap was opened, and must say for others to open it. */
function headOf({ memory }: HeapCore): [name: keyof typeof HEADER, word: number][] {
  const { capacities, salt, areaEnd } = memory;
  const { handles, participants, pins, roots } = capacities;
  const head = {
    magic: MAGIC.heap,
    version: VERSION,
    units: areaEnd + HEAD_UNITS,
    handles,
    participants,
    pins,
    roots,
    salt,
  };
  return Object.entries(head) as [keyof typeof head, number][];
}

function describe(report: Omit<HeapReport, 'toString'>): string {
  const { blocks, freeBlocks, freeBytes, problems } = report;
  const size = `${blocks} blocks, ${freeBlocks} free ones of ${freeBytes} bytes together`;
  if (report.ok) return `Heap is whole: ${size}`;
  return [`Heap has ${problems.length} problems: ${size}`, ...problems.map((problem) => `  - ${problem}`)].join('\n');
}
