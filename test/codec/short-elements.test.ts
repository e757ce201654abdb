import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { allowCode } from '../../src/codec/code.ts';
import {
  type AnyCodec,
  anonymous,
  array,
  atomic,
  bits,
  bytes,
  char,
  defineCodec,
  enumeration,
  f64,
  flexible,
  i32,
  section,
  struct,
  structClass,
  u8,
  u16,
  u32,
  union,
} from '../../src/codec/index.ts';
import { readOnly } from './support/read-only.ts';

/** As JavaScript without types sees it. */
// biome-ignore lint/suspicious/noExplicitAny: what the tests do, the types refuse
type Any = any;

/** A header whose two elements have `stride` bytes, in memory that is not zero behind it. */
function elementsOf(element: AnyCodec, stride: number, fill = 7) {
  const H = struct('h', { n: u32, items: section(element, { offset: 4, stride, count: 'n' }) });
  const memory = new Uint8Array(4 + 2 * stride).fill(fill);
  memory.set([2, 0, 0, 0]);
  const before = memory.slice();
  return {
    memory,
    read: () => H.read(memory).items as Any[],
    write: (items: unknown) => H.write(memory, 0, { n: 2, items } as never),
    live: (H.live(memory) as Any).items,
    sealed: (H.live(readOnly(memory)) as Any).items,
    unchanged: () => assert.deepEqual(memory, before),
  };
}

