/**
 * `tsx bench/heap.ts [seconds]`: allocate and free mixed, one process and two contending; fragmentation and compaction; pins.
 * Beside Boost.Interprocess (rbtree_best_fit, C++, needs g++ and libboost-dev) and @thi.ng/malloc (one process, its own memory),
 * with the same workload in the same run. Prints ratios; absolute figures are this machine's, today.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemPool } from '@thi.ng/malloc';
import { SharedHeap } from '../src/heap/index.ts';
import { churner, rate, xorshift } from './heap-churn.ts';

const SECONDS = Number(process.argv[2] ?? 1);
const ROUNDS = 3;
const HEAP_BYTES = 32 << 20;
const SLOTS = 20_000;
const SEED = 12_345;
const OPTIONS = { handles: 2 * SLOTS };

let heaps = 0;
const newHeap = () => SharedHeap.create(`bench-heap-${process.pid}-${++heaps}`, HEAP_BYTES, OPTIONS);
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

function one(uninitialized: boolean): number {
  const heap = newHeap();
  const run = churner(heap, SLOTS, SEED, uninitialized);
  run(200_000);
  const result = rate(run, SECONDS);
  heap.close();
  return result;
}

async function two(): Promise<number> {
  const heap = newHeap();
  const program = fileURLToPath(new URL('./heap-churn.ts', import.meta.url));
  const children = [0, 1].map((number) =>
    fork(program, [heap.name, SEED + number, SLOTS / 2, SECONDS].map(String), { execArgv: process.execArgv }),
  );
  await Promise.all(children.map((child) => once(child, 'message')));
  const rates = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('go');
  let sum = 0;
  for (const [value] of await Promise.all(rates)) sum += value as number;
  await Promise.all(children.map((child) => once(child, 'exit')));
  heap.close();
  return sum;
}

/** thi.ng's pool is private to a process; its top-level bounds are those of the heap. */
function thing(): number {
  const pool = new MemPool({ buf: new ArrayBuffer(HEAP_BYTES), compact: true, split: true });
  const bytes = new Uint8Array(pool.buf);
  const next = xorshift(SEED);
  const blocks = new Float64Array(SLOTS);
  const sizes = new Int32Array(SLOTS);
  const run = (most: number) => {
    for (let ops = 0; ops < most; ops++) {
      const slot = next() % SLOTS;
      const block = blocks[slot]!;
      if (block === 0) {
        const size = 16 + (next() % 4081);
        const made = pool.malloc(size);
        if (made === 0) continue;
        bytes[made] = slot;
        bytes[made + size - 1] = slot ^ 0x5a;
        blocks[slot] = made;
        sizes[slot] = size;
      } else {
        if (bytes[block] !== (slot & 255)) throw new Error('lost bytes');
        pool.free(block);
        blocks[slot] = 0;
      }
    }
    return { ops: most, fails: 0 };
  };
  // Its free list is searched from the front: a warm-up as long as ours would take minutes.
  const begin = performance.now();
  let ops = 0;
  while (performance.now() - begin < SECONDS * 2000) ops += run(200).ops;
  const warm = performance.now();
  for (ops = 0; performance.now() - warm < SECONDS * 1000; ) ops += run(200).ops;
  return ops / ((performance.now() - warm) / 1000);
}

interface Line {
  readonly bench: string;
  readonly value: number;
}

/** A main of its own around the peer's source: its rbtree_best_fit alone. */
function buildBoost(directory: string): string | undefined {
  const source = fileURLToPath(new URL('../../shared/peers/boost/alloc.cpp', import.meta.url));
  if (!existsSync(source)) return undefined;
  const driver = join(directory, 'driver.cpp');
  writeFileSync(
    driver,
    `#define main peer_main\n#include "${source}"\n#undef main\n` +
      'int main(int, char** a) { run<bip::managed_shared_memory>("rbtree", atoi(a[1])); }\n',
  );
  const program = join(directory, 'alloc');
  try {
    execFileSync('g++', ['-O2', '-w', '-std=c++17', '-D_GNU_SOURCE', '-o', program, driver, '-lrt', '-lpthread']);
    return program;
  } catch (error) {
    console.log(`Boost is left out: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

function boost(program: string): (bench: string) => number {
  const text = execFileSync(program, [String(Math.max(1, Math.round(SECONDS)))], { encoding: 'utf8' });
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return (bench) => lines.find((line) => line.bench === bench)?.value ?? Number.NaN;
}

function compaction(): void {
  const heap = newHeap();
  const run = churner(heap, SLOTS, SEED, true);
  run(1_000_000);
  const before = heap.stats();
  const begin = performance.now();
  const { moves, bytes } = heap.compact();
  const ms = performance.now() - begin;
  const after = heap.stats();
  const percent = (part: number) => `${(part * 100).toFixed(4)} %`;
  console.log(
    `\nAfter 1,000,000 operations ${percent(before.fragmentation)} of the free bytes are outside the largest block` +
      `${fragmentation === undefined ? '' : ` (Boost ${percent(fragmentation)})`}; compaction moves ${moves} blocks of ` +
      `${(bytes / 2 ** 20).toFixed(1)} MiB in ${ms.toFixed(1)} ms, then ${percent(after.fragmentation)}`,
  );
  const block = heap.allocate(100);
  const nanoseconds: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    for (let i = 0; i < 100_000; i++) heap.pin(block).unpin();
    nanoseconds.push(((performance.now() - start) / 100_000) * 1e6);
  }
  console.log(
    `pin + unpin: ${Math.min(...nanoseconds).toFixed(0)} ns at best, median ${median(nanoseconds).toFixed(0)} ns`,
  );
  heap.close();
}

let fragmentation: number | undefined;
const directory = mkdtempSync(join(tmpdir(), 'mapfile-bench-'));
try {
  const program = buildBoost(directory);
  const rows = {
    ours: [] as number[],
    zeroed: [] as number[],
    two: [] as number[],
    boost: [] as number[],
    boostTwo: [] as number[],
  };
  // Turn about, so that what else the machine does meets all of them.
  for (let round = 0; round < ROUNDS; round++) {
    rows.ours.push(one(true));
    rows.zeroed.push(one(false));
    rows.two.push(await two());
    if (!program) continue;
    const theirs = boost(program);
    rows.boost.push(theirs('alloc_single'));
    rows.boostTwo.push(theirs('alloc_2proc'));
    fragmentation = theirs('alloc_fragmentation');
  }
  const single = median(rows.boost);
  const double = median(rows.boostTwo);
  const row = (name: string, value: number, against: number) =>
    console.log(
      `${name.padEnd(46)} ${(value / 1e6).toFixed(2).padStart(6)} M op/s   ${(value / against).toFixed(2).padStart(6)} × Boost`,
    );
  console.log('allocate / free of 16..4096 bytes, 20,000 slots, 32 MiB');
  if (program) row('Boost rbtree_best_fit (C++)', single, single);
  row('SharedHeap', median(rows.ours), single);
  row('SharedHeap, zeroing each block', median(rows.zeroed), single);
  row('@thi.ng/malloc (private memory)', thing(), single);
  if (program) row('two processes: Boost rbtree_best_fit (C++)', double, double);
  row('two processes: SharedHeap', median(rows.two), double);
  compaction();
} finally {
  rmSync(directory, { recursive: true });
}
