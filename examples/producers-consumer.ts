/**
 * Two producers and a consumer, each a process of its own, share one heap of movable blocks: the producers allocate, fill and
 * send handles through a queue; the consumer receives, pins, checks and frees. A fourth, this one, compacts all the while.
 *
 * With `--kill` a producer is killed now and then, wherever it is, and another one started; nothing stops and nothing is lost.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BlockHandle, blockHandle, type HeapBlock, RingQueue, SharedHeap, struct, u32 } from 'mapfile';
import { Deliveries } from './deliveries.ts';
import { heapMap, heapSvg } from './heap-picture.ts';

const USAGE = `Usage: producers-consumer.ts [--seconds N] [--kill] [--svg FILE]

  --seconds N  how long it runs, 5 by default
  --kill       kill a producer now and then, and start another
  --svg FILE   draw the heap before and after the last compaction
  --help       show this`;

/** What every block starts with; the rest is a pattern that only this producer's block of this number has. */
const Head = struct('head', { producer: u32, number: u32, byteLength: u32 });

const HEAP_BYTES = 4 << 20;
const QUEUE_CAPACITY = 512;
/** So many blocks the consumer keeps for a while, in no order: what would be left of a heap whose blocks cannot move. */
const KEPT = 1000;

function pattern(producer: number, number: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let i = 0; i < byteLength; i++) bytes[i] = producer * 101 + number * 31 + i * 7;
  return bytes;
}

function join(name: string): { heap: SharedHeap; queue: RingQueue<BlockHandle | null> } {
  const heap = SharedHeap.open(`${name}-heap`);
  // With the heap as its ownership, a block in the queue is nobody's, and whoever receives it answers for it.
  return { heap, queue: RingQueue.open(`${name}-queue`, blockHandle, { ownership: heap }) };
}

async function produce(name: string, producer: number): Promise<void> {
  const { heap, queue } = join(name);
  let stop = false;
  process.once('message', () => {
    stop = true;
  });
  for (let number = 0; !stop; number++) {
    const byteLength = Head.byteLength + Math.floor(Math.random() * 4000);
    const block = heap.allocate(byteLength, { uninitialized: true });
    heap.withPin(block, Head, (pin) => {
      pin.value = { producer, number, byteLength };
      pin.copyFrom(pattern(producer, number, byteLength - Head.byteLength), Head.byteLength);
    });
    await queue.send(block);
    if (number === 0) process.send!('at work');
    if (number % 50 === 0) await delay(1); // let the message in
  }
  queue.close();
  heap.close();
  process.disconnect();
}

interface Tally {
  blocks: number;
  bytes: number;
  /** Blocks whose bytes are not what their producer wrote. */
  damaged: number;
  lost: number;
  twice: number;
}

const NOTHING: Tally = { blocks: 0, bytes: 0, damaged: 0, lost: 0, twice: 0 };

async function consume(name: string): Promise<void> {
  const { heap, queue } = join(name);
  const tally: Tally = { ...NOTHING };
  const deliveries = new Deliveries();
  const kept: BlockHandle[] = [];
  for await (const block of queue) {
    if (block === null) continue;
    if (!heap.has(block)) {
      tally.twice += 1; // it came before, and was freed
      continue;
    }
    heap.withPin(block, Head, (pin) => {
      const { producer, number, byteLength } = pin.value;
      const seen = new Uint8Array(byteLength - Head.byteLength);
      pin.copyTo(seen, Head.byteLength);
      const whole = Buffer.compare(seen, pattern(producer, number, seen.length)) === 0;
      tally.damaged += whole ? 0 : 1;
      deliveries.add(producer, number);
      tally.blocks += 1;
      tally.bytes += byteLength;
    });
    if (!kept.includes(block)) kept.push(block);
    if (kept.length > KEPT) heap.free(kept.splice(Math.floor(Math.random() * kept.length), 1)[0]!);
    if (tally.blocks % 20 === 1) process.send!({ ...tally, ...deliveries.count });
  }
  // For the picture: holes, and a few blocks that the compactor must step over.
  for (let i = kept.length - 1; i >= 0; i -= 2) heap.free(kept.splice(i, 1)[0]!);
  const pins = kept.filter((_, i) => i % 100 === 50).map((block) => heap.pin(block));
  process.send!({ ...tally, ...deliveries.count, done: true });
  await once(process, 'message'); // the picture is taken
  for (const pin of pins) pin.unpin();
  for (const block of kept) heap.free(block);
  queue.close();
  heap.close();
  process.disconnect();
}

function start(...args: (string | number)[]): ChildProcess {
  return fork(fileURLToPath(import.meta.url), args.map(String), { execArgv: process.execArgv });
}

