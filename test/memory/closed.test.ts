import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MappedView, struct, u32 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';

const Pair = struct('pair', { a: u32, b: u32 });

/** Long enough for the optimiser to have compiled a loop. */
const HOT = 200_000;

describe('after close()', () => {
  it('every method throws ERR_CLOSED, a second close() does nothing', () => {
    const view = MappedView.create(uniqueName(), 64);
    view.close();
    view.close();
    view[Symbol.dispose]();
    const closed = { name: 'TypeError', code: 'ERR_CLOSED' };
    for (const use of [
      () => view.dataView(),
      () => view.bytes(),
      () => view.typedArray(Int32Array),
      () => view.toBytes(),
      () => view.subview(0),
      () => view.fill(0),
      () => view.copyTo(new Uint8Array(1)),
      () => view.copyFrom(new Uint8Array(1)),
      () => view.flushSync(),
      () => view.advise({}, 'normal'),
      () => view.prefetch(),
      () => view.lockPages(),
      () => view.unlockPages(),
      () => view.resize(1),
      () => view.verify(),
      () => view.read(Pair),
      () => view.write(u32, 0, 1),
      () => view.live(Pair),
    ]) {
      assert.throws(use, closed, String(use));
    }
    assert.deepEqual([view.closed, view.byteLength, view.created], [true, 64, true]);
  });

  it('DataViews, typed arrays, Atomics and live objects are empty', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 64);
    const reader = MappedView.open(name);
    const [data, words, bytes, live] = [view.dataView(), view.typedArray(Int32Array), view.bytes(), view.live(Pair)];
    const [reading, readingLive] = [reader.dataView(), reader.live(Pair)];
    const part = view.subview(8).bytes();
    view.close();
    reader.close();
    assert.throws(() => data.getInt8(0), TypeError);
    assert.throws(() => data.setInt8(0, 1), TypeError);
    assert.throws(() => reading.getInt8(0), TypeError);
    assert.throws(() => Atomics.load(words, 0), TypeError);
    assert.throws(() => Atomics.add(words, 0, 1), TypeError);
    assert.throws(() => bytes.set([1]), { name: /TypeError|RangeError/ });
    assert.throws(() => live.a, TypeError);
    assert.throws(() => {
      live.a = 1;
    }, TypeError);
    assert.throws(() => readingLive.a, TypeError);
    assert.deepEqual(
      [words.length, bytes.length, part.length, words[0], bytes.buffer.byteLength],
      [0, 0, 0, undefined, 0],
    );
    bytes[0] = 1;
    assert.equal(bytes[0], undefined);
  });

  it('optimised loops over a DataView throw in the middle', () => {
    const view = MappedView.create(uniqueName(), 4096);
    const data = view.dataView();
    const spin = (rounds: number, closeAt: number): number => {
      let sum = 0;
      for (let i = 0; i < rounds; i++) {
        if (i === closeAt) view.close();
        data.setInt32((i & 511) << 2, i, true);
        sum += data.getInt32((i & 511) << 2, true);
      }
      return sum;
    };
    for (let i = 0; i < 5; i++) spin(HOT, -1);
    assert.throws(() => spin(HOT, HOT / 2), TypeError);
  });

  it('optimised loops over a typed array see nothing any more', () => {
    const view = MappedView.create(uniqueName(), 4096);
    const words = view.typedArray(Int32Array);
    words.fill(1);
    const spin = (rounds: number, closeAt: number): number => {
      let seen = 0;
      for (let i = 0; i < rounds; i++) {
        if (i === closeAt) view.close();
        words[i & 1023] = 1;
        if (words[i & 1023] === 1) seen++;
      }
      return seen;
    };
    for (let i = 0; i < 5; i++) assert.equal(spin(HOT, -1), HOT);
    assert.equal(spin(HOT, HOT / 2), HOT / 2);
  });

  it('optimised Atomics throw in the middle', () => {
    const view = MappedView.create(uniqueName(), 4096);
    const words = view.typedArray(Int32Array);
    const spin = (rounds: number, closeAt: number): void => {
      for (let i = 0; i < rounds; i++) {
        if (i === closeAt) view.close();
        Atomics.add(words, i & 1023, 1);
        Atomics.compareExchange(words, 0, i, 0);
      }
    };
    for (let i = 0; i < 5; i++) spin(HOT, -1);
    assert.throws(() => spin(HOT, HOT / 2), TypeError);
  });

  it('optimised live objects throw in the middle', () => {
    const view = MappedView.create(uniqueName(), 4096);
    const live = view.live(Pair);
    const spin = (rounds: number, closeAt: number): number => {
      let sum = 0;
      for (let i = 0; i < rounds; i++) {
        if (i === closeAt) view.close();
        live.a = i;
        sum += live.a;
      }
      return sum;
    };
    for (let i = 0; i < 5; i++) spin(HOT, -1);
    assert.throws(() => spin(HOT, HOT / 2), TypeError);
  });

  it('many views opened and closed in a hot loop stay empty', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 64);
    const use = (data: { getInt32(byteOffset: number): number }) => data.getInt32(0);
    for (let i = 0; i < 2000; i++) {
      const other = MappedView.open(name);
      const data = other.dataView();
      assert.equal(use(data), 0);
      other.close();
      assert.throws(() => use(data), TypeError);
    }
    view.close();
  });
});
