/**
 * The workload of ../shared/peers/boost/alloc.cpp, bit for bit: xorshift32; slot = r % slots; an empty slot gets a block of
 * 16 + r % 4081 bytes whose first and last byte are written, a full one is checked and freed. One op = one of both.
 */
import type { BlockHandle, SharedHeap } from '../src/heap/index.ts';

export interface Counts {
  ops: number;
  fails: number;
}

export function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Answers a function that goes on with the workload for at least `ops` operations. */
export function churner(
  heap: SharedHeap,
  slots: number,
  seed: number,
  uninitialized: boolean,
): (ops: number) => Counts {
  const next = xorshift(seed);
  const handles = new Float64Array(slots);
  const sizes = new Int32Array(slots);
  const options = { uninitialized };
  return (most) => {
    let ops = 0;
    let fails = 0;
    while (ops < most) {
      // Both unsigned, or the remainder is one of floating point.
      const slot = next() % (slots >>> 0);
      const handle = handles[slot] as BlockHandle;
      if (handle === 0) {
        const size = 16 + (next() % 4081);
        let block: BlockHandle;
        try {
          block = heap.allocate(size, options);
        } catch {
          fails += 1;
          continue;
        }
        const pin = heap.pin(block);
        pin.set(0, slot & 255);
        pin.set(size - 1, (slot ^ 0x5a) & 255);
        pin.unpin();
        handles[slot] = block;
        sizes[slot] = size;
      } else {
        const pin = heap.pin(handle);
        if (pin.get(0) !== (slot & 255) || pin.get(sizes[slot]! - 1) !== ((slot ^ 0x5a) & 255)) {
          throw new Error(`Block ${handle} has lost its bytes`);
        }
        pin.unpin();
        heap.free(handle);
        handles[slot] = 0;
      }
      ops += 1;
    }
    return { ops, fails };
  };
}

/** Operations per second. */
export function rate(run: (ops: number) => Counts, seconds: number): number {
  const begin = performance.now();
  let ops = 0;
  while (performance.now() - begin < seconds * 1000) ops += run(5000).ops;
  return ops / ((performance.now() - begin) / 1000);
}
