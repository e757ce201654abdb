/** What a live object refuses it names by the whole path, as `write` does, wherever the object hangs. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import v8 from 'node:v8';
import { allowCode } from '../../src/codec/code.ts';
import {
  type AnyCodec,
  anonymous,
  array,
  atomic,
  bits,
  bool8,
  type Codec,
  char,
  enumeration,
  f32,
  f64,
  flexible,
  i16,
  pointer,
  section,
  struct,
  structClass,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../../src/codec/index.ts';
import { readOnly } from './support/read-only.ts';

type Steps = readonly (string | number)[];
type Live = Record<string, unknown> & {
  get(index: number): Live;
  set(index: number, value: unknown): void;
  store(value: unknown): void;
  assign(value: unknown): void;
};
type AnyUse = Codec<unknown, Live, unknown>;

/** Made anew for each way, since classes are made once for each struct. */
function made() {
  const Vec3 = struct('vec3', { x: f32, y: f64 });
  const Mark = struct('mark', { grade: u8, by: char(4) });
  class Student extends structClass('student', { ID: u16, mark: Mark, seat: Vec3 }) {}
  const Player = struct('player', { id: i16, pos: Vec3, scores: array(i16, 3) });
  const fields = {
    hits: atomic(u32),
    cells: array(atomic(u32), 2),
    odd: u8,
    id: u32,
    big: u64,
    flag: bits(u8, 3),
    on: bool8,
    name: char(4),
    home: pointer,
    mode: enumeration(u8, { idle: 0, run: 1 }, { unknown: 'error' }),
    players: array(Player, 4),
    pos: Vec3,
    grid: array(Vec3, 2, 2),
    either: union('either', { mark: Mark, word: u16 }),
    _: anonymous(struct('', { deep: Vec3, flat: u8 })),
    __: anonymous(union('', { asMark: Mark, asByte: u8 })),
    student: Student,
    class: array(Student, 2),
    texts: array(char(2), 2),
    loose: array(u16, 2),
  };
  const World = struct('world', fields, { pack: 1 });
  const List = struct('list', { count: u32, items: flexible(Player, 'count') });
  const place = { offset: 'offset', stride: 'size', count: 'count' };
  const Header = struct('header', { offset: u32, size: u32, count: u32, items: section(Player, place) });
  return { Vec3, Player, Student, World, List, Header };
}

/** Paths into the world, each with a value that is wrong there. */
const WRONG: readonly (readonly [Steps, unknown])[] = [
  [['id'], -1],
  [['big'], 1],
  [['flag'], 9],
  [['on'], 1],
  [['name'], 'Adelaide'],
  [['home'], 1],
  [['mode'], 'fly'],
  [['players', 3, 'id'], Number.NaN],
  [['players', 3, 'pos', 'x'], 'x'],
  [['players', 0, 'pos'], { x: 1 }],
  [['players', 2], { id: 1, pos: { x: 1, y: 2 }, scores: [1, 2] }],
  [['players', 1, 'pos', 'y'], 1n],
  [['pos', 'x'], 'x'],
  [['pos'], { x: 1, y: 'y' }],
  [['grid', 1, 0, 'y'], 'y'],
  [['either', 'mark', 'grade'], 256],
  [['either', 'mark', 'by'], 'nobody'],
  [['either', 'word'], 65536],
  [['deep', 'x'], 'x'],
  [['flat'], 256],
  [['asMark', 'grade'], -1],
  [['student', 'ID'], 2 ** 16],
  [['student', 'mark', 'grade'], 256],
  [['class', 1, 'ID'], -1],
  [['class', 1, 'seat', 'y'], 'y'],
  [['cells', 1], -1],
  [['hits'], 0.5],
  [['texts', 1], 'abc'],
  [['loose', 1], 65536],
];

/** The live object that the last step is of. */
function holder(live: Live, steps: Steps): Live {
  return steps
    .slice(0, -1)
    .reduce<Live>((each, step) => (typeof step === 'number' ? each.get(step) : (each[step] as Live)), live);
}

function storeAt(live: Live, steps: Steps, value: unknown): void {
  const [parent, last] = [holder(live, steps), steps.at(-1)!];
  const cell = typeof last === 'number' ? parent.get(last) : parent[last];
  if (typeof (cell as Live | undefined)?.store === 'function') (cell as Live).store(value);
  else if (typeof last === 'number') parent.set(last, value);
  else parent[last] = value;
}

/** What `write` says about the value at that place of what the memory holds. */
function refusal(codec: AnyUse, memory: Uint8Array, steps: Steps, value: unknown): Error {
  const whole = codec.read(memory) as Record<string | number, unknown>;
  const parent = steps.slice(0, -1).reduce((each, step) => each[step] as typeof whole, whole);
  parent[steps.at(-1)!] = value;
  return thrown(() => codec.write(memory, 0, whole));
}

function thrown(run: () => void): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return assert.fail('nothing is thrown');
}

function textOf(root: string, steps: Steps): string {
  return root + steps.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}

