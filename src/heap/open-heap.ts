import { type Memory, type MemoryRange, memoryRange, subrange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { participantsOf } from '../sync/options.ts';
import { UNIT_BYTES } from './block-layout.ts';
import { checkHeap, formatHeap, type HeapCapacities, heapExists, isHeap } from './format-heap.ts';

/** How `SharedHeap.create` lays a heap out, and who takes part. */
export interface HeapOptions extends HeapCapacities, OpenHeapOptions {}

/** How a heap is opened. */
export interface OpenHeapOptions {
  /** Who takes part; the threads of this machine if absent. */
  readonly participants?: Participants;
}

/** Memory that holds a heap, ready to be joined. */
export interface HeapPlace {
  readonly name: string;
  readonly range: MemoryRange;
  readonly created: boolean;
  readonly participants: Participants;
  /** Gives up what was opened for the heap alone. */
  readonly release: () => void;
}

/** How often one who waits for the maker of a heap looks again. */
const SLICE_MS = 10;

export function createHeap(where: Memory, byteLength: number | undefined, options: HeapOptions): HeapPlace {
  const place = placeOf(where, byteLength, options);
  if (!formatHeap(place.range, options, place.participants)) throw heapExists('');
  return { ...place, created: true };
}

export function openHeap(where: Memory, options: OpenHeapOptions): HeapPlace {
  const place = placeOf(where, undefined, options);
  checkHeap(place.range);
  return place;
}

export function openOrCreateHeap(where: Memory, byteLength: number | undefined, options: HeapOptions): HeapPlace {
  const place = placeOf(where, byteLength, options);
  const { range, participants } = place;
  while (!isHeap(range)) {
    if (formatHeap(range, options, participants)) return { ...place, created: true };
    participants.sleepSync(range.originKey, () => !isHeap(range), SLICE_MS);
  }
  checkHeap(range);
  return place;
}

function placeOf(where: Memory, byteLength: number | undefined, options: OpenHeapOptions): HeapPlace {
  const whole = memoryRange(where);
  const range = byteLength === undefined ? whole : subrange(whole, 0, byteLength - (byteLength % UNIT_BYTES));
  return { name: '', range, created: false, participants: participantsOf(range, options), release: () => {} };
}
