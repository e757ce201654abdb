/**
 * `tsx bench/queue.ts [--only FRAGMENT] [--rounds 5] [--ms 500]`: 1 KiB messages from one process to another, round trips of
 * 8 bytes, and four processes on the cores there are, beside what one would use otherwise.
 *
 * Every contender has processes of its own, and all take turns, round after round, so that whatever else the machine does
 * meets all alike; the medians are printed, and ratios. Absolute figures are this machine's, today. Boost needs g++ and
 * libboost-dev, and is left out without them. All of it takes about 90 s; child_process (json) and Boost are always measured.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Result } from './queue-contender.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '500' },
  },
});
const ROUNDS = Number(options.rounds);
const MS = Number(options.ms);
const directory = mkdtempSync(join(tmpdir(), 'mapfile-bench-'));

type Row = readonly [name: string, program: 'node' | 'peers', ...args: string[]];

const JSON_ROW: Row = ['child_process.send, json', 'node', 'childProcess', 'json'];
const BOOST_ROW: Row = ['Boost message_queue (C++)', 'peers', 'boost-rate'];

const RATES: readonly Row[] = [
  JSON_ROW,
  ['child_process.send, advanced', 'node', 'childProcess', 'advanced'],
  ['unix socket', 'node', 'unixSocket'],
  BOOST_ROW,
  ['hand-written SPSC, spin + yield (C++)', 'peers', 'spsc-rate'],
  ['hand-written SPSC, spin (20 lines here)', 'node', 'handWritten'],
  ['RingQueue 1:1, trySend / tryReceiveInto', 'node', 'oneToOne', 'one', 'copy', 'into'],
  ['RingQueue 1:1, trySend / tryReceive', 'node', 'oneToOne', 'one', 'copy', 'try'],
  ['RingQueue 1:1, trySend / receiveSync', 'node', 'oneToOne', 'one', 'copy', 'sync'],
  ['RingQueue 1:1, tryClaim / takeSync', 'node', 'oneToOne', 'one', 'claim', 'take'],
  ['RingQueue 1:1, await send / for await', 'node', 'oneToOne', 'one', 'await', 'iterate'],
  ['RingQueue many, trySend / tryReceiveInto', 'node', 'oneToOne', 'many', 'copy', 'into'],
  ['RingQueue many, trySend / receiveSync', 'node', 'oneToOne', 'many', 'copy', 'sync'],
  ['RingQueue many, tryClaim / takeSync', 'node', 'oneToOne', 'many', 'claim', 'take'],
  ['RingQueue many, 1 + 1 processes', 'node', 'crowd', '1', '1'],
  ['RingQueue many, 2 + 2 processes', 'node', 'crowd', '2', '2'],
];

const TRIPS: readonly Row[] = [
  ['RingQueue, trip spinning', 'node', 'roundTrip', 'pongSpin'],
  ['RingQueue, trip sendSync / receiveSync (spin, then sleep)', 'node', 'roundTrip', 'pongSync'],
  ['RingQueue, trip await send / receive', 'node', 'roundTrip', 'pongAsync'],
  ['child_process.send, trip json', 'node', 'childRoundTrip'],
  ['Boost message_queue, trip (C++)', 'peers', 'boost-trip'],
];

const wanted = (row: Row) => row === JSON_ROW || row === BOOST_ROW || row[0].includes(options.only);

/** The C++ peers, or undefined where they cannot be built. */
function buildPeers(): string | undefined {
  const program = join(directory, 'peers');
  const source = fileURLToPath(new URL('./queue-peers.cpp', import.meta.url));
  try {
    execFileSync('g++', ['-O2', '-std=c++17', '-o', program, source, '-lrt', '-lpthread'], { stdio: 'pipe' });
    return program;
  } catch (error) {
    console.log(`The peers in C++ are left out: ${(error as Error).message.split('\n')[0]}`);
    return undefined;
  }
}

interface Contender {
  readonly row: Row;
  readonly child: ChildProcess | undefined;
  readonly results: Result[];
}

async function enter(row: Row): Promise<Contender> {
  const [, program, ...args] = row;
  const file = fileURLToPath(new URL('./queue-contender.ts', import.meta.url));
  const child = program === 'node' ? fork(file, args, { execArgv: process.execArgv }) : undefined;
  if (child) await once(child, 'message');
  return { row, child, results: [] };
}

async function measure({ row, child }: Contender, peers: string, ms: number): Promise<Result> {
  if (!child) {
    const numbers = execFileSync(peers, [row[2]!, String(ms / 1000)], { encoding: 'utf8' })
      .trim()
      .split(' ')
      .map(Number);
    return numbers.length > 1 ? (numbers as [number, number]) : numbers[0]!;
  }
  const answer = once(child, 'message');
  child.send(ms);
  return (await answer)[0] as Result;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

function rateOf(contenders: readonly Contender[], row: Row): number {
  const found = contenders.find((contender) => contender.row === row);
  return found ? median(found.results as number[]) : Number.NaN;
}

function report(contenders: readonly Contender[]): void {
  const [json, boost] = [rateOf(contenders, JSON_ROW), rateOf(contenders, BOOST_ROW)];
  console.log('\n1 KiB messages from process to process        msg/s    × child_process (json)   × Boost');
  for (const row of RATES) {
    const rate = rateOf(contenders, row);
    if (Number.isNaN(rate)) continue;
    const figure = Math.round(rate).toLocaleString('en').padStart(11);
    console.log(
      `${row[0].padEnd(42)} ${figure} ${(rate / json).toFixed(1).padStart(12)} ${(rate / boost).toFixed(2).padStart(16)}`,
    );
  }
  const trips = contenders.filter(({ row }) => TRIPS.includes(row));
  if (trips.length > 0)
    console.log('\nround trip of 8 bytes                                         p50 µs     p99 µs');
  for (const { row, results } of trips) {
    const [p50, p99] = [0, 1].map((i) => median((results as [number, number][]).map((result) => result[i]!)));
    console.log(`${row[0].padEnd(60)} ${p50!.toFixed(2).padStart(8)} ${p99!.toFixed(2).padStart(10)}`);
  }
}

try {
  const peers = buildPeers();
  const contenders: Contender[] = [];
  for (const row of [...RATES, ...TRIPS])
    if (wanted(row) && (row[1] === 'node' || peers)) contenders.push(await enter(row));
  for (const contender of contenders) await measure(contender, peers!, MS); // until its code is compiled
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of contenders) contender.results.push(await measure(contender, peers!, MS));
  }
  report(contenders);
  for (const { child } of contenders) {
    if (!child) continue;
    const exit = once(child, 'exit');
    child.send('end');
    await exit;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
