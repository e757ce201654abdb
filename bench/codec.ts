/**
 * Codecs beside hand-written code and their peers, in one run: `npx tsx bench/codec.ts [types …] [part of a title …]`
 * (1 and 20 types, all titles).
 *
 * The baseline (1.00) of each table is hand-written: a class that holds `view` and `byteOffset` and uses constant
 * offsets, or functions with constant offsets.
 *
 * Every call site has source text of its own, since equal texts would share type feedback. Memory, objects and values
 * come in as arguments: the optimiser would put the contents of constants into the code, and no check of them would be
 * left. All contenders of a round work on the same memory and the same values, because addresses decide too: a store
 * whose last 12 bits are those of a load nearby makes that load wait, which can treble a time. Each round has others.
 */
import { Bench } from 'tinybench';
import { peers } from './codec-peers.ts';
import { compiled, LOOPS, type Subject, subject } from './codec-subjects.ts';

const RECORDS = 64;
const SIZE = 56;
const ROUNDS = 12;

/** What a loop works on: memory, a live object or the like over it, a value to write. */
type Run = (view: DataView, object: unknown, value: unknown) => unknown;

/** What a contender does in a loop as `v`, `o` and `x`, what else its text refers to, and how its `o` is made. */
interface Contender {
  readonly name: string;
  readonly body: (s: Subject) => string;
  readonly uses?: (s: Subject) => Record<string, unknown>;
  readonly object?: (s: Subject, view: DataView) => unknown;
}

/** Results go here, so that the optimiser cannot leave them out. */
const sink: unknown[] = Array(8).fill(undefined);

/** Eight to nine characters each. */
const names = ['alexander', 'bertrand', 'charlotte', 'dominique', 'elisabeth', 'frederick', 'gwendolen', 'henrietta'];

const at = `(i & ${RECORDS - 1}) * ${SIZE}`;
const hand = (s: Subject, v: DataView) => new s.Hand(v, 0);

const scenarios: Record<string, Contender[]> = {
  'read a field': [
    { name: 'hand-written class', body: (s) => `sum = (sum + o.hp_${s.id} + i) | 0;`, object: hand },
    { name: 'live object', body: (s) => `sum = (sum + o.hp_${s.id} + i) | 0;`, object: (s, v) => s.numbers.live(v) },
    { name: 'hoisted DataView', body: () => 'sum = (sum + v.getInt32(32, true) + i) | 0;' },
    { name: 'plain object', body: (s) => `sum = (sum + x.hp_${s.id} + i) | 0;` },
  ],
  'write a field': [
    { name: 'hand-written class', body: (s) => `o.hp_${s.id} = i;`, object: hand },
    { name: 'live object', body: (s) => `o.hp_${s.id} = i;`, object: (s, v) => s.numbers.live(v) },
    { name: 'hoisted DataView', body: () => 'v.setInt32(32, i, true);' },
    { name: 'plain object', body: (s) => `x.hp_${s.id} = i;` },
  ],
  'read an array element': [
    { name: 'hand-written class', body: () => 'sum = (sum + o.score(i % 5)) | 0;', object: hand },
    {
      name: 'live object',
      body: (s) => `sum = (sum + o.scores_${s.id}[i % 5]) | 0;`,
      object: (s, v) => s.mixed.live(v, 0),
    },
    {
      name: 'live, unaligned',
      body: (s) => `sum = (sum + o.scores_${s.id}.get(i % 5)) | 0;`,
      object: (s, v) => s.unaligned.live(v, 1),
    },
  ],
  'write an array element': [
    { name: 'hand-written class', body: () => 'o.setScore(i % 5, i & 1023);', object: hand },
    { name: 'live object', body: (s) => `o.scores_${s.id}[i % 5] = i & 1023;`, object: (s, v) => s.mixed.live(v, 0) },
    {
      name: 'live, unaligned',
      body: (s) => `o.scores_${s.id}.set(i % 5, i & 1023);`,
      object: (s, v) => s.unaligned.live(v, 1),
    },
  ],
  'read a record of numbers': [
    { name: 'hand-written', body: () => `sink[i & 7] = f(v, ${at});`, uses: (s) => ({ f: s.readNumbers, sink }) },
    { name: 'codec.read', body: () => `sink[i & 7] = c.read(v, ${at});`, uses: (s) => ({ c: s.numbers, sink }) },
  ],
  'write a record of numbers': [
    { name: 'hand-written', body: (s) => `x.hp_${s.id} = i; f(v, ${at}, x);`, uses: (s) => ({ f: s.writeNumbers }) },
    { name: 'codec.write', body: (s) => `x.hp_${s.id} = i; c.write(v, ${at}, x);`, uses: (s) => ({ c: s.numbers }) },
  ],
  'read a record with a string': [
    { name: 'hand-written', body: () => `sink[i & 7] = f(v, ${at});`, uses: (s) => ({ f: s.readMixed, sink }) },
    { name: 'codec.read', body: () => `sink[i & 7] = c.read(v, ${at});`, uses: (s) => ({ c: s.mixed, sink }) },
  ],
  'write a record with a string': [
    { name: 'hand-written', body: (s) => `x.hp_${s.id} = i; f(v, ${at}, x);`, uses: (s) => ({ f: s.writeMixed }) },
    { name: 'codec.write', body: (s) => `x.hp_${s.id} = i; c.write(v, ${at}, x);`, uses: (s) => ({ c: s.mixed }) },
  ],
  'write a record with changing strings': [
    {
      name: 'hand-written',
      body: (s) => `x.name_${s.id} = names[i & 7]; f(v, ${at}, x);`,
      uses: (s) => ({ f: s.writeMixed, names }),
    },
    {
      name: 'codec.write',
      body: (s) => `x.name_${s.id} = names[i & 7]; c.write(v, ${at}, x);`,
      uses: (s) => ({ c: s.mixed, names }),
    },
  ],
  'read a record with four structs': [
    { name: 'hand-written', body: () => `sink[i & 7] = f(v, ${at});`, uses: (s) => ({ f: s.readList, sink }) },
    { name: 'codec.read', body: () => `sink[i & 7] = c.read(v, ${at});`, uses: (s) => ({ c: s.list, sink }) },
  ],
  'write a record with four structs': [
    { name: 'hand-written', body: (s) => `x.hp_${s.id} = i; f(v, ${at}, x);`, uses: (s) => ({ f: s.writeList }) },
    { name: 'codec.write', body: (s) => `x.hp_${s.id} = i; c.write(v, ${at}, x);`, uses: (s) => ({ c: s.list }) },
  ],
  'make a live object, keep it': [
    { name: 'hand-written class', body: () => `sink[i & 7] = new H(v, ${at});`, uses: (s) => ({ H: s.Hand, sink }) },
    { name: 'codec.live', body: () => `sink[i & 7] = c.live(v, ${at});`, uses: (s) => ({ c: s.numbers, sink }) },
  ],
  'make a live object, use it, drop it': [
    {
      name: 'hand-written class',
      body: (s) => `sum = (sum + new H(v, ${at}).hp_${s.id}) | 0;`,
      uses: (s) => ({ H: s.Hand }),
    },
    {
      name: 'codec.live',
      body: (s) => `sum = (sum + c.live(v, ${at}).hp_${s.id}) | 0;`,
      uses: (s) => ({ c: s.numbers }),
    },
  ],
};

