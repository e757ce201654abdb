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
import { xorshift } from './heap-churn.ts';
import type { Compacted } from './heap-roles.ts';

const SECONDS = Number(process.argv[2] ?? 1);
const ROUNDS = 5;
const HEAP_BYTES = 32 << 20;
const SLOTS = 20_000;
const SEED = 12_345;
const OPTIONS = { handles: 2 * SLOTS };

let heaps = 0;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** What as many processes answer who do this in one heap at the same time. The heap is theirs: we leave it. */
async function figures<T>(role: string, processes: number, zeroing = false): Promise<T[]> {
  const heap = SharedHeap.create(`bench-heap-${process.pid}-${++heaps}`, HEAP_BYTES, OPTIONS);
  const program = fileURLToPath(new URL('./heap-roles.ts', import.meta.url));
  const children = Array.from({ length: processes }, (_, number) => {
    const args = [SLOTS / processes, SEED + number, SECONDS, Number(zeroing)];
    return fork(program, [role, heap.name, ...args.map(String)], { execArgv: process.execArgv });
  });
  await Promise.all(children.map((child) => once(child, 'message')));
  heap.close();
  const answers = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('go');
  const values = (await Promise.all(answers)).map(([value]) => value as T);
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
  return values;
}

async function churn(processes: number, zeroing = false): Promise<number> {
  const rates = await figures<number>('churn', processes, zeroing);
  return rates.reduce((sum, each) => sum + each);
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

async function compactionAndPins(fragmentation: number | undefined): Promise<void> {
  const percent = (part: number) => `${(part * 100).toFixed(4)} %`;
  const [compactions] = await figures<Compacted[]>('compact', 1);
  const peer = fragmentation === undefined ? '' : ` (Boost ${percent(fragmentation)})`;
  console.log(`\nAfter 1,000,000 operations each time, so much of the free bytes is outside the largest block${peer}:`);
  for (const { before, after, moves, bytes, ms } of compactions!) {
    const moved = `${moves} blocks of ${(bytes / 2 ** 20).toFixed(1)} MiB in ${ms.toFixed(1)} ms`;
    console.log(`  ${percent(before)}, compaction moves ${moved}, then ${percent(after)}`);
  }
  const [pins] = await figures<number[]>('pin', 1);
  console.log(`pin + unpin: ${Math.min(...pins!).toFixed(0)} ns at best, median ${median(pins!).toFixed(0)} ns`);
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
    rows.ours.push(await churn(1));
    rows.zeroed.push(await churn(1, true));
    rows.two.push(await churn(2));
    if (!program) continue;
    const theirs = boost(program);
    rows.boost.push(theirs('alloc_single'));
    rows.boostTwo.push(theirs('alloc_2proc'));
    fragmentation = theirs('alloc_fragmentation');
  }
  // Against Boost in the same round: what disturbs a whole round is no one's merit.
  const row = (name: string, values: readonly number[], against: readonly number[]) => {
    const ratio = median(against.map((each, round) => values[round % values.length]! / each));
    const rate = (median(values) / 1e6).toPrecision(3);
    console.log(`${name.padEnd(46)} ${rate.padStart(8)} M op/s   ${ratio.toFixed(2).padStart(6)} × Boost`);
  };
  console.log('allocate / free of 16..4096 bytes, 20,000 slots, 32 MiB');
  if (program) row('Boost rbtree_best_fit (C++)', rows.boost, rows.boost);
  row('SharedHeap', rows.ours, rows.boost);
  row('SharedHeap, zeroing each block', rows.zeroed, rows.boost);
  row('@thi.ng/malloc (private memory)', [thing()], rows.boost);
  if (program) row('two processes: Boost rbtree_best_fit (C++)', rows.boostTwo, rows.boostTwo);
  row('two processes: SharedHeap', rows.two, rows.boostTwo);
  await compactionAndPins(fragmentation);
} finally {
  rmSync(directory, { recursive: true });
}
