import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { allowCode } from '../../src/codec/code.ts';
import {
  type AtomicCell,
  array,
  atomic,
  codecFromTable,
  i32,
  type LiveArray,
  layoutTable,
  struct,
  u8,
  u32,
} from '../../src/codec/index.ts';
import { readOnly } from './support/read-only.ts';

for (const code of [true, false]) {
  describe(`arrays of atomics, ${code ? 'by generated code' : 'by closures'}`, () => {
    before(() => allowCode(code));
    after(() => allowCode(true));

    const make = () =>
      struct('stats', { kind: u8, hits: array(atomic(u32), 3), grid: array(atomic(i32), 2, 2), more: u8 });
    const value = {
      kind: 1,
      hits: [1, 2, 2 ** 32 - 1],
      grid: [
        [-1, 2],
        [3, -4],
      ],
      more: 5,
    };

    it('are made of cells', () => {
      const Stats = make();
      const memory = new Uint8Array(Stats.byteLength);
      const { hits, grid } = Stats.live(memory);
      assert.equal(hits.length, 3);
      assert.equal(ArrayBuffer.isView(hits), false);
      assert.equal(hits[1]!.add(5), 0);
      assert.equal(hits.at(-2)!.compareExchange(5, 9), 5);
      assert.equal(hits.get(1)!.load(), 9);
      assert.equal(hits.get(1), hits[1]);
      assert.equal(hits.get(3), undefined);
      assert.deepEqual(
        [...hits].map((cell) => cell.load()),
        [0, 9, 0],
      );
      grid[1]![0]!.sub(1);
      assert.equal(new DataView(memory.buffer).getInt32(Stats.offsetOf('grid[1][0]'), true), -1);
      assert.equal(new DataView(memory.buffer).getUint32(Stats.offsetOf('hits[1]'), true), 9);
      assert.throws(() => hits[2]!.store(-1), /RangeError: Cannot write stats\.hits\[2\]/);
      const alone = array(atomic(u32), 2).live(new Uint8Array(8));
      alone[1]!.or(6);
      assert.deepEqual(alone.toArray(), [0, 6]);
    });

    it('are plain numbers to read, write, snapshot and print', () => {
      const Stats = make();
      const memory = new Uint8Array(Stats.byteLength);
      Stats.write(memory, 0, value);
      assert.deepEqual(Stats.read(memory), value);
      const live = Stats.live(memory);
      assert.deepEqual(live.snapshot(), value);
      assert.deepEqual(JSON.parse(JSON.stringify(live)), value);
      assert.deepEqual(JSON.parse(JSON.stringify(live.hits)), value.hits);
      assert.match(inspect(live.hits), /\[ 1, 2, 4294967295 \]/);
      assert.deepEqual(live.hits.toArray(), value.hits);
      live.hits.set(0, 7);
      assert.equal(live.hits[0]!.load(), 7);
      live.assign({ hits: Uint32Array.of(4, 5, 6) });
      assert.deepEqual(live.hits.toArray(), [4, 5, 6]);
      assert.throws(() => live.assign({ hits: [1, 2, -3] }), /RangeError: Cannot write stats\.hits\[2\]/);
      assert.deepEqual(live.hits.toArray(), [4, 5, 6]);
    });

    it('cannot be written over read-only memory', () => {
      const Stats = make();
      const memory = new Uint8Array(Stats.byteLength);
      Stats.write(memory, 0, value);
      const bytes = memory.slice();
      const { hits, grid } = Stats.live(readOnly(memory));
      assert.equal(hits[2]!.load(), 2 ** 32 - 1);
      for (const store of [
        () => hits[0]!.add(1),
        () => hits[0]!.store(1),
        () => hits[0]!.exchange(1),
        () => hits[0]!.compareExchange(0, 0),
        () => hits.set(0, 1),
        () => Reflect.set(hits, 0, 1),
        () => grid[0]![1]!.xor(1),
        () => grid[0]!.set(0, 1),
      ])
        assert.throws(store, { code: 'ERR_READ_ONLY' });
      assert.deepEqual(memory, bytes);
    });

    it('say where a cell cannot be atomic, and still read there', () => {
      const Stats = make();
      const live = Stats.live(new Uint8Array(Stats.byteLength + 1), 1);
      assert.throws(() => live.hits[1], /RangeError: Cannot use stats\.hits\[1\] atomically: .*a multiple of 4/);
      assert.deepEqual(live.hits.toArray(), [0, 0, 0]);
    });

    it('are the same to whoever knows the layout only', () => {
      const Described = codecFromTable(layoutTable(make()));
      const { hits } = Described.live(new Uint8Array(Described.byteLength)) as {
        hits: LiveArray<AtomicCell, number, number>;
      };
      assert.equal(hits[0]!.exchange(3), 0);
      assert.deepEqual(hits.toArray(), [3, 0, 0]);
    });
  });
}