function loop(tag: string, { body, uses }: Contender, s: Subject): Run {
  const names = uses?.(s) ?? {};
  return compiled(
    `(v, o, x) => { /* ${tag} ${s.id} */ let sum = 0; for (let i = 0; i < ${LOOPS}; i += 1) { ${body(s)} } return sum; }`,
    Object.keys(names),
    Object.values(names),
  );
}

/** The records that a scenario works on. */
type Records = 'numbers' | 'mixed' | 'list';

function recordsOf(title: string): Records {
  if (/structs/.test(title)) return 'list';
  return /array|string/.test(title) ? 'mixed' : 'numbers';
}

function fresh(subjects: readonly Subject[], records: Records): DataView {
  const view = new DataView(new ArrayBuffer(RECORDS * SIZE + 64));
  for (let i = 0; i < RECORDS; i += 1) {
    const s = subjects[i % subjects.length]!;
    (s[records] as Subject['mixed']).write(view, i * SIZE, s[`${records}Value`]());
  }
  return view;
}

/** Nanoseconds of one operation: the best of several rounds in which the contenders take turns. */
function compare(title: string, subjects: readonly Subject[]): Map<string, number> {
  const records = recordsOf(title);
  const contenders: { name: string; runs: Run[]; object?: Contender['object'] }[] = scenarios[title]!.map((own) => ({
    name: own.name,
    runs: subjects.map((s) => loop(own.name, own, s)),
    object: own.object,
  }));
  if (subjects.length === 1) contenders.push(...othersFor(title, subjects[0]!));
  const round = () => {
    const view = fresh(subjects, records);
    const values = subjects.map((s) => s[`${records}Value`]());
    return contenders.map(({ name, runs, object }) => {
      const objects = subjects.map((s) => object?.(s, view));
      const all = () => {
        for (let k = 0; k < runs.length; k += 1) runs[k]!(view, objects[k], values[k]);
      };
      return { name, all };
    });
  };
  for (let warm = 0; warm < 12; warm += 1) for (const { all } of round()) all();
  const best = new Map<string, number>();
  for (let i = 0; i < ROUNDS; i += 1) {
    const bench = new Bench({ time: 4, iterations: 4, warmup: false, throws: true });
    for (const { name, all } of round()) bench.add(name, all);
    for (const { name, result } of bench.runSync()) {
      if (!('latency' in result)) throw new Error(`no result of ${name}`);
      const each = (result.latency.min * 1e6) / LOOPS / subjects.length;
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, each));
    }
  }
  return best;
}

/** The same work by other packages; some compile text, which not every process may. */
function othersFor(title: string, s: Subject): { name: string; runs: Run[] }[] {
  return (peers[title] ?? []).flatMap(([name, make]) => {
    try {
      return [{ name, runs: [make(s, fresh([s], 'numbers'))] }];
    } catch (error) {
      if (error instanceof EvalError) return [];
      throw error;
    }
  });
}

const args = process.argv.slice(2);
const counts = args.filter((each) => /^\d+$/.test(each)).map(Number);
const wanted = args.filter((each) => !/^\d+$/.test(each));
for (const count of counts.length > 0 ? counts : [1, 20]) {
  const subjects = Array.from({ length: count }, (_, i) => subject(i));
  console.log(`\n${count} struct type${count === 1 ? '' : 's'} in the process, ns and ratio to hand-written`);
  for (const title of Object.keys(scenarios)) {
    if (wanted.length > 0 && !wanted.some((each) => title.includes(each))) continue;
    const best = compare(title, subjects);
    const base = best.get(scenarios[title]![0]!.name)!;
    const row = [...best].map(([name, ns]) => `${name} ${ns.toFixed(2)} (${(ns / base).toFixed(2)}×)`);
    console.log(`${title.padEnd(36)} ${row.join('  ')}`);
  }
}
