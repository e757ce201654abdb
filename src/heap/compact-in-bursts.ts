import { knownOptions } from '../base/known-options.ts';
import { UNIT_BYTES } from './block-layout.ts';
import { limitOf } from './heap-arguments.ts';
import type { HeapCore } from './heap-core.ts';

/** How long `compact()` may go on. */
export interface CompactOptions {
  /** Stop once so many bytes were moved, the block that is more than that included; no limit by default. */
  readonly maxBytes?: number;
  /** Stop after so many milliseconds and the block that is under way; no limit by default. */
  readonly maxMs?: number;
}

/** What `compact()` did. */
export interface Compaction {
  readonly moves: number;
  readonly bytes: number;
  /** Whether it got to the end of the heap. If not, the next one that has limits goes on there. */
  readonly done: boolean;
}

/** Others get their turn after so many units (256 KiB). */
const BURST_UNITS = 16_384;
/** How often a compaction starts over whose last block was freed between two bursts. */
const RESTARTS = 8;

/** Runs the compactor in bursts, each under the lock, each going on where the last one stopped. */
export function compactInBursts(core: HeapCore, options: CompactOptions): Compaction {
  const { maxBytes, maxMs } = knownOptions('compact', options, ['maxBytes', 'maxMs']);
  const until = performance.now() + limitOf('maxMs', maxMs);
  let units = limitOf('maxBytes', maxBytes) / UNIT_BYTES;
  const sum = { moves: 0, bytes: 0, done: false };
  // Without limits, it begins at the front: gaps may have come up there.
  let from = units < Infinity || until < Infinity ? core.compactedTo : 0;
  for (let restarts = 0; restarts <= RESTARTS && units > 0; ) {
    const run = core.compact({ units: Math.min(units, BURST_UNITS), until, wanted: Number.POSITIVE_INFINITY }, from);
    if (from !== 0 && run.restarted) restarts += 1;
    from = run.last;
    units -= run.units;
    sum.moves += run.moves;
    sum.bytes += run.units * UNIT_BYTES;
    sum.done = run.done;
    if (run.done || performance.now() >= until) break;
  }
  core.compactedTo = sum.done ? 0 : from;
  return sum;
}
