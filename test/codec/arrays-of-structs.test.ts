/** Arrays of structs are written by loops of their own: they store what closures do, refuse the same, and are not led astray. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allowCode } from '../../src/codec/code.ts';
import {
  type AnyCodec,
  array,
  type Codec,
  char,
  defineCodec,
  i32,
  json,
  struct,
  type Target,
  target,
  u8,
  u16,
} from '../../src/codec/index.ts';
import { LEAVES } from './support/leaves.ts';
import { replaced } from './support/random-codecs.ts';

/** Past the first writes, which go the slow way. */
const MANY = 300;
const FILL = 0xa5;
/** Short ones stand in line, longer ones go through loops. */
const COUNTS = [2, 5, 13];

type AnyUse = Codec<unknown, unknown, unknown>;
const used = (codec: AnyCodec) => codec as unknown as AnyUse;

/** An element's codec, values for it, and wrong values at paths in it. */
interface Element {
  readonly codec: AnyCodec;
  readonly value: fc.Arbitrary<unknown>;
  readonly wrong: readonly (readonly [path: string, value: unknown])[];
}

type Make = (t: Target) => Element;

function leaf(index: number): Make {
  const { codec, value, wrong } = LEAVES[index % LEAVES.length]!;
  return (t) => ({ codec: codec(t), value, wrong: wrong.map((each) => ['', each] as const) });
}

const members: Record<string, Make> = {
  flags: (t) => ({
    codec: t.bits(t.u32, 5),
    value: fc.integer({ min: 0, max: 31 }),
    wrong: [['', 32]],
  }),
  level: (t) => ({
    codec: t.bits(t.i16, 7),
    value: fc.integer({ min: -64, max: 63 }),
    wrong: [['', -65]],
  }),
  short: (t) => listOf(t, () => ({ codec: t.i16, value: fc.integer({ min: -9, max: 9 }), wrong: [['', 40000]] }), 3),
  staged: (t) => listOf(t, () => ({ codec: t.u8, value: fc.integer({ min: 0, max: 9 }), wrong: [['', 256]] }), 9),
  long: (t) => listOf(t, () => ({ codec: t.u16, value: fc.integer({ min: 0, max: 9 }), wrong: [['', -1]] }), 40),
  either: (t) => ({
    codec: t.union('either', { a: t.u8, b: t.u32 }),
    value: fc.oneof(fc.record({ a: fc.nat(255) }), fc.record({ b: fc.nat() })),
    wrong: [
      ['', {}],
      ['.a', 256],
    ],
  }),
  gap: (t) => ({ codec: t.padding(3), value: fc.constant(undefined), wrong: [] }),
};

/** A struct of what `parts` make. */
function record(parts: readonly (readonly [name: string, make: Make])[], pack?: 1 | 2): Make {
  return (t) => {
    const made = parts.map(([name, make]) => [name, make(t)] as const);
    const shown = made.filter(([name]) => name !== 'gap');
    return {
      codec: t.struct('e', Object.fromEntries(made.map(([name, each]) => [name, each.codec])), pack ? { pack } : {}),
      value: fc.record(Object.fromEntries(shown.map(([name, each]) => [name, each.value]))),
      wrong: [['', null] as const, ['', 7] as const].concat(
        shown.flatMap(([name, each]) => each.wrong.map(([path, value]) => [`.${name}${path}`, value] as never)),
      ),
    };
  };
}

function listOf(t: Target, make: Make, count: number): Element {
  const { codec, value, wrong } = make(t);
  return {
    codec: t.array(codec, count),
    value: fc.array(value, { minLength: count, maxLength: count }),
    wrong: [['', []], ['', null], ...wrong.map(([path, each]) => [`[${count - 1}]${path}`, each] as const)],
  };
}

