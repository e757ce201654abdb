/**
 * `tsx bench/sync.ts [milliseconds]`: lock and unlock without and with contention, and the way to another process and back,
 * beside what one would use otherwise; all in one run. Prints ratios; absolute figures are this machine's, today. Boost needs
 * g++ and libboost-dev, Python python3; each is left out without them.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { memoryRange } from '../src/base/memory.ts';
import { currentParticipants } from '../src/os/current-participants.ts';
import { AutoResetEvent, Mutex } from '../src/sync/index.ts';
import { LockWord } from '../src/sync/lock-word.ts';
import { AtomicsLock, type Contention, memoryOf } from './sync-roles.ts';

const MS = Number(process.argv[2] ?? 1000);
const ROLES = fileURLToPath(new URL('./sync-roles.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'mapfile-bench-'));
let names = 0;
const newName = () => `bench-sync-${process.pid}-${++names}`;

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;
const row = (name: string, ...cells: (string | number)[]) =>
  console.log(name.padEnd(46) + cells.map((c) => (typeof c === 'number' ? c.toPrecision(4) : c).padStart(12)).join(''));

/** Nanoseconds a round: the median of eleven runs. `source` makes each a function of its own, with its own feedback. */
function nanoseconds(body: string, scope: Record<string, unknown>): number {
  const run = new Function('n', ...Object.keys(scope), `for (let i = 0; i < n; i++) { ${body} }`);
  const values = Object.values(scope);
  const rounds = 1_000_000;
  run(rounds, ...values);
  return median(
    Array.from({ length: 11 }, () => {
      const start = performance.now();
      run(rounds, ...values);
      return ((performance.now() - start) * 1e6) / rounds;
    }),
  );
}

interface BoostLine {
  bench: string;
  impl: string;
  value: number;
}

function boost(): BoostLine[] {
  const program = join(directory, 'mutex');
  const source = join(dirname(ROLES), '../../shared/peers/boost/mutex.cpp');
  try {
    execFileSync('g++', ['-O2', '-std=c++17', '-D_GNU_SOURCE', '-o', program, source, '-lrt', '-lpthread'], {
      stdio: 'pipe',
    });
    const lines = execFileSync(program, { encoding: 'utf8', cwd: directory }).trim().split('\n');
    return lines.map((line) => JSON.parse(line) as BoostLine);
  } catch (error) {
    console.log(`Boost is left out: ${(error as Error).message.split('\n')[0]}`);
    return [];
  }
}

const PYTHON = `
import json, sys, time, multiprocessing as mp
def contend(lock, ms, out):
    times, end, n = [], time.perf_counter() + ms / 1000, 0
    while time.perf_counter() < end:
        a = time.perf_counter(); lock.acquire(); times.append(time.perf_counter() - a)
        for j in range(10): pass
        lock.release(); n += 1
    times.sort(); out.put((n, times[int(len(times) * .99)] * 1e6))
if __name__ == '__main__':
    lock, ms = mp.Lock(), float(sys.argv[1])
    best = 1e9
    for r in range(5):
        a = time.perf_counter()
        for i in range(200000): lock.acquire(); lock.release()
        best = min(best, (time.perf_counter() - a) / 200000 * 1e9)
    result = {'ns': best}
    for k in (2, 4):
        out = mp.Queue(); ps = [mp.Process(target=contend, args=(lock, ms, out)) for i in range(k)]
        [p.start() for p in ps]; got = [out.get() for p in ps]; [p.join() for p in ps]
        result[k] = (sum(n for n, _ in got) / ms * 1000, max(q for _, q in got))
    print(json.dumps(result))
`;

function python(): { ns: number; 2: [number, number]; 4: [number, number] } | undefined {
  try {
    return JSON.parse(execFileSync('python3', ['-c', PYTHON, String(MS)], { encoding: 'utf8' })) as never;
  } catch (error) {
    console.log(`Python is left out: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

async function contended(
  others: (ChildProcess | Worker)[],
): Promise<{ perSecond: number; p99: number; worst: number }> {
  await Promise.all(others.map((other) => once(other as ChildProcess, 'message')));
  const results = others.map((other) => once(other as ChildProcess, 'message'));
  for (const other of others) 'send' in other ? other.send('go') : other.postMessage('go');
  const all = (await Promise.all(results)).map(([result]) => result as Contention);
  await Promise.all(others.map((other) => ('send' in other ? ended(other) : other.terminate())));
  const perSecond = (all.reduce((sum, { pairs }) => sum + pairs, 0) / MS) * 1000;
  return { perSecond, p99: Math.max(...all.map((r) => r.p99)), worst: Math.max(...all.map((r) => r.worst)) };
}

/** It may have exited while the others were awaited. */
const ended = (other: ChildProcess) => (other.exitCode === null ? once(other, 'exit') : undefined);

const child = (...args: string[]) => fork(ROLES, args, { execArgv: process.execArgv });

function atomicsWorker(words: Int32Array): Worker {
  const source = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(new URL('./sync-roles.ts', import.meta.url).href)}); })`;
  return new Worker(source, { eval: true, workerData: ['atomics', words, String(MS)] });
}

const TRIPS = 2000;
const REST_MS = 2;
/** `rest`: milliseconds before each trip, so that whoever answers has gone to sleep. */
async function trips(once_: () => Promise<void> | void, rest = 0): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let i = 0; i < TRIPS; i++) {
    if (rest > 0) await delay(rest);
    const start = performance.now();
    await once_();
    times.push((performance.now() - start) * 1000);
  }
  times.sort((a, b) => a - b);
  return { p50: times[TRIPS >> 1]!, p99: times[Math.floor(TRIPS * 0.99)]! };
}

