/**
 * The handle table: the truth about every block. Entry 0 is never used.
 *
 * ```text
 * word 0        1                           2             3
 * +-------------+---------------------------+-------------+------------------------+
 * | offset of   | state: odd = live; +1 at  | size of the | owner: the participant |
 * | the tags,   | each allocate and free    | payload in  | that answers for the   |
 * | in units;   |                           | bytes       | block (0: nobody)      |
 * | bit 31:     |                           |             |                        |
 * | claimed     |                           |             |                        |
 * +-------------+---------------------------+-------------+------------------------+
 *   free entry: next free index               parked: size  parked: next link
 *   parked: offset                            (all of it cache)
 * ```
 *
 * The lock's owner claims a block before it moves, resizes or frees it; pins of it wait. No block is claimed while the lock
 * is free.
 *
 * Each change is one store: allocate and free write the state, a move the offset, a shrink or growth the size. An entry
 * whose state reaches 0xfffffffe is retired.
 *
 * A block handle is a safe integer, `index * 2^32 + generation`: 21 bits of index, 32 bits of generation (state + salt).
 */

export const ENTRY = { offset: 0, state: 1, size: 2, owner: 3 } as const;
export const ENTRY_WORDS = 4;
export const CLAIMED: number = 0x8000_0000 | 0;

export const INDEX_BITS = 21;
export const MAX_HANDLES: number = 2 ** INDEX_BITS;
/** As Int32Array reads it: the last even state. */
export const RETIRED = -2;

const GENERATIONS = 2 ** 32;

/** Names a block of one heap, in every process. Survives moves; stale once the block is freed. */
export type BlockHandle = number & { readonly __brand: 'BlockHandle' };

export function packHandle(index: number, generation: number): BlockHandle {
  return (index * GENERATIONS + (generation >>> 0)) as BlockHandle;
}

/** The table index of a handle; what cannot be one gives 0, which is never an entry. */
export function indexOfHandle(handle: number): number {
  if (typeof handle !== 'number') return 0;
  const index = (handle / GENERATIONS) | 0;
  return index > 0 && index < MAX_HANDLES && index * GENERATIONS + (handle >>> 0) === handle ? index : 0;
}

/** The table index of what is known to be a handle. */
export function pinnedIndex(handle: BlockHandle): number {
  return (handle / GENERATIONS) | 0;
}

/** As a signed 32-bit number. */
export function generationOfHandle(handle: number): number {
  return handle | 0;
}
