/** An object whose members must agree with each other: any tear shows. */
import { array, type Infer, type InferLive, i32, MapFile, struct, u32 } from '../../src/index.ts';

export { MapFile };

export const Ledger = struct('ledger', { count: u32, cells: array(i32, 4), sum: i32 });

/** Adds one: each cell follows from the count, the sum from the cells. */
export function post(live: InferLive<typeof Ledger>): void {
  const count = live.count + 1;
  live.count = count;
  let sum = count | 0;
  for (let i = 0; i < 4; i++) {
    const cell = Math.imul(count, 0x9e37_79b1 + i);
    live.cells[i] = cell;
    sum = (sum + cell) | 0;
  }
  live.sum = sum;
}

/** Whether the members agree. */
export function ledgerHolds({ count, cells, sum }: Infer<typeof Ledger>): boolean {
  let expected = count | 0;
  for (let i = 0; i < 4; i++) {
    const cell = count === 0 ? 0 : Math.imul(count, 0x9e37_79b1 + i);
    if (cells[i] !== cell) return false;
    expected = (expected + cell) | 0;
  }
  return sum === expected;
}
