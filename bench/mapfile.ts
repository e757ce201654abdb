/**
 * MapFile beside its peers, in one run: what a field, a whole value and an update cost in one process, and what a round trip
 * costs between two.
 *
 *   npx tsx bench/mapfile.ts [operations, default 1,000,000]
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { open as openLmdb } from 'lmdb';
import { system } from '../src/base/host.ts';
import { array, char, i32, MapFile, MappedView, struct } from '../src/index.ts';
import { Ball } from './mapfile-roles.ts';

const operations = Number(process.argv[2] ?? 1_000_000);
const scratch = mkdtempSync(join(tmpdir(), 'mapfile-bench-'));
const unique = (what: string) => `bench-${what}-${process.pid}`;

const Student = struct('student', { ID: i32, name: char(20) });
const Wide = struct('wide', { cells: array(i32, 16) });
let sink = 0;

const ROUNDS = 100;

/** Nanoseconds of one operation: the best of many short rounds, so that a busy machine falsifies little. */
function nanoseconds(work: (n: number) => void, n = operations): number {
  const each = Math.max(1, Math.round(n / ROUNDS));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    work(each);
    best = Math.min(best, performance.now() - start);
  }
  return (best / each) * 1e6;
}

function table(title: string, rows: readonly (readonly [string, number])[]): void {
  const [, base] = rows[0]!;
  console.log(`\n${title}`);
  for (const [name, ns] of rows) {
    const perSecond = Math.round(1e9 / ns).toLocaleString('en');
    console.log(
      `  ${name.padEnd(46)} ${ns.toFixed(1).padStart(10)} ns ${perSecond.padStart(14)}/s  ${(ns / base).toFixed(2)}x`,
    );
  }
}

const file = MapFile.create(unique('student'), Student, { initial: { ID: 99041232, name: 'SecBug' } });
const wide = MapFile.create(unique('wide'), Wide);
const view = MappedView.create(unique('raw'), 64);
const raw = view.typedArray(Int32Array);
const lmdb = openLmdb<{ ID: number; name: string }, string>({ path: join(scratch, 'lmdb'), noSync: true });
await lmdb.put('student', { ID: 99041232, name: 'SecBug' });
const python = spawnSync('python3', [fileURLToPath(new URL('./mapfile-object.py', import.meta.url)), '200000'], {
  encoding: 'utf8',
});
const shareable = python.status === 0 ? python.stdout.trim().split('\n').map(Number) : undefined;
const listed = (i: number): [string, number][] => (shareable ? [['Python ShareableList', shareable[i]!]] : []);

const live = file.get();
table('read one field', [
  [
    'raw typed array over the same kind of map',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) sink += raw[0]!;
    }),
  ],
  [
    'MapFile get().ID',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) sink += live.ID;
    }),
  ],
  ...listed(0),
]);
table('write one field', [
  [
    'raw typed array',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) raw[0] = i;
    }),
  ],
  [
    'MapFile get().ID = i',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) live.ID = i;
    }),
  ],
  ...listed(1),
]);
table('read a whole value { ID, name }', [
  [
    'codec.read, may be torn',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) sink += Student.read(view, 0).ID;
    }),
  ],
  [
    'MapFile read()',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) sink += file.read().ID;
    }),
  ],
  [
    'lmdb get',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) sink += lmdb.get('student')!.ID;
    }, operations / 10),
  ],
  ...listed(2),
]);
const value = { ID: 1, name: 'SecBug' };
table('write a whole value', [
  [
    'codec.write, may be seen torn',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) Student.write(view, 0, value);
    }),
  ],
  [
    'MapFile writeSync',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) file.writeSync(value);
    }),
  ],
  [
    'lmdb putSync, noSync',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) lmdb.putSync('student', value);
    }, operations / 100),
  ],
  ...listed(3),
]);
const addOne = (s: { ID: number }) => {
  s.ID = (s.ID + 1) | 0;
};
const addWide = (w: { cells: { [i: number]: number } }) => {
  w.cells[3]! += 1;
};
let asyncNs = Number.POSITIVE_INFINITY;
for (let round = 0; round < ROUNDS; round++) {
  const start = performance.now();
  for (let i = 0; i < operations / 1000; i++) await file.update(addOne);
  asyncNs = Math.min(asyncNs, ((performance.now() - start) / (operations / 1000)) * 1e6);
}
table('update, uncontended', [
  [
    'MapFile updateSync, 24 bytes',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) file.updateSync(addOne);
    }),
  ],
  [
    'MapFile updateSync, 64 bytes',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) wide.updateSync(addWide);
    }),
  ],
  ['await MapFile update, 24 bytes', asyncNs],
  [
    'lmdb transactionSync get + put, noSync',
    nanoseconds((n) => {
      for (let i = 0; i < n; i++) {
        lmdb.transactionSync(() => {
          const student = lmdb.get('student')!;
          lmdb.putSync('student', { ...student, ID: student.ID + 1 });
        });
      }
    }, operations / 100),
  ],
]);
await lmdb.close();
for (const each of [file, wide, view]) each.close();

/** Nanoseconds of a round trip: the median of many. */
async function roundTrip(times: number, once: (i: number) => unknown): Promise<number> {
  const samples: number[] = [];
  for (let i = 1; i <= times; i++) {
    const start = performance.now();
    const answered = once(i);
    if (answered) await answered;
    samples.push(performance.now() - start);
  }
  return samples.sort((a, b) => a - b)[times >> 1]! * 1e6;
}

const role = (...args: string[]): ChildProcess =>
  fork(fileURLToPath(new URL('./mapfile-roles.ts', import.meta.url)), args, { execArgv: process.execArgv });
const trips: [string, number][] = [];

for (const way of ['spin', 'changes'] as const) {
  const ball = MapFile.create(unique(way), Ball);
  const child = role(way, unique(way));
  await once(child, 'message');
  const there = ball.get();
  const serve = (b: { ping: number }) => {
    b.ping += 1;
  };
  const changes = way === 'changes' ? ball.changes({ initial: false }) : undefined;
  const ns = await roundTrip(way === 'spin' ? 20_000 : 2000, (i) => {
    ball.updateSync(serve);
    if (!changes) {
      while (there.pong !== i);
      return;
    }
    return (async () => {
      for (;;) if ((await changes.next()).value?.pong === i) return;
    })();
  });
  trips.push([
    way === 'spin' ? 'MapFile, one update each way, both spin' : 'MapFile, one update each way, both await changes()',
    ns,
  ]);
  ball.updateSync((b) => (b.stop = 1));
  if (child.exitCode === null) await once(child, 'exit');
  ball.close();
}
{
  const child = role('send');
  const ns = await roundTrip(2000, async (i) => {
    child.send({ ID: i, name: 'SecBug' });
    await once(child, 'message');
  });
  trips.push(['child_process.send each way', ns]);
  child.disconnect();
}
{
  const path = system === 'windows' ? `\\\\.\\pipe\\${unique('pipe')}` : join(scratch, 'socket');
  const server = createServer().listen(path);
  const child = role('socket', path);
  const [socket] = await once(server, 'connection');
  const lines = createInterface({ input: socket });
  const ns = await roundTrip(2000, async (i) => {
    const answer = once(lines, 'line');
    socket.write(`${JSON.stringify({ ID: i, name: 'SecBug' })}\n`);
    await answer;
  });
  trips.push([system === 'windows' ? 'named pipe, JSON each way' : 'unix socket, JSON each way', ns]);
  socket.end();
  server.close();
  child.disconnect();
}
table('round trip between two processes, median', trips);
rmSync(scratch, { recursive: true });
if (Number.isNaN(sink)) console.log(sink);