/** Records of every leaf and member there is, alone and nested, a few at a time. */
const RECORDS: (readonly [name: string, make: Make])[] = [
  ...Array.from({ length: Math.ceil(LEAVES.length / 3) }, (_, i) => {
    const parts = [0, 1, 2].map((k) => [`f${k}`, leaf(3 * i + k)] as const);
    const title = [0, 1, 2].map((k) => LEAVES[(3 * i + k) % LEAVES.length]!.name).join(', ');
    return [title, record(parts, i % 2 ? 1 : undefined)] as const;
  }),
  ['bits, short lists and holes', record(Object.entries(members))],
  ['packed', record([['first', leaf(0)], ...Object.entries(members)], 1)],
  [
    'structs of structs',
    record([
      ['inner', record([['x', leaf(4)]])],
      ['gap', members.gap!],
      ['y', leaf(1)],
    ]),
  ],
  [
    'lists of structs of lists of structs',
    record([
      [
        'few',
        (t) =>
          listOf(
            t,
            record([
              ['x', leaf(2)],
              ['y', leaf(5)],
            ]),
            2,
          ),
      ],
      [
        'many',
        (t) =>
          listOf(
            t,
            record([
              ['x', leaf(4)],
              ['deep', (s) => listOf(s, record([['z', leaf(3)]]), 30)],
            ]),
            20,
          ),
      ],
    ]),
  ],
  [
    'lists of lists',
    (t) =>
      listOf(
        t,
        (s) =>
          listOf(
            s,
            record([
              ['x', leaf(1)],
              ['y', leaf(4)],
            ]),
            14,
          ),
        3,
      ),
  ],
];

for (const abi of ['msvc64', 'msvc32', 'sysv64', 'sysv32'] as const) {
  describe(`arrays of structs, ${abi}`, () => {
    const t = target(abi);
    for (const [title, make] of RECORDS) {
      it(`of ${title} are written and refused as by closures`, () => {
        for (const count of COUNTS) {
          const element = listOf(t, make, count);
          const all = t.struct('s', { head: t.u8, list: element.codec, tail: t.u16 }, { pack: 1 });
          const [first, ...others] = fc.sample(element.value, { numRuns: 4, seed: count });
          const of = (list: unknown) => ({ head: 1, list, tail: 2 });
          const room = (offset: number) => new Uint8Array(offset + all.byteLength + 9).fill(FILL);
          for (let i = 0; i < MANY; i += 1) used(all).write(new DataView(room(0).buffer), 0, of(first));
          allowCode(false);
          const plain = t.struct('s', { head: t.u8, list: listOf(t, make, count).codec, tail: t.u16 }, { pack: 1 });
          const check = (list: unknown, offset: number) => {
            const [fast, slow] = [room(offset), room(offset)];
            used(all).write(fast, offset, of(list));
            used(plain).write(slow, offset, of(list));
            assert.deepEqual(fast, slow);
          };
          try {
            for (const list of [first, ...others, first]) for (const offset of [0, 8, 3]) check(list, offset);
            for (const [path, wrong] of element.wrong) {
              const spoilt = of(replaced(first, path, wrong));
              const [fast, slow] = [room(1), room(1)];
              assert.throws(
                () => used(all).write(fast, 1, spoilt),
                (error: Error) => {
                  assert.ok(error.message.startsWith(`Cannot write s.list${path}`), error.message);
                  assert.throws(() => used(plain).write(slow, 1, spoilt), { message: error.message });
                  return true;
                },
                `${path} = ${String(wrong)}`,
              );
              assert.deepEqual(fast, room(1));
            }
          } finally {
            allowCode(true);
          }
        }
      });
    }
  });
}

