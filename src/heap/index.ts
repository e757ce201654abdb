/** A heap of movable blocks that processes share. */

export type { AllocateOptions } from './block-filler.ts';
export { blockHandle } from './block-handle.ts';
export type { Compaction, CompactOptions } from './compact-in-bursts.ts';
export type { HeapCapacities } from './format-heap.ts';
export type { BlockHandle } from './handle-layout.ts';
export type { HeapBlock, HeapStats } from './heap-stats.ts';
export type { HeapOptions, OpenHeapOptions } from './open-heap.ts';
export type { BlockOwner, Reclaimed, ReclaimOptions } from './ownership.ts';
export type { Pin, PinOf, TypedPin, ViewOptions } from './pin.ts';
export type { Root } from './root-directory.ts';
export { SharedHeap } from './shared-heap.ts';
export type { HeapReport } from './verify-heap.ts';
