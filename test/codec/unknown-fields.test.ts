import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AnyCodec,
  anonymous,
  array,
  at,
  i32,
  layout,
  struct,
  structClass,
  u8,
  union,
  utf16,
} from '../../src/codec/index.ts';

const SAMPLE = 128;
const Point = struct('point', { x: i32, y: i32 });
const point = { x: 1, y: -1 };

/** A value with one more field where the path leads. */
function withExtra(good: object, ...path: (string | number)[]): object {
  const bad = structuredClone(good) as Record<string | number, unknown>;
  const at = path.reduce<Record<string | number, unknown>>((object, key) => object[key] as never, bad);
  at.extra = 1;
  return bad;
}

const shapes: [name: string, codec: AnyCodec, good: object, paths: (string | number)[][]][] = [
  ['a struct', Point, point, [[]]],
  ['a struct in a struct', struct('s', { id: u8, at: Point }), { id: 1, at: point }, [[], ['at']]],
  ['a list of structs', struct('s', { list: array(Point, 3) }), { list: [point, point, point] }, [[], ['list', 2]]],
  [
    'lists of lists of structs with a struct inside',
    struct('s', { rows: array(array(struct('cell', { name: utf16(4), at: Point }), 2), 2) }),
    { rows: [0, 1].map(() => [0, 1].map(() => ({ name: 'ab', at: point }))) },
    [[], ['rows', 0, 1], ['rows', 1, 1, 'at']],
  ],
  ['an anonymous struct', struct('s', { id: u8, inner: anonymous(Point) }), { id: 1, ...point }, [[]]],
  [
    'an anonymous union',
    struct('s', { id: u8, either: anonymous(union('u', { n: i32, at: Point })) }),
    { id: 1, n: 5 },
    [[]],
  ],
  [
    'a union',
    struct('s', { id: u8, u: union('u', { n: i32, at: Point }) }),
    { id: 1, u: { at: point } },
    [[], ['u'], ['u', 'at']],
  ],
];

describe('unknown fields', () => {
  for (const [name, codec, good, paths] of shapes) {
    it(`of ${name} are refused, at once and soon after many good writes`, () => {
      const memory = new DataView(new ArrayBuffer(codec.byteLength));
      const write = (value: object) => codec.write(memory, 0, value as never);
      const found = /unknown field "extra"/;
      for (const path of paths) assert.throws(() => write(withExtra(good, ...path)), found);
      for (let i = 0; i < 5000; i += 1) write(good);
      for (const path of paths) {
        const bad = withExtra(good, ...path);
        assert.throws(() => {
          for (let tries = 0; tries < SAMPLE; tries += 1) write(bad);
        }, found);
        // The next one is looked at, too.
        assert.throws(() => write(bad), found);
        for (let i = 0; i < 2 * SAMPLE; i += 1) write(good);
      }
    });
  }

  const fields = { id: u8, at: Point, list: array(Point, 2) };
  const strict = { strict: true };
  class Thing extends structClass('s', fields, strict) {}
  for (const [name, codec] of [
    ['struct', struct('s', fields, strict)],
    ['layout', layout('s', 64, { id: at(0, u8), at: at(4, Point), list: at(16, array(Point, 2)) }, strict)],
    ['class', Thing],
  ] as [string, AnyCodec][]) {
    it(`are refused each time by a strict ${name}`, () => {
      const good = { id: 1, at: point, list: [point, point] };
      const memory = new Uint8Array(codec.byteLength);
      for (const place of [memory, new DataView(memory.buffer)]) {
        const write = (value: object) => codec.write(place, 0, value as never);
        for (let i = 0; i < 3000; i += 1) {
          write({ ...good, id: i & 255 });
          if (i % 100 !== 0) continue;
          const before = memory.slice();
          for (const path of [[], ['at'], ['list', 1]])
            assert.throws(() => write(withExtra({ ...good, id: 7 }, ...path)), /unknown field "extra"/);
          assert.throws(() => write({ ...good, id: 300 }), /s\.id: value is 300/);
          assert.deepEqual(memory, before);
          // Array-likes are looked at by other code.
          write({ ...good, list: { length: 2, 0: point, 1: point } });
          assert.throws(() => write({ ...good, list: { length: 2, 0: point, 1: { ...point, extra: 1 } } }), /extra/);
        }
      }
    });
  }

  it('do not hide behind a field that a class has as a getter', () => {
    class Player {
      readonly #x = 1;
      y = 2;
      get x(): number {
        return this.#x;
      }
    }
    const memory = new DataView(new ArrayBuffer(Point.byteLength));
    for (let i = 0; i < 5000; i += 1) Point.write(memory, 0, new Player());
    assert.throws(() => {
      for (let i = 0; i < SAMPLE; i += 1) Point.write(memory, 0, Object.assign(new Player(), { extra: 1 }));
    }, /unknown field "extra"/);
  });

  it('are looked for without a second read of anything', () => {
    const reads = new Map<string, number>();
    const counting = (value: unknown, path: string): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      return new Proxy(value, {
        get(target, key) {
          const inner: unknown = Reflect.get(target, key);
          if (typeof key === 'symbol' || key === 'length') return inner;
          const step = `${path}.${key}`;
          reads.set(step, (reads.get(step) ?? 0) + 1);
          return counting(inner, step);
        },
      });
    };
    for (const [name, codec, good] of shapes) {
      reads.clear();
      const memory = new DataView(new ArrayBuffer(codec.byteLength));
      for (let i = 0; i < 1000; i += 1) codec.write(memory, 0, counting(good, name) as never);
      // A union looks which of its members are given.
      const often = [...reads].filter(([, times]) => times !== 1000 && !name.endsWith('union'));
      assert.deepEqual(often, []);
      assert.ok(reads.size > 0);
    }
  });

  it('are none where a class has its fields as getters, or inherits what it does not have', () => {
    class Live {
      x = 1;
      get y(): number {
        return -1;
      }
    }
    const heir = Object.assign(Object.create({ inherited: 1 }) as object, point);
    const memory = new DataView(new ArrayBuffer(Point.byteLength));
    for (let i = 0; i < 1000; i += 1) {
      Point.write(memory, 0, new Live());
      Point.write(memory, 0, heir as typeof point);
    }
    assert.deepEqual(Point.read(memory), point);
  });
});
