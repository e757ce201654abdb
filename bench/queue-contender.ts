/**
 * The sending process of one contender in bench/queue.ts: `queue-contender.ts <kind> …`. Nothing else runs in it, so no
 * contender shares type feedback with another. It is told how many milliseconds to measure, as often as bench/queue.ts likes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BytesQueue, type QueueShape, RingQueue } from '../src/queue/index.ts';
import { SpscRing } from './queue-spsc.ts';

const ROLES = fileURLToPath(new URL('./queue-roles.ts', import.meta.url));
const name = `bench-queue-${process.pid}`;
const message = new Uint8Array(1024).fill(7);
const [kind, ...args] = process.argv.slice(2) as [string, ...string[]];

/** What is measured in one round: messages a second; or µs of the median round trip and of the 99th in a hundred. */
export type Result = number | readonly [p50: number, p99: number];

interface Contender {
  round(ms: number): Promise<Result>;
  close(): Promise<void>;
}

async function start(
  role: string,
  names: string[],
  serialization: 'json' | 'advanced' = 'json',
): Promise<ChildProcess> {
  const child = fork(ROLES, [role, ...names], { execArgv: process.execArgv, serialization });
  await once(child, 'message');
  return child;
}

/** Until a child has ended; it is told to, if it listens. */
async function end(child: ChildProcess, tell: boolean): Promise<void> {
  const exit = once(child, 'exit');
  if (tell) child.send('end');
  await exit;
}

const perSecond = (count: number, begin: number) => count / ((performance.now() - begin) / 1000);

async function childProcess(serialization: 'json' | 'advanced'): Promise<Contender> {
  const child = await start('ipc', [], serialization);
  const payload = serialization === 'json' ? 'x'.repeat(1024) : message;
  return {
    async round(ms) {
      const begin = performance.now();
      while (performance.now() < begin + ms) {
        for (let i = 0; i < 63; i++) child.send(payload);
        await new Promise<void>((resolve) => child.send(payload, () => resolve()));
      }
      const count = once(child, 'message');
      child.send('mark');
      return perSecond((await count)[0] as number, begin);
    },
    async close() {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

async function unixSocket(): Promise<Contender> {
  const directory = mkdtempSync(join(tmpdir(), 'mapfile-bench-'));
  const child = await start('socket', [join(directory, 'socket')]);
  const socket = connect(join(directory, 'socket'));
  await once(socket, 'connect');
  return {
    async round(ms) {
      const begin = performance.now();
      while (performance.now() < begin + ms) {
        for (let i = 0; i < 64; i++) if (!socket.write(message)) await once(socket, 'drain');
      }
      socket.write('.');
      const [count] = await once(socket, 'data');
      return perSecond(Number(String(count)), begin);
    },
    async close() {
      const exit = once(child, 'exit');
      socket.end();
      child.disconnect();
      await exit;
      rmSync(directory, { recursive: true });
    },
  };
}

async function handWritten(): Promise<Contender> {
  const ring = new SpscRing(name, true);
  const child = await start('spsc', [name]);
  return {
    async round(ms) {
      child.send(ms);
      const begin = performance.now();
      while (performance.now() < begin + ms) for (let i = 0; i < 64; i++) ring.push(message);
      ring.push(message.subarray(0, 1));
      return perSecond((await once(child, 'message'))[0] as number, begin);
    },
    async close() {
      await end(child, true);
      ring.close();
    },
  };
}

const SENDERS: Record<string, (queue: BytesQueue, until: number) => void | Promise<void>> = {
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

const SHAPES: Record<string, Omit<QueueShape, 'capacity'>> = { one: { producers: 1, consumers: 1 }, many: {} };

async function oneToOne(shape: string, sender: string, role: string): Promise<Contender> {
  const queue = RingQueue.create(name, 1024, { capacity: 1024, ...SHAPES[shape] });
  const child = await start(role, [name]);
  return {
    async round(ms) {
      const [begin, before] = [performance.now(), queue.stats().received];
      await SENDERS[sender]!(queue, begin + ms);
      return perSecond(queue.stats().received - before, begin);
    },
    async close() {
      queue.end();
      await end(child, false);
      queue.close();
    },
  };
}

/** Processes that all block, besides this one, which only waits. */
async function crowd(producers: number, consumers: number): Promise<Contender> {
  const queue = RingQueue.create(name, 1024, { capacity: 1024 });
  const starting = (role: string, count: number) => Array.from({ length: count }, () => start(role, [name]));
  const sinks = await Promise.all(starting('sync', consumers));
  const sources = await Promise.all(starting('produce', producers));
  return {
    async round(ms) {
      const [begin, before] = [performance.now(), queue.stats().received];
      const sent = sources.map((child) => once(child, 'message'));
      for (const child of sources) child.send(ms);
      await Promise.all(sent);
      return perSecond(queue.stats().received - before, begin);
    },
    async close() {
      await Promise.all(sources.map((child) => end(child, true)));
      queue.end();
      await Promise.all(sinks.map((child) => end(child, false)));
      queue.close();
    },
  };
}

async function quantiles(ms: number, one: () => void | Promise<void>): Promise<Result> {
  const times: number[] = [];
  const until = performance.now() + ms;
  for (let now = performance.now(); now < until; now = performance.now()) {
    const wait = one();
    if (wait) await wait;
    times.push(performance.now() - now);
  }
  times.sort((a, b) => a - b);
  const at = (q: number) => times[Math.floor(q * (times.length - 1))]! * 1000;
  return [at(0.5), at(0.99)];
}

async function roundTrip(role: string): Promise<Contender> {
  const names = [`${name}-there`, `${name}-back`];
  const shape = { capacity: 16, producers: 1, consumers: 1 } as const;
  const [there, back] = names.map((one) => RingQueue.create(one, 8, shape)) as [BytesQueue, BytesQueue];
  const child = await start(role, names);
  const eight = new Uint8Array(8);
  const trips: Record<string, () => void | Promise<void>> = {
    pongSpin() {
      while (!there.trySend(eight));
      while (!back.tryReceive());
    },
    pongSync() {
      there.sendSync(eight);
      back.receiveSync();
    },
    async pongAsync() {
      await there.send(eight);
      await back.receive();
    },
  };
  const spins = role === 'pongSpin';
  return {
    async round(ms) {
      if (spins) child.send(ms);
      const result = await quantiles(ms, trips[role]!);
      if (spins) there.sendSync(new Uint8Array(0));
      if (spins) back.receiveSync();
      return result;
    },
    async close() {
      if (!spins) there.end();
      await end(child, spins);
      there.close();
      back.close();
    },
  };
}

async function childRoundTrip(): Promise<Contender> {
  const child = await start('echo', []);
  return {
    round: (ms) =>
      quantiles(ms, async () => {
        const back = once(child, 'message');
        child.send('12345678');
        await back;
      }),
    async close() {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

const KINDS: Record<string, () => Promise<Contender>> = {
  childProcess: () => childProcess(args[0] as 'json' | 'advanced'),
  unixSocket,
  handWritten,
  oneToOne: () => oneToOne(args[0]!, args[1]!, args[2]!),
  crowd: () => crowd(Number(args[0]), Number(args[1])),
  roundTrip: () => roundTrip(args[0]!),
  childRoundTrip,
};

const contender = await KINDS[kind]!();
process.send!('ready');
for await (const [order] of on()) {
  if (order === 'end') break;
  process.send!(await contender.round(order as number));
}
await contender.close();
process.disconnect();

async function* on(): AsyncGenerator<[unknown], void, void> {
  for (;;) yield (await once(process, 'message')) as [unknown];
}