for (const code of [true, false]) {
  describe(`elements shorter than the struct known here, ${code ? 'by generated code' : 'by closures'}`, () => {
    before(() => allowCode(code));
    after(() => allowCode(true));

    it('may lack anonymous members', () => {
      const deep = struct('x', { extra: u32, _: anonymous(struct('y', { deep: u16 })) });
      for (const [record, zeros, given] of [
        [struct('x', { extra: u32 }), { extra: 0 }, { extra: 1 }],
        [union('x', { extra: u32, other: u8 }), { extra: 0, other: 0 }, { other: 1 }],
        [deep, { extra: 0, deep: 0 }, { deep: 1 }],
        [union('x', { a: u32, _: anonymous(deep) }), { a: 0, extra: 0, deep: 0 }, { deep: 1 }],
      ] as const) {
        const { read, live, sealed, write, unchanged } = elementsOf(
          struct('item', { id: u8, an: anonymous(record as Any) }),
          1,
        );
        const expected = { id: 7, ...zeros };
        assert.deepEqual(read(), [expected, expected]);
        const item = live.get(0);
        assert.deepEqual(item.snapshot(), expected);
        assert.deepEqual(sealed.get(1).snapshot(), expected);
        for (const key of Object.keys(zeros)) assert.equal(item[key], 0);
        const [key] = Object.keys(given) as [string];
        const said = new RegExp(
          `RangeError: Cannot write h\\.items\\[0\\]\\.${key}: value is 1, expected nothing: the publisher's elements have 1 bytes and lack this member`,
        );
        assert.throws(() => Object.assign(item, given), said);
        assert.throws(() => item.assign(given), said);
        assert.throws(() => live.set(0, { id: 1, ...given }), said);
        assert.throws(() => write([expected, expected]), /the header says 1/);
        assert.throws(() => Object.assign(sealed.get(0), given), { code: 'ERR_READ_ONLY' });
        unchanged();
        item.assign({ id: 8 });
        live.set(1, { id: 9 });
        assert.deepEqual(read(), [
          { id: 8, ...zeros },
          { id: 9, ...zeros },
        ]);
      }
    });

    it('may end inside anonymous members', () => {
      const Item = struct('item', {
        id: u8,
        _: anonymous(struct('x', { near: u8, __: anonymous(union('y', { byte: u8, word: u16 })) })),
      });
      const { read, live } = elementsOf(Item, 3);
      assert.deepEqual(read()[0], { id: 7, near: 7, byte: 0, word: 0 });
      live.get(0).near = 1;
      assert.throws(() => {
        live.get(0).byte = 1;
      }, /h\.items\[0\]\.byte: .*have 3 bytes/);
      const { live: cut } = elementsOf(
        struct('item', { id: u8, _: anonymous(union('y', { byte: u8, word: u16 })) }),
        3,
      );
      cut.get(0).assign({ byte: 5 });
      assert.deepEqual(cut.get(0).snapshot(), { id: 7, byte: 5, word: 0 });
    });

    it('are objects of their class', () => {
      const V = struct('v', { x: u16, y: u16 });
      class Point extends structClass('point', { px: u8, py: u8 }) {
        sum() {
          return this.px + this.py;
        }
      }
      class It extends structClass('it', { id: u8, p: Point, v: V, last: Point, na: array(u16, 2), far: Point }) {
        hello() {
          return `hello ${this.id} ${this.v.x} ${this.v.y} ${this.na.length}`;
        }
        override snapshot() {
          return { ...super.snapshot(), seen: true };
        }
        override assign(partial: Parameters<InstanceType<ReturnType<typeof plain>>['assign']>[0]) {
          super.assign({ ...partial, id: 1 });
        }
      }
      const plain = () => structClass('it', { id: u8, p: Point, v: V, last: Point, na: array(u16, 2), far: Point });
      const { live, sealed, memory } = elementsOf(It, 7, 0);
      memory.set([7, 1, 2, 0, 3, 0, 9], 4);
      for (const items of [live, sealed]) {
        const item = items.get(0);
        assert.ok(item instanceof It);
        assert.equal(Object.getPrototypeOf(item), It.prototype);
        assert.equal(item.hello(), 'hello 7 3 0 2');
        assert.ok(item.p instanceof Point && item.far instanceof Point);
        assert.deepEqual([item.p.sum(), item.far.sum()], [3, 0]);
        const { seen, ...rest } = item.snapshot() as Any;
        const zero = { px: 0, py: 0 };
        const whole = { id: 7, p: { px: 1, py: 2 }, v: { x: 3, y: 0 }, last: zero, na: [0, 0], far: zero };
        assert.deepEqual([seen, rest], [true, whole]);
        assert.deepEqual(items.toArray()[0], whole);
        assert.deepEqual(JSON.parse(JSON.stringify(item)), { ...whole, seen: true });
        assert.match(inspect(item), /^it \{.*seen: true/s);
        assert.equal(items.get(0), item);
      }
      const item = live.get(0);
      const held = memory.slice();
      const lacks =
        /RangeError: Cannot write h\.items\[0\]\.(v\.y|na\[1\]|far\.px|far|na): .*have 7 bytes and lack this/;
      for (const store of [
        () => (item.v.y = 1),
        () => (item.na[1] = 1),
        () => (item.na = [1, 2]),
        () => (item.far.px = 1),
        () => (item.far = { px: 1, py: 1 }),
        () => item.assign({ far: { px: 1 } }),
        () => item.assign({ na: [1, 2] }),
      ]) {
        assert.throws(store, lacks);
      }
      for (const store of [
        () => (sealed.get(0).v.y = 1),
        () => (sealed.get(0).far.px = 1),
        () => (sealed.get(0).id = 1),
      ])
        assert.throws(store, { code: 'ERR_READ_ONLY' });
      assert.deepEqual(memory, held);
      item.p.px = 5;
      item.assign({ v: { x: 4 } });
      assert.deepEqual([...memory.subarray(4, 11)], [1, 5, 2, 0, 4, 0, 9]);
      // Whole ones of the class are as before, beside those and shorter ones.
      const whole = elementsOf(It, It.byteLength, 1);
      assert.deepEqual(whole.live.get(1).snapshot(), { ...whole.read()[1], seen: true });
      whole.live.get(1).na[1] = 300;
      whole.live.get(1).far = { px: 8, py: 9 };
      whole.live.get(1).assign({ last: { py: 6 } });
      assert.deepEqual((({ na, far, last }) => ({ na, far, last }))(whole.read()[1]), {
        na: [257, 300],
        far: { px: 8, py: 9 },
        last: { px: 1, py: 6 },
      });
      assert.throws(() => (whole.sealed.get(1).far = { px: 8, py: 9 }), { code: 'ERR_READ_ONLY' });
      const shorter = elementsOf(It, 1, 0).live.get(0);
      assert.ok(shorter instanceof It && shorter.v.x === 0 && item.v.x === 4);
      assert.throws(() => It.prototype.na, TypeError);
    });

    it('are objects of their class to its own accessors too', () => {
      class Own extends structClass('own', { id: u8, name: char(4) }) {}
      Object.defineProperty(Own.prototype, 'name', {
        get() {
          return `<${Reflect.get(Object.getPrototypeOf(Own.prototype) as object, 'name', this)}>`;
        },
      });
      assert.deepEqual(
        [elementsOf(Own, 5, 65), elementsOf(Own, 3, 65)].map(({ live }) => live.get(0).name),
        ['<AAAA>', '<>'],
      );
    });

    it('say what they lack, whatever stores', () => {
      const V = struct('v', { x: u8 });
      const Item = struct('item', {
        id: u8,
        nested: struct('nested', { near: u32, far: u32, inner: struct('inner', { z: u8 }) }),
        na: array(u16, 2),
        grid: array(u8, 2, 2),
        vs: array(V, 2),
        by: bytes(3),
        at: atomic(u32),
        ats: array(atomic(i32), 2),
        names: array(char(2), 2),
        flag: bits(u8, 3),
        either: union('either', { a: u8, b: f64 }),
      });
      const { live, sealed, unchanged } = elementsOf(Item, 9);
      const stores: [string, (item: Any) => unknown][] = [
        ['nested.far', (item) => (item.nested.far = 1)],
        ['nested.far', (item) => item.nested.assign({ far: 1 })],
        ['nested.far', (item) => item.assign({ nested: { far: 1 } })],
        ['nested.far', (item) => (item.nested = { near: 1, far: 1, inner: { z: 1 } })],
        ['nested.inner.z', (item) => (item.nested.inner.z = 1)],
        ['nested.inner', (item) => (item.nested.inner = { z: 1 })],
        ['na[0]', (item) => (item.na[0] = 1)],
        ['na[1]', (item) => item.na.set(1, 1)],
        ['na[0]', (item) => item.na.set([1, 2])],
        ['na[0]', (item) => item.na.fill(1)],
        ['na', (item) => (item.na = [1, 2])],
        ['na', (item) => item.assign({ na: [1, 2] })],
        ['grid[1][0]', (item) => item.grid.get(1).set(0, 1)],
        ['vs[1].x', (item) => (item.vs.get(1).x = 1)],
        ['vs[1].x', (item) => item.vs.get(1).assign({ x: 1 })],
        ['vs[0]', (item) => item.vs.set(0, { x: 1 })],
        ['by[0]', (item) => (item.by[0] = 1)],
        ['by', (item) => (item.by = [1])],
        ['at', (item) => item.at.store(1)],
        ['at', (item) => item.at.add(1)],
        ['at', (item) => item.at.compareExchange(0, 1)],
        ['ats[1]', (item) => item.ats.get(1).store(1)],
        ['names[1]', (item) => item.names.set(1, 'a')],
        ['flag', (item) => (item.flag = 1)],
        ['either.b', (item) => (item.either.b = 1)],
        ['either', (item) => (item.either = { a: 1 })],
      ];
      for (const [path, store] of stores) {
        assert.throws(
          () => store(live.get(1)),
          (error: Error) => {
            assert.ok(error instanceof RangeError, `${path}: ${error}`);
            assert.ok(error.message.startsWith(`Cannot write h.items[1].${path}: `), error.message);
            assert.match(error.message, /the publisher's elements have 9 bytes and lack this member$/);
            return true;
          },
        );
        assert.throws(() => store(sealed.get(1)), { code: 'ERR_READ_ONLY' });
      }
      unchanged();
      const { id, nested, na, grid, vs, by, at, ats, names, flag, either } = live.get(1);
      assert.deepEqual([id, nested.near, nested.far, nested.inner.z], [7, 0x07070707, 0, 0]);
      assert.deepEqual(
        [...na, ...grid.get(1), vs.get(1).x, ...by, at.load(), ats.get(1).load(), flag],
        Array(11).fill(0),
      );
      assert.deepEqual([[...names], either.snapshot()], [['', ''], { a: 0, b: 0 }]);
      assert.ok(live.get(1).vs.get(1) === vs.get(1));
    });

    it('may lack the fields that a list inside goes by', () => {
      const Item = struct('item', { id: u8, n: u32, list: section(u8, { offset: 0, count: 'n' }) });
      const { read, live, unchanged } = elementsOf(Item, 2);
      assert.deepEqual(read()[0], { id: 7, n: 0, list: [] });
      assert.equal(live.get(0).list.length, 0);
      unchanged();
      const { read: counted, live: lists } = elementsOf(struct('item', { n: u8, x: u32, list: flexible(u8, 'n') }), 2);
      assert.deepEqual(counted()[0], { n: 7, x: 0, list: [] });
      assert.deepEqual([...lists.get(0).list], []);
    });

    it('cannot be read where zero is no value of what they lack', () => {
      const Mode = enumeration(u8, { on: 1, off: 2 }, { unknown: 'error' });
      const said = (path: string, why: string) =>
        new RegExp(
          `RangeError: Cannot read ${path}: the publisher's elements have 1 bytes and lack this member, which would read as 0: give its codec a value for 0 \\(.*${why}`,
        );
      const zero = 'value is 0, expected one of on, off';
      const Odd = defineCodec<number>({
        name: 'odd',
        byteLength: 1,
        read(view, at) {
          if (view.getUint8(at) % 2 === 0) throw new Error('even');
          return 1;
        },
        write: () => undefined,
      });
      for (const [codec, path, why, part, partPath = path] of [
        [Mode, 'item\\.m', zero, (m: Any) => m],
        [bits(Mode, 2), 'item\\.m', zero, (m: Any) => m],
        [struct('inner', { mode: Mode }), 'item\\.m\\.mode', zero, (m: Any) => m.mode],
        [array(Mode, 2), 'item\\.m', zero, (m: Any) => m.toArray(), 'item\\.m\\[\\]'],
        [array(Mode, 2), 'item\\.m', zero, (m: Any) => m.get(1), 'item\\.m\\[\\]'],
        [Odd, 'item\\.m', 'even', (m: Any) => m],
      ] as const) {
        const { read, live } = elementsOf(struct('item', { id: u8, m: codec as AnyCodec }), 1);
        assert.throws(read, said(path, why));
        assert.throws(() => part(live.get(0).m), said(partPath, why));
        assert.equal(live.get(0).id, 7);
      }
      for (const Loose of [enumeration(u8, { on: 1 }), enumeration(u8, { none: 0 }, { unknown: 'error' })])
        assert.ok(elementsOf(struct('item', { id: u8, m: Loose }), 1).read()[0].m in { 0: 1, none: 1 });
    });
  });
}
