/**
 * What the processes of bench/heap.ts do, `heap-roles.ts <role> <heap> …`: each figure is taken in a process that did
 * nothing else before, as Boost's are. Says that it is ready, and answers with its figures once it is told to go.
 */
import { SharedHeap } from '../src/heap/index.ts';
import { churner, rate } from './heap-churn.ts';

const [role, name, ...numbers] = process.argv.slice(2);
const [slots, seed, seconds, zeroing] = numbers.map(Number) as [number, number, number, number];
const heap = SharedHeap.open(name!);
const run = churner(heap, slots, seed, zeroing === 0);

/** What `compact()` did after a million operations. */
export interface Compacted {
  readonly before: number;
  readonly after: number;
  readonly moves: number;
  readonly bytes: number;
  readonly ms: number;
}

function compact(): Compacted {
  run(1_000_000);
  const before = heap.stats().fragmentation;
  const begin = performance.now();
  const { moves, bytes } = heap.compact();
  const ms = performance.now() - begin;
  return { before, after: heap.stats().fragmentation, moves, bytes, ms };
}

/** Nanoseconds of a pin and its unpin, of 20 times 100,000. */
function pin(): number[] {
  const block = heap.allocate(100);
  return Array.from({ length: 20 }, () => {
    const begin = performance.now();
    for (let i = 0; i < 100_000; i++) heap.pin(block).unpin();
    return (performance.now() - begin) * 10;
  });
}

const roles: Record<string, () => unknown> = {
  churn: () => rate(run, seconds),
  compact: () => [compact(), compact(), compact()],
  pin,
};

// Until the slots are half full and the code is compiled, which takes a part of a second.
if (role === 'churn') rate(run, 1);
process.once('message', () => {
  process.send!(roles[role!]!());
  heap.close();
  process.disconnect();
});
process.send!('ready');