for (const count of COUNTS) {
  describe(`an array of ${count} structs, often written before`, () => {
    const E = struct('e', { name: char(8), a: i32, b: u16 });
    const S = struct('s', { head: u8, list: array(E, count), tail: i32 });
    const elements = (n: number) => Array.from({ length: count }, (_, i) => ({ name: `n${n + i}`, a: n * i, b: n }));
    const good = (n: number) => ({ head: n, list: elements(n), tail: -n });
    const memory = new DataView(new ArrayBuffer(S.byteLength));
    const reset = () => {
      for (let i = 0; i < MANY; i += 1) S.write(memory, 0, good(1));
      return new Uint8Array(memory.buffer).slice();
    };
    const spoil = (list: object, last: unknown) => Object.assign([], list, { [count - 1]: last }) as never;

    it('is given by whatever is like an array', () => {
      reset();
      const Sub = class extends Array {};
      const live = S.live(new Uint8Array(S.byteLength + 1), 1);
      live.assign(good(2));
      for (const list of [
        Sub.from(elements(2)),
        { ...elements(2), length: count },
        live.list,
        new Proxy(elements(2), {}),
      ]) {
        S.write(memory, 0, good(3));
        S.write(memory, 0, { ...good(2), list: list as never });
        assert.deepEqual(S.read(memory), good(2));
      }
    });

    it('is refused as a whole when it is short, long, sparse, or none', () => {
      const before = reset();
      const hole = elements(2);
      delete hole[1];
      const bad: [unknown, RegExp][] = [
        [elements(2).slice(1), /^Cannot write s\.list: value is \d+ elements/],
        [[...elements(2), ...elements(2)], /^Cannot write s\.list: value is \d+ elements/],
        [hole, /^Cannot write s\.list\[1\]: value is undefined/],
        ['x'.repeat(count), /^Cannot write s\.list: value is "x+"/],
        [undefined, /^Cannot write s\.list: value is undefined/],
        [spoil(elements(2), 'text'), /^Cannot write s\.list\[\d+\]: value is "text"/],
        [spoil(elements(2), { name: 'x', a: 1 }), /^Cannot write s\.list\[\d+\]\.b: value is undefined/],
        [spoil(elements(2), { name: 'x'.repeat(9), a: 1, b: 1 }), /^Cannot write s\.list\[\d+\]\.name: value is "x+"/],
        [spoil(elements(2), { name: 'x', a: 1n, b: 1 }), /^Cannot write s\.list\[\d+\]\.a: value is 1n/],
      ];
      for (const [list, message] of bad) {
        assert.throws(() => S.write(memory, 0, { ...good(2), list: list as never }), { message });
        assert.deepEqual(new Uint8Array(memory.buffer), before);
      }
    });

    it('is refused for an unknown field of an element, as long as that is looked for', () => {
      const Fresh = struct('s', { list: array(E, count) });
      for (let i = 0; i < 200; i += 1) Fresh.write(memory, 0, { list: elements(1) });
      const list = spoil(elements(1), { name: 'x', a: 1, b: 1, c: 1 });
      assert.throws(
        () => Fresh.write(memory, 0, { list }),
        /^TypeError: Cannot write s\.list\[\d+\]: .* unknown field "c"/,
      );
    });

    it('is read once: each element, each property of it', () => {
      reset();
      const looks = new Map<string, number>();
      const spied = <T extends object>(name: string, target: T): T =>
        new Proxy(target, {
          get(from, key, self) {
            const id = `${name}.${String(key)}`;
            looks.set(id, (looks.get(id) ?? 0) + 1);
            // What comes at the second look would not do.
            return looks.get(id) === 1 ? Reflect.get(from, key, self) : 'junk';
          },
        });
      const list = spied(
        'list',
        elements(2).map((each, i) => spied(`${i}`, each)),
      );
      S.write(memory, 0, { ...good(2), list });
      assert.deepEqual(S.read(memory), good(2));
      assert.deepEqual(new Set(looks.values()), new Set([1]));
    });

    it('keeps what was checked when another write comes in between, by a getter of any element or behind the list', () => {
      const other = new DataView(new ArrayBuffer(S.byteLength));
      for (const where of [0, count - 1, count]) {
        reset();
        const inner = () => S.write(other, 0, good(9));
        const list = elements(2).map((each, i) => {
          if (i !== where) return each;
          return {
            ...each,
            get b() {
              inner();
              return each.b;
            },
          };
        });
        const value = {
          ...good(2),
          list,
          get tail() {
            if (where === count) inner();
            return -2;
          },
        };
        S.write(memory, 0, value);
        assert.deepEqual([S.read(memory), S.read(other)], [good(2), good(9)]);
      }
    });

    it('keeps what was checked when a getter changes what is behind and before it', () => {
      reset();
      const list: { name: string; a: number; b: number }[] = elements(2);
      const [before, behind] = [list[0]!, list[count - 1]!];
      list[1] = {
        ...list[1]!,
        get b() {
          before.a = 2 ** 40;
          list[0] = null as never;
          behind.name = 'changed';
          return 2;
        },
      };
      const isLast = count === 2;
      S.write(memory, 0, { ...good(2), list });
      const expected = good(2);
      if (!isLast) expected.list[count - 1]!.name = 'changed';
      assert.deepEqual(S.read(memory), expected);
    });

    it('stores nothing when a getter makes the memory shorter', () => {
      const buffer = new (
        ArrayBuffer as unknown as new (
          size: number,
          options: object,
        ) => ArrayBuffer & { resize(size: number): void }
      )(S.byteLength, { maxByteLength: S.byteLength });
      const view = new DataView(buffer);
      const list = elements(2);
      Object.defineProperty(list[count - 1], 'a', {
        enumerable: true,
        get() {
          buffer.resize(S.byteLength - 1);
          return 7;
        },
      });
      reset();
      assert.throws(() => S.write(view, 0, { ...good(2), list }), /Cannot use s at offset 0/);
      assert.ok(new Uint8Array(buffer).every((byte) => byte === 0));
    });

    it('keeps texts and numbers of many kinds apart, whatever stood there before', () => {
      reset();
      for (const name of ['', 'ä', 'sevench', 'abc', '\u{1F600}', 'eightchr', 'x']) {
        const value = { ...good(2), list: elements(2).map((each, i) => (i % 2 ? { ...each, name } : each)) };
        S.write(memory, 0, value);
        assert.deepEqual(S.read(memory), value);
      }
    });

    it('is not led astray by a codec of one’s own that writes by the same codec', () => {
      const own = defineCodec<number>({
        name: 'own',
        byteLength: 1,
        read: (view, at) => view.getUint8(at),
        check() {},
        write(view, at, value) {
          if (value === 2) T.write(new DataView(new ArrayBuffer(T.byteLength)), 0, plain(3));
          view.setUint8(at, value);
        },
      });
      const T = struct('t', { list: array(struct('e', { own, a: i32, b: i32 }), count) });
      const plain = (n: number) => ({ list: Array.from({ length: count }, (_, i) => ({ own: n, a: i, b: n })) });
      const into = new DataView(new ArrayBuffer(T.byteLength));
      for (let i = 0; i < MANY; i += 1) T.write(into, 0, plain(1));
      T.write(into, 0, plain(2));
      assert.deepEqual(T.read(into), plain(2));
    });

    it('is not led astray by a toJSON that writes by the same codec', () => {
      const J = struct('j', { list: array(struct('e', { a: i32, data: json<unknown>(20) }), count) });
      const [outer, other] = [new Uint8Array(J.byteLength), new Uint8Array(J.byteLength)];
      const plain = (n: number) => ({ list: Array.from({ length: count }, (_, i) => ({ a: n, data: i })) });
      for (let i = 0; i < MANY; i += 1) J.write(new DataView(outer.buffer), 0, plain(1));
      const sly = plain(2);
      sly.list[count - 1]!.data = {
        toJSON() {
          J.write(new DataView(other.buffer), 0, plain(3));
          return count - 1;
        },
      } as never;
      J.write(new DataView(outer.buffer), 0, sly);
      assert.deepEqual([J.read(outer), J.read(other)], [plain(2), plain(3)]);
    });
  });
}
