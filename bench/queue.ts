/**
 * `tsx bench/queue.ts [seconds]`: 1 KiB messages from one process to another, round trips of 8 bytes, and four processes on
 * the cores there are, beside what one would use otherwise; all in one run. Prints ratios; absolute figures are this machine's,
 * today. Boost needs g++ and libboost-dev, and is left out without them.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type QueueShape, RingQueue } from '../src/queue/index.ts';
import { SpscRing } from './queue-spsc.ts';

const SECONDS = Number(process.argv[2] ?? 1);
/** Measure only rows whose name contains this. */
const ONLY = process.argv[3] ?? '';
const ROLES = fileURLToPath(new URL('./queue-roles.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'mapfile-bench-'));
const message = new Uint8Array(1024).fill(7);
/** What a process needs until its code is compiled. */
const WARM_UP_MS = 500;
let names = 0;
const newName = () => `bench-queue-${process.pid}-${++names}`;

type Options = { serialization?: 'json' | 'advanced' };

async function start(role: string, args: string[] = [], options: Options = {}): Promise<ChildProcess> {
  const child = fork(ROLES, [role, ...args], { execArgv: process.execArgv, ...options });
  await once(child, 'message');
  return child;
}

/** Messages that arrived per second. */
async function rate(
  child: ChildProcess | ChildProcess[],
  send: (until: number) => void | Promise<void>,
): Promise<number> {
  const children = [child].flat();
  const counts = children.map((one) => once(one, 'message'));
  const exits = children.map((one) => once(one, 'exit'));
  const begin = performance.now();
  await send(begin + SECONDS * 1000);
  let count = 0;
  for (const [n] of await Promise.all(counts)) count += n as number;
  const elapsed = performance.now() - begin;
  await Promise.all(exits);
  return count / (elapsed / 1000);
}

async function childProcess(serialization: 'json' | 'advanced'): Promise<number> {
  const child = await start('ipc', [], { serialization });
  const payload = serialization === 'json' ? 'x'.repeat(1024) : message;
  return rate(child, async (until) => {
    while (performance.now() < until) {
      for (let i = 0; i < 63; i++) child.send(payload);
      await new Promise<void>((resolve) => child.send(payload, () => resolve()));
    }
    child.send('end');
  });
}

async function unixSocket(): Promise<number> {
  const path = join(directory, 'socket');
  const child = await start('socket', [path]);
  const socket = connect(path);
  await once(socket, 'connect');
  return rate(child, async (until) => {
    while (performance.now() < until) {
      for (let i = 0; i < 64; i++) if (!socket.write(message)) await once(socket, 'drain');
    }
    socket.end();
  });
}

async function handWritten(): Promise<number> {
  const name = newName();
  const ring = new SpscRing(name, true);
  const child = await start('spsc', [name]);
  const result = await rate(child, (until) => {
    while (performance.now() < until) for (let i = 0; i < 64; i++) ring.push(message);
    ring.push(message.subarray(0, 1));
  });
  ring.close();
  return result;
}

/** How the parent sends. Call sites of their own, so that they do not share type feedback. */
const SENDERS: Record<string, (queue: ReturnType<typeof RingQueue.create>, until: number) => void | Promise<void>> = {
  copy(queue, until) {
    while (performance.now() < until) for (let i = 0; i < 64; i++) if (!queue.trySend(message)) queue.sendSync(message);
  },
  claim(queue, until) {
    while (performance.now() < until) {
      for (let i = 0; i < 64; i++) {
        const slot = queue.tryClaim(1024);
        if (slot) {
          slot.bytes[0] = i;
          slot.commit();
        } else queue.sendSync(message);
      }
    }
  },
  async await(queue, until) {
    while (performance.now() < until) for (let i = 0; i < 64; i++) await queue.send(message);
  },
};

async function ours(shape: Omit<QueueShape, 'capacity'>, sender: string, role: string): Promise<number> {
  const name = newName();
  const queue = RingQueue.create(name, 1024, { capacity: 1024, ...shape });
  const child = await start(role, [name]);
  const exit = once(child, 'exit');
  await SENDERS[sender]!(queue, performance.now() + WARM_UP_MS);
  const [begin, before] = [performance.now(), queue.stats().received];
  await SENDERS[sender]!(queue, begin + SECONDS * 1000);
  const result = (queue.stats().received - before) / ((performance.now() - begin) / 1000);
  queue.end();
  await exit;
  queue.close();
  return result;
}

/** `producers` and `consumers` processes that all block, besides this one, which only waits. Counted while all of them run. */
async function crowd(producers: number, consumers: number): Promise<number> {
  const name = newName();
  const queue = RingQueue.create(name, 1024, { capacity: 1024 });
  const children: ChildProcess[] = [];
  for (let i = 0; i < consumers; i++) children.push(await start('sync', [name]));
  for (let i = 0; i < producers; i++) children.push(await start('produce', [name]));
  const exits = children.map((child) => once(child, 'exit'));
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
  const [begin, before] = [performance.now(), queue.stats().received];
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  const result = (queue.stats().received - before) / ((performance.now() - begin) / 1000);
  queue.end();
  await Promise.all(exits);
  queue.close();
  return result;
}

interface RoundTrip {
  p50: number;
  p99: number;
}

function quantiles(times: number[]): RoundTrip {
  times.sort((a, b) => a - b);
  const at = (q: number) => times[Math.floor(q * (times.length - 1))]! * 1000;
  return { p50: at(0.5), p99: at(0.99) };
}

async function roundTrip(role: string, one: (there: Raw, back: Raw) => void | Promise<void>): Promise<RoundTrip> {
  const names = [newName(), newName()];
  const shape = { capacity: 16, producers: 1, consumers: 1 } as const;
  const [there, back] = names.map((name) => RingQueue.create(name, 8, shape)) as [Raw, Raw];
  const child = await start(role, names);
  const exit = once(child, 'exit');
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  for (let now = performance.now(); now < until; now = performance.now()) {
    const wait = one(there, back);
    if (wait) await wait;
    times.push(performance.now() - now);
  }
  there.end();
  await exit;
  there.close();
  back.close();
  return quantiles(times.slice(100));
}
type Raw = RingQueue<Uint8Array, Uint8Array, Uint8Array>;

async function childRoundTrip(): Promise<RoundTrip> {
  const child = await start('echo');
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  for (let now = performance.now(); now < until; now = performance.now()) {
    const back = once(child, 'message');
    child.send('12345678');
    await back;
    times.push(performance.now() - now);
  }
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
  return quantiles(times.slice(100));
}

interface BoostLine {
  bench: string;
  impl: string;
  metric: string;
  value: number;
  p99?: number;
  cores?: string;
}

function boost(): BoostLine[] {
  const source = join(dirname(ROLES), '../../shared/peers/boost/mq.cpp');
  if (!existsSync(source)) return [];
  try {
    const program = join(directory, 'mq');
    execFileSync('g++', ['-O2', '-std=c++17', '-D_GNU_SOURCE', '-o', program, source, '-lrt', '-lpthread']);
    const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
    return lines.map((line) => JSON.parse(line) as BoostLine);
  } catch (error) {
    console.log(`Boost is left out: ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
}

async function best(measure: () => Promise<number>): Promise<number> {
  const runs = [await measure(), await measure(), await measure()].sort((a, b) => a - b);
  return runs[1]!;
}

const shapes = { one: { producers: 1, consumers: 1 }, many: {} } as const;

async function main(): Promise<void> {
  const theirs = ONLY === '' ? boost() : [];
  const find = (bench: string, impl: string, cores?: string) =>
    theirs.find(
      (l) => l.bench === bench && l.impl.includes(impl) && (!cores || l.cores === cores) && l.metric !== 'rtt_mean',
    );
  const boostRate = find('mq_throughput_1KiB', 'message_queue')?.value;
  const spinRate = find('mq_throughput_1KiB', 'sched_yield')?.value;

  const { one, many } = shapes;
  const measures: [string, () => Promise<number> | number | undefined][] = [
    ['child_process.send, json', () => best(() => childProcess('json'))],
    ['child_process.send, advanced', () => best(() => childProcess('advanced'))],
    ['unix socket', () => best(unixSocket)],
    ['Boost message_queue (C++)', () => boostRate],
    ['hand-written SPSC, spin + yield (C++)', () => spinRate],
    ['hand-written SPSC, spin (20 lines here)', () => best(handWritten)],
    ['RingQueue 1:1, trySend / tryReceiveInto', () => best(() => ours(one, 'copy', 'into'))],
    ['RingQueue 1:1, trySend / receiveSync', () => best(() => ours(one, 'copy', 'sync'))],
    ['RingQueue 1:1, tryClaim / take', () => best(() => ours(one, 'claim', 'take'))],
    ['RingQueue 1:1, await send / for await', () => best(() => ours(one, 'await', 'iterate'))],
    ['RingQueue many, trySend / tryReceiveInto', () => best(() => ours(many, 'copy', 'into'))],
    ['RingQueue many, trySend / receiveSync', () => best(() => ours(many, 'copy', 'sync'))],
    ['RingQueue many, tryClaim / take', () => best(() => ours(many, 'claim', 'take'))],
    ['RingQueue many, 1 + 1 processes', () => best(() => crowd(1, 1))],
    ['RingQueue many, 2 + 2 processes', () => best(() => crowd(2, 2))],
  ];
  const rows: [string, number][] = [];
  for (const [name, measure] of measures) {
    const value = name.includes(ONLY) ? await measure() : undefined;
    if (value !== undefined) rows.push([name, value]);
  }
  const json = rows[0]![1];

  console.log('\n1 KiB messages from process to process        msg/s    × child_process (json)   × Boost');
  for (const [name, value] of rows) {
    const against = boostRate ? (value / boostRate).toFixed(2) : '-';
    console.log(
      `${name.padEnd(42)} ${Math.round(value).toLocaleString('en').padStart(11)} ${(value / json).toFixed(1).padStart(12)} ${against.padStart(16)}`,
    );
  }
  if (ONLY !== '') return;

  const eight = new Uint8Array(8);
  const trips: [string, RoundTrip][] = [
    [
      'RingQueue, spinning',
      await roundTrip('pongSpin', (there, back) => {
        while (!there.trySend(eight));
        while (!back.tryReceive());
      }),
    ],
    [
      'RingQueue, sendSync / receiveSync (spin, then sleep)',
      await roundTrip('pongSync', (there, back) => {
        there.sendSync(eight);
        back.receiveSync();
      }),
    ],
    [
      'RingQueue, await send / receive',
      await roundTrip('pongAsync', async (there, back) => {
        await there.send(eight);
        await back.receive();
      }),
    ],
    ['child_process.send, json', await childRoundTrip()],
  ];
  const boostTrip = find('mq_pingpong', 'message_queue', 'scheduler');
  if (boostTrip) trips.push(['Boost message_queue (C++)', { p50: boostTrip.value, p99: boostTrip.p99 ?? Number.NaN }]);
  console.log('\nround trip of 8 bytes                                    p50 µs     p99 µs');
  for (const [name, { p50, p99 }] of trips) {
    console.log(`${name.padEnd(54)} ${p50.toFixed(2).padStart(8)} ${p99.toFixed(2).padStart(10)}`);
  }
}

try {
  await main();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