async function uncontended(theirs: BoostLine[], py: ReturnType<typeof python>): Promise<void> {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const view = memoryOf(newName());
  const range = memoryRange(view as never);
  const shared = new Int32Array(range.dataView.buffer, range.dataView.byteOffset, 16);
  const bare = nanoseconds('Atomics.compareExchange(w, 0, 0, 7); Atomics.compareExchange(w, 0, 7, 0);', {
    w: shared,
    Atomics,
  });
  const lock = new LockWord(range, 256, currentParticipants());
  const mutex = new Mutex(view, 512);
  const atomics = new AtomicsLock(words);
  console.log('\nlock + unlock, nobody else                             ns   × bare Atomics');
  const figures: [string, number | undefined][] = [
    ['two bare Atomics.compareExchange', bare],
    ['LockWord acquireSync + release', nanoseconds('l.acquireSync(); l.release();', { l: lock })],
    ['Mutex lockSync + unlock, with a guard', nanoseconds('m.lockSync().unlock();', { m: mutex })],
    ['Mutex tryLock + unlock, with a guard', nanoseconds('m.tryLock().unlock(); ', { m: mutex })],
    ['Atomics on a SharedArrayBuffer (MDN’s lock)', nanoseconds('a.lock(); a.unlock();', { a: atomics })],
    [
      'Boost interprocess_mutex (C++)',
      theirs.find((l) => l.bench === 'mutex_uncontended' && l.impl.endsWith('interprocess_mutex'))?.value,
    ],
    [
      'pthread robust (C++)',
      theirs.find((l) => l.bench === 'mutex_uncontended' && l.impl === 'pthread(pshared,robust)')?.value,
    ],
    ['Python multiprocessing.Lock', py?.ns],
  ];
  for (const [name, ns] of figures) if (ns !== undefined) row(name, ns, (ns / bare).toFixed(2));
  view.close();
}

async function main(): Promise<void> {
  const theirs = boost();
  const py = python();
  await uncontended(theirs, py);
  for (const count of [2, 4] as const) {
    console.log(`\nlock + unlock, ${count} processes at once               per second   p99 wait µs    worst µs`);
    const name = newName();
    const view = memoryOf(name);
    const ours = await contended(Array.from({ length: count }, () => child('mutex', name, String(MS))));
    view.close();
    row('Mutex (processes)', Math.round(ours.perSecond).toString(), ours.p99, ours.worst);
    const words = new Int32Array(new SharedArrayBuffer(64));
    const atomics = await contended(Array.from({ length: count }, () => atomicsWorker(words)));
    row(
      'Atomics on a SharedArrayBuffer (workers)',
      Math.round(atomics.perSecond).toString(),
      atomics.p99,
      atomics.worst,
    );
    if (py) row('Python multiprocessing.Lock', Math.round(py[count][0]).toString(), py[count][1]);
    const boostRate = theirs.find((l) => l.bench === 'mutex_contended_2proc' && l.impl.endsWith('interprocess_mutex'));
    if (boostRate && count === 2)
      row('Boost interprocess_mutex (C++, empty section)', Math.round(boostRate.value).toString());
  }
  console.log('\nto another process and back                        p50 µs      p99 µs');
  for (const [how, rest] of [
    ['sync', 0],
    ['async', 0],
    ['async', REST_MS],
  ] as const) {
    const name = newName();
    const view = memoryOf(name);
    const [ping, pong] = [new AutoResetEvent(view, 0), new AutoResetEvent(view, 64)];
    const other = child(`${how} echo`, name, String(TRIPS));
    await once(other, 'message');
    const trip =
      how === 'sync'
        ? await trips(() => {
            ping.set();
            pong.waitSync();
          })
        : await trips(() => {
            ping.set();
            return pong.wait();
          }, rest);
    const label = how === 'sync' ? 'blocking' : rest > 0 ? 'promises, after a rest' : 'promises';
    row(`AutoResetEvent, ${label}`, trip.p50, trip.p99);
    await ended(other);
    view.close();
  }
  const ipc = child('ipc echo');
  await once(ipc, 'message');
  for (const rest of [0, REST_MS]) {
    const viaIpc = await trips(async () => {
      ipc.send('x');
      await once(ipc, 'message');
    }, rest);
    row(`child_process send${rest > 0 ? ', after a rest' : ''}`, viaIpc.p50, viaIpc.p99);
  }
  ipc.send('end');
  const path = join(directory, 'socket');
  const server = createServer().listen(path);
  const peer = child('socket echo', path);
  const [socket] = (await once(server, 'connection')) as [Socket];
  for (const rest of [0, REST_MS]) {
    const viaSocket = await trips(async () => {
      socket.write('x');
      await once(socket, 'data');
    }, rest);
    row(`unix socket${rest > 0 ? ', after a rest' : ''}`, viaSocket.p50, viaSocket.p99);
  }
  peer.kill();
  socket.destroy();
  server.close();
}

try {
  await main();
} finally {
  rmSync(directory, { recursive: true, force: true });
}
