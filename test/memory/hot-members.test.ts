/** Every member in a loop that the optimiser has compiled, closed in its middle: TypeErrors or empty arrays from there on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, atomic, char, i32, MappedView, struct, u32 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';

const Pair = struct('pair', { a: i32, b: array(i32, 4), n: atomic(u32), s: char(8) });
type View = MappedView<'readwrite'>;

/** What is made once from a view, and used in the loop. */
const uses: Record<string, (view: View) => (i: number) => unknown> = {
  dataView: (view) => (i) => view.dataView().getInt8(i & 63),
  typedArray: (view) => (i) => view.typedArray(Int32Array, 0, 4).fill(i),
  bytes: (view) => (i) => view.bytes().fill(i & 255, 0, 8),
  read: (view) => () => view.read(Pair).a,
  write: (view) => (i) => view.write(i32, 4, i),
  live: (view) => (i) => {
    view.live(Pair).a = i;
  },
  'a live array': (view) => {
    const { b } = view.live(Pair);
    return (i) => b.set([i], i & 3);
  },
  'a live atomic': (view) => {
    const { n } = view.live(Pair);
    return () => n.add(1);
  },
  'a live string': (view) => {
    const live = view.live(Pair);
    return () => live.s.length;
  },
  toBytes: (view) => (i) => view.toBytes({ byteOffset: i & 63, byteLength: 1 }),
  subview: (view) => (i) => view.subview(i & 63, 1).dataView(),
  'a subview': (view) => {
    const part = view.subview(8, 8);
    return (i) => part.dataView().setInt8(i & 7, 1);
  },
  fill: (view) => (i) => view.fill(i & 255, { byteLength: 16 }),
  copyFrom: (view) => {
    const bytes = new Uint8Array(16);
    return () => view.copyFrom(bytes);
  },
  copyTo: (view) => {
    const bytes = new Uint8Array(16);
    return () => view.copyTo(bytes);
  },
  DataView: (view) => {
    const data = view.dataView();
    return (i) => {
      data.setFloat64((i & 7) * 8, i);
      return data.getBigInt64((i & 7) * 8);
    };
  },
  Atomics: (view) => {
    const words = view.typedArray(BigInt64Array);
    return (i) => Atomics.exchange(words, i & 7, 1n);
  },
  'the loops of arrays': (view) => {
    const words = view.typedArray(Float32Array);
    return (i) => {
      words.fill(i, 0, 4);
      words.subarray(0, 2).reverse();
      let sum = 0;
      for (const word of words) sum += word;
      if (words.length === 0) throw new TypeError('empty');
      return sum;
    };
  },
};

describe('close() in the middle of a hot loop', () => {
  for (const [member, make] of Object.entries(uses)) {
    it(`of ${member}`, () => {
      const loop = (use: (i: number) => unknown, rounds: number, stop: () => void): number => {
        for (let i = 0; i < rounds; i++) {
          if (i === rounds >> 1) stop();
          use(i);
        }
        return rounds;
      };
      const view = MappedView.create(uniqueName(), 64);
      const use = make(view);
      for (let i = 0; i < 3; i++) loop(use, 4000, () => {});
      assert.throws(() => loop(use, 4000, () => view.close()), TypeError);
    });
  }

  it('of a reader', () => {
    const view = MappedView.create(uniqueName(), 64);
    const loop = (closeAt: number) => {
      const reader = MappedView.open(view.name);
      const data = reader.dataView();
      let sum = 0;
      try {
        for (let i = 0; i < 4000; i++) {
          if (i === closeAt) reader.close();
          sum += data.getUint16(i & 31);
        }
      } finally {
        reader.close();
      }
      return sum;
    };
    for (let i = 0; i < 3; i++) assert.equal(loop(-1), 0);
    assert.throws(() => loop(2000), TypeError);
    view.close();
  });
});
