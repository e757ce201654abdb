/** A codec of one's own that checks nothing may throw in the middle of a store: then no byte has changed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { allowCode } from '../../src/codec/code.ts';
import {
  anonymous,
  array,
  at,
  defineCodec,
  flexible,
  layout,
  section,
  struct,
  structClass,
  u8,
  u32,
  union,
} from '../../src/codec/index.ts';

const FILL = 0x11;

/** What any codec and live object here can do. */
interface Target {
  write(memory: Uint8Array, byteOffset: number, value: unknown): void;
  live(memory: Uint8Array, byteOffset: number): Record<string, unknown> & { assign(value: unknown): void };
}

interface List {
  [index: number]: unknown;
  get(index: number): unknown;
  set(index: unknown, value?: unknown): void;
  fill(value: unknown, start?: number, end?: number): void;
  toArray(): unknown;
}

class Unlucky extends Error {}

/** Stores first, then throws for some. */
const Odd = defineCodec<number>({
  name: 'odd',
  byteLength: 4,
  byteAlignment: 4,
  read: (view, offset) => view.getUint32(offset, true),
  write(view, offset, value) {
    view.setUint32(offset, value, true);
    if (value >= 13) throw new Unlucky();
  },
});

for (const code of [true, false]) {
  describe(`a store that throws, ${code ? 'with generated code' : 'without'}`, () => {
    before(() => allowCode(code));
    after(() => allowCode(true));

    /** `run` throws what Odd threw, and the bytes are as before, `head` among them. */
    function undone(
      what: string,
      head: readonly number[],
      run: (memory: Uint8Array, byteOffset: number) => void,
    ): void {
      for (const byteOffset of [0, 8, 5]) {
        const memory = new Uint8Array(160).fill(FILL);
        const view = new DataView(memory.buffer);
        head.forEach((word, i) => void view.setUint32(byteOffset + 4 * i, word, true));
        const expected = memory.slice();
        assert.throws(() => run(memory, byteOffset), Unlucky, `${what} at ${byteOffset}`);
        assert.deepEqual(memory, expected, `${what} at ${byteOffset}`);
      }
    }

    const as = (codec: unknown) => codec as Target;

    it('of a flexible array, alone, in its struct and in a struct around that', () => {
      const Pair = struct('pair', { a: u32, odd: Odd });
      const pairs = [1, 13, 3].map((odd) => ({ a: odd, odd }));
      for (const [F, it] of [
        [struct('f', { n: u32, it: flexible(Odd, 'n') }), [1, 13, 3]],
        [struct('f', { n: u32, it: flexible(Pair, 'n') }), pairs],
        [
          struct('f', { n: u32, it: flexible(array(Odd, 2), 'n') }),
          [
            [1, 2],
            [3, 13],
            [5, 6],
          ],
        ],
        [layout('f', 4, { n: at(0, u32), it: at(4, flexible(Odd, 'n')) }), [1, 2, 13]],
      ] as [unknown, unknown[]][]) {
        undone('write', [0], (memory, o) => as(F).write(memory, o, { n: 3, it }));
        undone('assign', [0], (memory, o) => as(F).live(memory, o).assign({ n: 3, it }));
        undone('it=', [3], (memory, o) => Reflect.set(as(F).live(memory, o), 'it', it));
        const Outer = as(struct('outer', { head: u32, inner: F as never }));
        undone('outer write', [0, 0], (memory, o) => Outer.write(memory, o, { head: 1, inner: { n: 3, it } }));
        undone('inner=', [0, 3], (memory, o) => Reflect.set(Outer.live(memory, o), 'inner', { n: 3, it }));
        undone('outer assign', [0, 3], (memory, o) => Outer.live(memory, o).assign({ head: 7, inner: { it } }));
      }
      const Free = as(flexible(Odd));
      undone('root', [], (memory, o) =>
        Free.write(
          memory,
          o,
          Array(Math.floor((160 - o) / 4))
            .fill(1)
            .with(-1, 13),
        ),
      );
    });

    it('of a section, and of what had been stored before it', () => {
      const place = { offset: 'at', stride: 'size', count: 'n' } as const;
      const head = { at: 24, size: 12, n: 3 };
      const H = as(struct('h', { at: u32, size: u32, n: u32, items: section(Odd, place) }));
      const was = [24, 12, 3];
      undone('write', [0, 0, 0], (memory, o) => H.write(memory, o, { ...head, items: [1, 13, 3] }));
      undone('assign', was, (memory, o) => H.live(memory, o).assign({ items: [1, 2, 13] }));
      undone('items=', was, (memory, o) => Reflect.set(H.live(memory, o), 'items', [1, 2, 13]));
      // The first list is stored by the time the second one throws.
      const Two = struct('two', {
        n: u32,
        it: flexible(Odd, 'n'),
        more: section(Odd, { offset: 40, count: 'n' }),
        words: section(u32, { offset: 60, count: 1 }),
      });
      const value = { n: 2, it: [1, 2], more: [3, 13], words: [9] };
      undone('two lists', [0], (memory, o) => as(Two).write(memory, o, value));
      undone('two lists, assigned', [2], (memory, o) =>
        as(Two)
          .live(memory, o)
          .assign({ it: [1, 2], more: [3, 13] }),
      );
      const Rows = as(
        struct('rows', { rows: array(struct('row', { k: u32, odds: section(Odd, { offset: 40, count: 2 }) }), 2) }),
      );
      const rows = [
        { k: 1, odds: [1, 2] },
        { k: 2, odds: [3, 13] },
      ];
      undone('sections of elements', [], (memory, o) => Rows.write(memory, o, { rows }));
      undone('set of such an element', [], (memory, o) => (Rows.live(memory, o).rows as List).set(1, rows[1]));
    });

    it('of a list that the undo of another list must not forget', () => {
      // Its elements stand in its own header: what was kept last is put back first.
      const H = as(struct('h', { a: u32, b: u32, items: section(Odd, { offset: 0, count: 2 }) }));
      undone('over the header', [], (memory, o) => H.write(memory, o, { a: 1, b: 2, items: [3, 13] }));
    });

    it('of any elements of a live array', () => {
      const Pair = struct('pair', { a: u32, odd: Odd });
      const Side = union('side', { a: u32, odd: Odd });
      const Named = struct('named', { a: u32, _: anonymous(struct('', { odd: Odd })) });
      class Thing extends structClass(struct('thing', { a: u32, odd: Odd })) {}
      const pair = (odd: number) => ({ a: 1, odd });
      for (const [element, make] of [
        [Odd, (odd: number) => odd],
        [Pair, pair],
        [Side, (odd: number) => ({ odd })],
        [Named, pair],
        [Thing, pair],
        [array(Odd, 2), (odd: number) => [1, odd]],
        [array(Pair, 2), (odd: number) => [pair(1), pair(odd)]],
        [layout('l', 12, { a: at(0, u8), odd: at(8, Odd) }), pair],
      ] as [never, (odd: number) => unknown][]) {
        const lists: [string, readonly number[], (memory: Uint8Array, o: number) => List][] = [
          ['root', [], (memory, o) => as(array(element, 3)).live(memory, o) as never],
          [
            'member',
            [],
            (memory, o) => as(struct('s', { x: u8, list: array(element, 3) })).live(memory, o).list as List,
          ],
          [
            'flexible',
            [3],
            (memory, o) => as(struct('f', { n: u32, it: flexible(element, 'n') })).live(memory, o).it as List,
          ],
          [
            'section',
            [12, 20, 3],
            (memory, o) => {
              const place = { offset: 'at', stride: 'size', count: 'n' } as const;
              return as(struct('h', { at: u32, size: u32, n: u32, it: section(element, place) })).live(memory, o)
                .it as List;
            },
          ],
        ];
        for (const [name, head, listOf] of lists) {
          const what = (method: string) => `${method} of ${name} of ${(element as { name: string }).name}`;
          undone(what('set'), head, (memory, o) => listOf(memory, o).set(2, make(13)));
          undone(what('[]='), head, (memory, o) => Reflect.set(listOf(memory, o), 1, make(14)));
          undone(what('fill'), head, (memory, o) => listOf(memory, o).fill(make(13), 1));
          undone(what('set of a list'), head, (memory, o) => listOf(memory, o).set([make(1), make(13)], 1));
        }
      }
    });

    it('leaves alone what others store between the elements of a section meanwhile', () => {
      let other: (() => void) | undefined;
      const Slow = defineCodec<number>({
        name: 'slow',
        byteLength: 4,
        read: (view, offset) => view.getUint32(offset, true),
        write(view, offset, value) {
          view.setUint32(offset, value, true);
          other?.();
          if (value >= 13) throw new Unlucky();
        },
      });
      const H = as(struct('h', { items: section(Slow, { offset: 0, stride: 8, count: 3 }) }));
      const memory = new Uint8Array(24).fill(FILL);
      const expected = memory.slice();
      for (const at of [4, 15, 20]) expected[at] = 0x77;
      for (const run of [
        () => H.write(memory, 0, { items: [1, 2, 13] }),
        () => (H.live(memory, 0).items as List).set([1, 2, 13]),
      ]) {
        memory.fill(FILL);
        other = () => {
          for (const at of [4, 15, 20]) memory[at] = 0x77;
        };
        assert.throws(run, Unlucky);
        assert.deepEqual(memory, expected);
      }
    });

    it('inside another store puts back its own bytes alone', () => {
      const Inner = struct('inner', { n: u32, it: flexible(Odd, 'n') });
      const log = new Uint8Array(16).fill(FILL);
      /** Writes down elsewhere what it stores; of what it cannot write down nothing is left there. */
      const Logged = defineCodec<number>({
        name: 'logged',
        byteLength: 4,
        read: (view, offset) => view.getUint32(offset, true),
        write(view, offset, value) {
          view.setUint32(offset, value, true);
          if (value === 99) throw new Unlucky();
          try {
            Inner.write(log, 0, { n: 2, it: [5, value] });
          } catch (error) {
            if (!(error instanceof Unlucky)) throw error;
          }
        },
      });
      const List = struct('list', { n: u32, it: flexible(Logged, 'n') });
      const memory = new Uint8Array(32).fill(FILL);
      List.write(memory, 0, { n: 2, it: [3, 20] });
      assert.deepEqual(List.read(memory), { n: 2, it: [3, 20] });
      assert.deepEqual(Inner.read(log), { n: 2, it: [5, 3] }, 'the second was undone');
      const before = memory.slice();
      assert.throws(() => List.write(memory, 0, { n: 3, it: [7, 20, 99] }), Unlucky);
      assert.deepEqual(memory, before);
      assert.deepEqual(Inner.read(log), { n: 2, it: [5, 7] }, 'the log is not of that value');
    });

    it('into memory that is gone by then says why it threw', () => {
      const buffer = new ArrayBuffer(32);
      const Taker = defineCodec<number>({
        name: 'taker',
        byteLength: 4,
        read: () => 0,
        write() {
          structuredClone(buffer, { transfer: [buffer] });
          throw new Unlucky();
        },
      });
      const list = as(array(Taker, 2)).live(new Uint8Array(buffer), 0) as unknown as List;
      assert.throws(() => list.set(1, 5), Unlucky);
    });

    it('does nothing to those that do not throw', () => {
      const F = struct('f', { n: u32, it: flexible(Odd, 'n') });
      const memory = new Uint8Array(16);
      F.write(memory, 0, { n: 3, it: [1, 2, 3] });
      const { it } = F.live(memory) as unknown as { it: List };
      it.set(0, 9);
      it.fill(8, 2);
      assert.throws(() => it.set(1, 13), Unlucky);
      assert.deepEqual(F.read(memory), { n: 3, it: [9, 2, 8] });
    });
  });
}
