/**
 * Codecs beside hand-written code and their peers, in one run: `npx tsx bench/codec.ts [types …]` (1 and 20).
 *
 * The baseline (1.00) of each table is hand-written: a class that holds `view` and `byteOffset` and uses constant
 * offsets, or functions with constant offsets. Every call site has source text of its own, since equal texts would
 * share type feedback.
 */
import { measure } from 'mitata';
import { peers } from './codec-peers.ts';
import { compiled, type Subject, subject } from './codec-subjects.ts';

const RECORDS = 64;
const SIZE = 56;
const LOOPS = 2000;

type Run = () => unknown;

/** Results go here, so that the optimiser cannot leave them out. */
const sink: unknown[] = Array(8).fill(undefined);

/** The runs of one contender, one for each struct type; each does LOOPS operations. */
type Contender = readonly [name: string, make: (s: Subject, view: DataView) => Run];

const loop = (tag: string, s: Subject, body: string, uses: Record<string, unknown>): Run =>
  compiled(
    `() => { /* ${tag} ${s.id} */ let sum = 0; for (let i = 0; i < ${LOOPS}; i += 1) { ${body} } return sum; }`,
    Object.keys(uses),
    Object.values(uses),
  );

const at = `(i & ${RECORDS - 1}) * ${SIZE}`;

const scenarios: Record<string, Contender[]> = {
  'read a field': [
    ['hand-written class', (s, v) => loop('hand', s, `sum = (sum + o.hp_${s.id} + i) | 0;`, { o: new s.Hand(v, 0) })],
    ['live object', (s, v) => loop('live', s, `sum = (sum + o.hp_${s.id} + i) | 0;`, { o: s.numbers.live(v, 0) })],
    ['hoisted DataView', (s, v) => loop('hoist', s, 'sum = (sum + v.getInt32(32, true) + i) | 0;', { v })],
    ['plain object', (s) => loop('plain', s, `sum = (sum + o.hp_${s.id} + i) | 0;`, { o: { ...s.numbersValue } })],
  ],
  'write a field': [
    ['hand-written class', (s, v) => loop('hand', s, `o.hp_${s.id} = i;`, { o: new s.Hand(v, 0) })],
    ['live object', (s, v) => loop('live', s, `o.hp_${s.id} = i;`, { o: s.numbers.live(v, 0) })],
    ['hoisted DataView', (s, v) => loop('hoist', s, 'v.setInt32(32, i, true);', { v })],
    ['plain object', (s) => loop('plain', s, `o.hp_${s.id} = i;`, { o: { ...s.numbersValue } })],
  ],
  'read an array element': [
    ['hand-written class', (s, v) => loop('hand', s, 'sum = (sum + o.score(i % 5)) | 0;', { o: new s.Hand(v, 0) })],
    ['live object', (s, v) => loop('live', s, `sum = (sum + o.scores_${s.id}[i % 5]) | 0;`, { o: s.mixed.live(v, 0) })],
    [
      'live, unaligned',
      (s, v) => loop('odd', s, `sum = (sum + o.scores_${s.id}.get(i % 5)) | 0;`, { o: s.mixed.live(v, 1) }),
    ],
  ],
  'write an array element': [
    ['hand-written class', (s, v) => loop('hand', s, 'o.setScore(i % 5, i & 1023);', { o: new s.Hand(v, 0) })],
    ['live object', (s, v) => loop('live', s, `o.scores_${s.id}[i % 5] = i & 1023;`, { o: s.mixed.live(v, 0) })],
    ['live, unaligned', (s, v) => loop('odd', s, `o.scores_${s.id}.set(i % 5, i & 1023);`, { o: s.mixed.live(v, 1) })],
  ],
  'read a record of numbers': [
    ['hand-written', (s, v) => loop('hand', s, `sink[i & 7] = f(v, ${at});`, { f: s.readNumbers, v, sink })],
    ['codec.read', (s, v) => loop('codec', s, `sink[i & 7] = c.read(v, ${at});`, { c: s.numbers, v, sink })],
  ],
  'write a record of numbers': [
    [
      'hand-written',
      (s, v) =>
        loop('hand', s, `x.hp_${s.id} = i; f(v, ${at}, x);`, { f: s.writeNumbers, v, x: { ...s.numbersValue } }),
    ],
    [
      'codec.write',
      (s, v) =>
        loop('codec', s, `x.hp_${s.id} = i; c.write(v, ${at}, x);`, { c: s.numbers, v, x: { ...s.numbersValue } }),
    ],
  ],
  'read a record with a string': [
    ['hand-written', (s, v) => loop('hand', s, `sink[i & 7] = f(v, ${at});`, { f: s.readMixed, v, sink })],
    ['codec.read', (s, v) => loop('codec', s, `sink[i & 7] = c.read(v, ${at});`, { c: s.mixed, v, sink })],
  ],
  'write a record with a string': [
    [
      'hand-written',
      (s, v) => loop('hand', s, `x.hp_${s.id} = i; f(v, ${at}, x);`, { f: s.writeMixed, v, x: { ...s.mixedValue } }),
    ],
    [
      'codec.write',
      (s, v) => loop('codec', s, `x.hp_${s.id} = i; c.write(v, ${at}, x);`, { c: s.mixed, v, x: { ...s.mixedValue } }),
    ],
  ],
  'make a live object': [
    ['hand-written class', (s, v) => loop('hand', s, `sink[i & 7] = new H(v, ${at});`, { H: s.Hand, v, sink })],
    ['codec.live', (s, v) => loop('live', s, `sink[i & 7] = c.live(v, ${at});`, { c: s.numbers, v, sink })],
  ],
};