/** `picture`: an open file. */
async function conduct(seconds: number, kill: boolean, picture: number | undefined): Promise<void> {
  const name = `producers-consumer-${process.pid}`;
  const heap = SharedHeap.create(`${name}-heap`, HEAP_BYTES, { handles: 4000 });
  const queue = RingQueue.create(`${name}-queue`, blockHandle, { capacity: QUEUE_CAPACITY });
  let tally: Tally & { done?: boolean } = NOTHING;
  let kills = 0;
  let reclaimed = 0;
  let producerNumber = 2;

  const consumer = start('consumer', name);
  consumer.on('message', (message) => {
    tally = message as Tally;
  });
  const atWork = new Set<ChildProcess>();
  const hire = (number: number) => {
    const producer = start('producer', name, number);
    producer.once('message', () => atWork.add(producer));
    return producer;
  };
  const producers = [hire(0), hire(1)];

  while (tally.blocks === 0) await once(consumer, 'message');

  const begin = performance.now();
  let lastLook = 0;
  let lastKill = begin;
  while (performance.now() - begin < seconds * 1000) {
    heap.compact({ maxMs: 1 });
    await delay(1);
    const now = performance.now();
    if (kill && now - lastKill > 300 && producers.every((producer) => atWork.has(producer))) {
      lastKill = now;
      const victim = producers.shift()!;
      victim.kill('SIGKILL');
      await once(victim, 'exit');
      kills += 1;
      // What it had allocated and not sent. What it had sent is nobody's, or the consumer's.
      reclaimed += heap.reclaim().blocks;
      producers.push(hire(producerNumber++));
    }
    if (now - lastLook < 200) continue;
    lastLook = now;
    show(heap, progress(heap, tally, (now - begin) / 1000, kills));
  }

  for (const producer of producers) if (producer.connected) producer.send('stop');
  await Promise.all(producers.map((producer) => once(producer, 'exit')));
  queue.end();
  while (!tally.done) await once(consumer, 'message');
  const before = heap.blocks();
  heap.compact();
  const after = heap.blocks();
  console.log('\nbefore the last compaction, and after it:');
  console.log(heapMap(before, 72, 4));
  console.log(heapMap(after, 72, 4));
  if (picture !== undefined) {
    const panels = [
      { title: `before compaction: ${pieces(before)}; dark ones are pinned`, blocks: before },
      { title: `after: ${pieces(after)}; what is not pinned has moved together`, blocks: after },
    ];
    writeFileSync(picture, heapSvg(panels));
    closeSync(picture);
  }
  consumer.send('done');
  await once(consumer, 'exit');
  reclaimed += heap.reclaim().blocks;

  const { blocks: left, moves, recoveries } = heap.stats();
  const report = heap.verify();
  const { damaged, lost, twice } = tally;
  console.log(
    `\n${tally.blocks} blocks, ${(tally.bytes / 2 ** 20).toFixed(1)} MiB, ${moves} moves, ${kills} kills, ` +
      `${recoveries} recoveries, ${reclaimed} reclaimed, ${left} left, damaged ${damaged}, lost ${lost}, twice ${twice}`,
  );
  console.log(report.toString());
  queue.close();
  heap.close();
  process.exitCode = left + damaged + lost + twice === 0 && report.ok ? 0 : 1;
}

function pieces(blocks: readonly HeapBlock[]): string {
  const free = blocks.filter((block) => block.handle === undefined).length;
  return `${blocks.length - free} blocks, ${free} gaps`;
}

function progress(heap: SharedHeap, { blocks, bytes }: Tally, seconds: number, kills: number): string {
  const { used, byteLength, moves, fragmentation } = heap.stats();
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  return (
    `${seconds.toFixed(1)} s  ${blocks} blocks  ${(bytes / 2 ** 20).toFixed(1)} MiB  heap ${percent(used / byteLength)} used, ` +
    `${percent(fragmentation)} fragmented  ${moves} moves${kills > 0 ? `  ${kills} kills` : ''}`
  );
}

/** On a terminal the picture stays in its place; elsewhere each line is one of a log. */
function show(heap: SharedHeap, line: string): void {
  if (!process.stdout.isTTY) {
    console.log(line);
    return;
  }
  const rows = 6;
  if (shown) process.stdout.write(`\x1b[${rows + 3}A`);
  shown = true;
  console.log(`${heapMap(heap.blocks(), 72, rows)}\n${line}\x1b[K`);
}
let shown = false;

interface Options {
  readonly seconds: number;
  readonly kill: boolean;
  readonly picture: number | undefined;
}

/** @throws what is wrong with them, in words */
function options(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '5' },
      kill: { type: 'boolean', default: false },
      svg: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const seconds = Number(values.seconds);
  if (values.seconds.trim() === '' || !(seconds > 0 && seconds < Infinity)) {
    throw new RangeError(`--seconds must be a number above 0, not '${values.seconds}'`);
  }
  // Before the run: what cannot be drawn in the end should not begin.
  return { seconds, kill: values.kill, picture: values.svg === undefined ? undefined : openSync(values.svg, 'w') };
}

async function main(): Promise<void> {
  let chosen: Options | 'help';
  try {
    chosen = options();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  if (chosen === 'help') console.log(USAGE);
  else await conduct(chosen.seconds, chosen.kill, chosen.picture);
}

const [role, name, number] = process.argv.slice(2);
if (process.connected && (role === 'producer' || role === 'consumer')) {
  // Nobody is left who could stop it.
  process.once('disconnect', () => process.exit());
  await (role === 'producer' ? produce(name!, Number(number)) : consume(name!));
} else await main();
