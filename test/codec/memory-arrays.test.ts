/** Arrays of numbers that no typed array can stand over take their arguments as typed arrays do. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { allowCode } from '../../src/codec/code.ts';
import { array, flexible, i32, type MemoryArray, struct, u8, u32 } from '../../src/codec/index.ts';

const LENGTH = 5;
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

const INDICES: unknown[] = [
  ...[0, 1, 2, 4, 5, 6, 100, -0, -1, -2, -5, -6, -100],
  ...[0.5, 1.7, 2.9, 4.5, 5.5, -0.5, -1.5, -4.9, -5.5, 1e-300, 2 ** 31, 2 ** 32 + 1, -(2 ** 32), 2 ** 53],
  ...[nan, infinity, -infinity, undefined, null, '2', 'x', '', true, [3], {}],
];

for (const code of [true, false]) {
  describe(`a live array without a typed array, ${code ? 'with generated code' : 'without'}`, () => {
    before(() => allowCode(code));
    after(() => allowCode(true));

    let made: [string, MemoryArray<number>][];
    before(() => {
      const S = struct('s', { x: u8, list: array(i32, LENGTH) }, { pack: 1 });
      const F = struct('f', { n: u32, list: flexible(i32, 'n') });
      const f = new Uint8Array(64);
      F.write(f, 0, { n: LENGTH, list: Array(LENGTH).fill(0) });
      made = [
        ['an array', S.live(new Uint8Array(64)).list as MemoryArray<number>],
        ['a flexible array', F.live(f).list as unknown as MemoryArray<number>],
      ];
    });
    /** Live arrays that are no typed arrays, with the numbers 10 to 14. */
    const lists = () => {
      for (const [, list] of made) {
        assert.ok(!ArrayBuffer.isView(list));
        for (let i = 0; i < LENGTH; i += 1) list.set(i, 10 + i);
      }
      return made;
    };
    const real = () => Int32Array.from({ length: LENGTH }, (_, i) => 10 + i);
    const shown = (...args: unknown[]) =>
      args.map((arg) => (typeof arg === 'string' ? `'${arg}'` : String(arg))).join();

    it('fills from and to where a typed array does', () => {
      for (const start of INDICES) {
        for (const end of INDICES) {
          // V8 forgets the end where the start is undefined; ECMA-262 does not.
          const expected = Array.from(real().fill(7, (start === undefined ? 0 : start) as number, end as number));
          for (const [name, list] of lists()) {
            assert.equal(list.fill(7, start as number, end as number), list);
            assert.deepEqual(list.toArray(), expected, `${name}.fill(7,${shown(start, end)})`);
          }
        }
      }
      for (const [name, list] of lists()) {
        assert.deepEqual(list.fill(7, 0.5).toArray(), [7, 7, 7, 7, 7], name);
        assert.deepEqual(list.fill(8, 1.7, 2.9).toArray(), [7, 8, 7, 7, 7], name);
        assert.deepEqual(list.fill(9).toArray(), [9, 9, 9, 9, 9], name);
        assert.throws(() => list.fill(7, 1n as never), TypeError);
        assert.throws(() => real().fill(7, 1n as never), TypeError);
      }
    });

    it('counts as a typed array does', () => {
      for (const index of INDICES) {
        const expected = real().at(index as number);
        for (const [name, list] of lists())
          assert.equal(list.at(index as number), expected, `${name}.at(${shown(index)})`);
      }
    });

    it('stores a list where a typed array does, and refuses what that refuses', () => {
      for (const index of INDICES) {
        for (const source of [[], [1], [1, 2, 3], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]]) {
          const expected = real();
          let refused = false;
          try {
            expected.set(source, index as number);
          } catch (error) {
            assert.ok(error instanceof RangeError);
            refused = true;
          }
          for (const [name, list] of lists()) {
            const what = `${name}.set([${source}],${shown(index)})`;
            const run = () => list.set(source, index as number);
            if (refused) assert.throws(run, { name: 'RangeError', message: /^Cannot write .* its length is 5$/ }, what);
            else run();
            assert.deepEqual(list.toArray(), Array.from(expected), what);
          }
        }
      }
    });
  });
}