function fresh(subjects: readonly Subject[], strings: boolean): DataView {
  const view = new DataView(new ArrayBuffer(RECORDS * SIZE + 64));
  for (let i = 0; i < RECORDS; i += 1) {
    const s = subjects[i % subjects.length]!;
    if (strings) s.mixed.write(view, i * SIZE, s.mixedValue);
    else s.numbers.write(view, i * SIZE, s.numbersValue);
  }
  return view;
}

/** Nanoseconds of one operation: the best of several rounds in which the contenders take turns. */
async function compare(
  contenders: readonly Contender[],
  subjects: readonly Subject[],
  strings: boolean,
): Promise<Map<string, number>> {
  const prepared = contenders.map(([name, make]) => {
    const view = fresh(subjects, strings);
    const runs = subjects.map((s) => make(s, view));
    return [name, runs] as const;
  });
  for (let warm = 0; warm < 12; warm += 1) for (const [, runs] of prepared) for (const run of runs) run();
  const best = new Map<string, number>();
  for (let round = 0; round < 3; round += 1) {
    for (const [name, runs] of prepared) {
      const all = () => {
        for (const run of runs) run();
      };
      const stats = await measure(all, { min_cpu_time: 15e6, min_samples: 8, max_samples: 60, warmup_samples: 2 });
      const each = stats.min / LOOPS / runs.length;
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, each));
    }
  }
  return best;
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [1, 20]) {
  const subjects = Array.from({ length: count }, (_, i) => subject(i));
  console.log(`\n${count} struct type${count === 1 ? '' : 's'} in the process, ns and ratio to hand-written`);
  for (const [title, own] of Object.entries(scenarios)) {
    const contenders = count === 1 ? [...own, ...(peers[title] ?? [])] : own;
    const best = await compare(contenders, subjects, /array|string/.test(title));
    const base = best.get(own[0]![0])!;
    const row = [...best].map(([name, ns]) => `${name} ${ns.toFixed(2)} (${(ns / base).toFixed(2)}×)`);
    console.log(`${title.padEnd(36)} ${row.join('  ')}`);
  }
}