for (const code of [true, false]) {
  describe(`the path of what a live object refuses, ${code ? 'by generated code' : 'by closures'}`, () => {
    let codecs: ReturnType<typeof made>;
    const use = (codec: AnyCodec) => codec as unknown as AnyUse;
    // Each kind of live object is made by its first use.
    before(() => {
      allowCode(code);
      codecs = made();
    });
    after(() => allowCode(true));

    for (const [steps, value] of WRONG) {
      it(`is that of write: ${textOf('world', steps)}`, () => {
        const codec = use(codecs.World);
        const memory = new Uint8Array(codec.byteLength);
        const { name, message } = refusal(codec, memory, steps, value);
        assert.ok(message.includes(textOf('world', steps)), message);
        const live = codec.live(memory);
        assert.throws(() => storeAt(live, steps, value), { name, message });
        // Again, by what has been made by now.
        assert.throws(() => storeAt(live, steps, value), { name, message });
        assert.ok(memory.every((byte) => byte === 0));
      });

      it(`is whole over read-only memory: ${textOf('world', steps)}`, () => {
        const codec = use(codecs.World);
        const live = codec.live(readOnly(new Uint8Array(codec.byteLength)));
        const { message, code: name } = thrown(() => storeAt(live, steps, value)) as Error & { code: string };
        assert.equal(name, 'ERR_READ_ONLY');
        assert.ok(message.startsWith(`Cannot write to ${textOf('world', steps)}: `), message);
      });
    }

    it('is that of write for assign on an inner object', () => {
      const codec = use(codecs.World);
      const memory = new Uint8Array(codec.byteLength);
      const live = codec.live(memory);
      for (const [steps, given, inner, value] of [
        [['players', 3], { pos: { x: 'x' } }, ['players', 3, 'pos', 'x'], 'x'],
        [['players', 3, 'pos'], { y: 'y' }, ['players', 3, 'pos', 'y'], 'y'],
        [['student', 'mark'], { grade: 999 }, ['student', 'mark', 'grade'], 999],
        [['student'], { ID: -1 }, ['student', 'ID'], -1],
        [['deep'], { x: 'x' }, ['deep', 'x'], 'x'],
      ] as const) {
        const { name, message } = refusal(codec, memory, inner, value);
        assert.throws(() => holder(live, [...steps, '']).assign(given), { name, message });
      }
      const sealed = codec.live(readOnly(memory));
      assert.throws(() => holder(sealed, ['players', 3, 'pos', '']).assign({ x: 1 }), {
        message: /^Cannot write to world\.players\[3\]\.pos: /,
      });
    });

    it('goes through a section and a flexible array', () => {
      const memory = new Uint8Array(512);
      const words = new Uint32Array(memory.buffer);
      words[0] = 2;
      const steps = ['items', 1, 'pos', 'x'] as const;
      const list = use(codecs.List);
      const expected = refusal(list, memory, steps, 'x');
      assert.match(expected.message, /^Cannot write list\.items\[1\]\.pos\.x: value is "x"/);
      assert.throws(() => storeAt(list.live(memory), steps, 'x'), { message: expected.message });
      const header = use(codecs.Header);
      words.set([16, 64, 2]);
      const other = refusal(header, memory, steps, 'x');
      assert.match(other.message, /^Cannot write header\.items\[1\]\.pos\.x: value is "x"/);
      assert.throws(() => storeAt(header.live(memory), steps, 'x'), { message: other.message });
      // Elements that lack the member.
      words[1] = 8;
      assert.throws(
        () => storeAt(header.live(memory), steps, 1),
        /^(Type|Range)Error: Cannot write (to )?header\.items\[1\]\.pos\.x: /,
      );
    });

    it('begins at what live was asked for', () => {
      const live = use(codecs.Player).live(new Uint8Array(64));
      assert.throws(() => storeAt(live, ['pos', 'x'], 'x'), /Cannot write player\.pos\.x: /);
      assert.throws(() => storeAt(use(codecs.Vec3).live(new Uint8Array(64)), ['x'], 'x'), /Cannot write vec3\.x: /);
      const student = use(codecs.Student).live(new Uint8Array(64));
      assert.throws(() => storeAt(student, ['mark', 'grade'], -1), /Cannot write student\.mark\.grade: /);
      const many = use(array(codecs.Vec3, 2));
      const { message } = refusal(many, new Uint8Array(32), [1, 'x'], 'x');
      assert.throws(() => storeAt(many.live(new Uint8Array(32)), [1, 'x'], 'x'), { message });
    });
  });
}

describe('live objects of one struct', () => {
  it('have one hidden class, wherever they hang', () => {
    v8.setFlagsFromString('--allow-natives-syntax');
    const same = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: unknown, b: unknown) => boolean;
    const { Vec3, Player, World } = made();
    const world = World.live(new Uint8Array(World.byteLength));
    const alone = Vec3.live(new Uint8Array(16));
    const objects = [world.pos, world.players.get(0)!.pos, world.grid.get(1)!.get(1)!, world.deep];
    objects.push(Player.live(new DataView(new ArrayBuffer(64)), 8).pos, Vec3.live(new DataView(new ArrayBuffer(64))));
    for (const each of objects) assert.ok(same(alone, each));
    assert.ok(!same(alone, world));
    assert.ok(same(world.players.get(1), Player.live(new Uint8Array(64))));
  });
});
