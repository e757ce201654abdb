import type { ParticipantId } from '../base/participants.ts';
import { payloadBytes, UNIT_BYTES } from './block-layout.ts';
import type { BlockHandle } from './handle-layout.ts';
import type { HeapCore } from './heap-core.ts';
import { HEADER } from './heap-layout.ts';

/** What `stats()` answers: a snapshot under the lock. Bytes include the 16 bytes of tags that each block has. */
export interface HeapStats {
  /** The block area. */
  readonly byteLength: number;
  readonly used: number;
  readonly free: number;
  /** The largest block that `allocate` could give without compaction, payload alone. */
  readonly largest: number;
  /** The part of the free bytes that is not in the largest free block: 0 to 1. */
  readonly fragmentation: number;
  readonly blocks: number;
  /** Handles that can be had, and those whose generations are used up. */
  readonly handles: number;
  readonly retiredHandles: number;
  /** Blocks that living participants pin right now. */
  readonly pinned: number;
  /** Living participants that have the heap open. */
  readonly participants: number;
  /** Moves of blocks, and take-overs from dead owners of the lock, since the heap was made. */
  readonly moves: number;
  readonly recoveries: number;
}

/** A piece of the block area, as {@link heapBlocks} lists it. */
export interface HeapBlock {
  /** From the start of the block area, tags included. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Absent: the piece is free. */
  readonly handle?: BlockHandle;
  readonly pinned?: boolean;
  readonly owner?: ParticipantId | 0;
}

/** Under the lock. Settles parked blocks first, as an `allocate` does that finds nothing. */
export function heapStats(core: HeapCore): HeapStats {
  const { memory, area, table } = core;
  core.parked.settle();
  const { pinned, participants } = core.pins.survey();
  let pinnedBlocks = 0;
  for (const index of pinned) if (index < memory.capacities.handles && table.isOpen(index)) pinnedBlocks += 1;
  const units = memory.areaEnd - memory.areaStart;
  const free = area.freeUnits;
  const largest = area.bins.largest();
  return {
    byteLength: units * UNIT_BYTES,
    used: (units - free) * UNIT_BYTES,
    free: free * UNIT_BYTES,
    largest: payloadBytes(largest),
    fragmentation: free === 0 ? 0 : 1 - largest / free,
    blocks: memory.words[HEADER.liveBlocks]!,
    handles: memory.capacities.handles - 1,
    retiredHandles: memory.words[HEADER.retired]!,
    pinned: pinnedBlocks,
    participants,
    moves: memory.words[HEADER.moves]! >>> 0,
    recoveries: memory.words[HEADER.recoveries]! >>> 0,
  };
}

/** Every piece of the block area from the front, parked blocks being settled first. Under the lock. */
export function heapBlocks(core: HeapCore): HeapBlock[] {
  const { memory, area, table } = core;
  core.parked.settle();
  const { pinned } = core.pins.survey();
  const blocks: HeapBlock[] = [];
  for (let unit = memory.areaStart; unit < memory.areaEnd; ) {
    const units = area.unitsAt(unit);
    const index = area.indexAt(unit);
    const byteOffset = (unit - memory.areaStart) * UNIT_BYTES;
    const byteLength = units * UNIT_BYTES;
    // Written out: V8 makes an object of a spread several times as slowly, and others wait for the lock.
    if (index === 0) blocks.push({ byteOffset, byteLength });
    else {
      const handle = table.handle(index);
      blocks.push({ byteOffset, byteLength, handle, pinned: pinned.has(index), owner: table.owner(index) });
    }
    unit += units;
  }
  return blocks;
}
