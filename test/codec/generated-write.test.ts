import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  array,
  atomic,
  bool8,
  char,
  f32,
  f64,
  i8,
  i16,
  layout,
  at as placed,
  struct,
  u8,
  u16,
  u32,
} from '../../src/codec/index.ts';

/** Past the first writes, which go the slow way. */
const MANY = 300;

describe('generated writes', () => {
  const S = struct('s', {
    name: char(7),
    list: array(i16, 3),
    more: array(i16, 9),
    a: i8,
    b: u8,
    c: bool8,
    d: u8,
    e: u16,
    f: f64,
    tail: u8,
  });
  const value = (name: string, n: number) => {
    return {
      name,
      list: [n, -1 - n, n + 1],
      more: Array.from({ length: 9 }, (_, i) => n - i * 1000),
      a: -1 - n,
      b: n,
      c: n % 2 === 0,
      d: 255 - n,
      e: 65535 - n,
      f: n / 3,
      tail: n,
    };
  };

  it('store what the first ones, which closures store, do', () => {
    const memory = new Uint8Array(S.byteLength + 1);
    const texts = ['abc', 'abc', '', 'sevench', 'é', 'abc', 'a', 'sevench', 'x'];
    for (let i = 0; i < MANY * 3; i += 1) {
      const expected = value(texts[i % texts.length]!, i % 100);
      memory.fill(0xaa);
      S.write(memory, i % 2, expected);
      assert.deepEqual(S.read(memory, i % 2), expected);
    }
  });

  it('leave everything as it was where the memory ends in the last byte, padding included', () => {
    const memory = new DataView(new ArrayBuffer(S.byteLength));
    for (let i = 0; i < MANY; i += 1) S.write(memory, 0, value('full', 1));
    const before = new Uint8Array(memory.buffer).slice();
    for (const short of [new DataView(memory.buffer, 0, S.byteLength - 1), new DataView(memory.buffer, 1)]) {
      assert.throws(() => S.write(short, 0, value('other', 2)), /Cannot use s at offset 0: it needs/);
      assert.throws(() => S.read(short), /Cannot use s at offset 0: it needs/);
      assert.throws(() => S.live(short), /Cannot use s at offset 0: it needs/);
    }
    assert.deepEqual(new Uint8Array(memory.buffer), before);
  });

  it('are not led astray by a getter that writes by the same codec', () => {
    const T = struct('t', { name: char(8), list: array(u16, 2), last: u32 });
    const [outer, inner] = [new DataView(new ArrayBuffer(16)), new DataView(new ArrayBuffer(16))];
    const own = { name: 'outer', list: [1, 2], last: 3 };
    for (let i = 0; i < MANY; i += 1) T.write(outer, 0, own);
    const sly = {
      name: 'mine',
      list: [7, 8],
      get last() {
        T.write(inner, 0, { name: 'theirs', list: [5, 6], last: 4 });
        return 9;
      },
    };
    for (let i = 0; i < 3; i += 1) {
      T.write(outer, 0, sly);
      assert.deepEqual(T.read(outer), { name: 'mine', list: [7, 8], last: 9 });
      assert.deepEqual(T.read(inner), { name: 'theirs', list: [5, 6], last: 4 });
    }
  });

  it('take whatever is like an array, and read each element once', () => {
    for (const count of [3, 9]) {
      const T = struct('t', { a: u8, b: u8, list: array(i16, count), last: u16 });
      const memory = new DataView(new ArrayBuffer(T.byteLength));
      const numbers = Array.from({ length: count }, (_, i) => i - 7);
      for (let i = 0; i < MANY; i += 1) T.write(memory, 0, { a: 0, b: 0, list: numbers, last: 0 });
      const live = T.live(new Uint8Array(T.byteLength + 1), 1).list;
      for (let i = 0; i < count; i += 1) live[i] = numbers[i]!;
      const reads = Array(count).fill(0);
      const counted = numbers.map((n) => n);
      for (let i = 0; i < count; i += 1) {
        // The second read would give what does not fit.
        Object.defineProperty(counted, i, { get: () => (reads[i]++ === 0 ? numbers[i] : 70000) });
      }
      for (const list of [Int16Array.from(numbers), { ...numbers, length: count }, live, counted]) {
        memory.setUint8(2, 99);
        T.write(memory, 0, { a: 1, b: 2, list: list as number[], last: 3 });
        assert.deepEqual(T.read(memory), { a: 1, b: 2, list: numbers, last: 3 });
      }
      assert.deepEqual(reads, Array(count).fill(1));
      for (const [list, message] of [
        [numbers.with(2, 70000), /t\.list\[2\]: value is 70000/],
        [Int32Array.from(numbers).fill(-32769, 1, 2), /t\.list\[1\]: value is -32769/],
        [numbers.slice(1), /t\.list: value is \d elements/],
        ['x'.repeat(count), /t\.list: value is "x+"/],
        [null, /t\.list: value is null/],
      ] as const) {
        assert.throws(() => T.write(memory, 0, { a: 9, b: 9, list: list as number[], last: 9 }), message);
        assert.deepEqual(T.read(memory), { a: 1, b: 2, list: numbers, last: 3 });
      }
    }
  });

  it('take the cells of atomics for their numbers, in a list that is no live one too', () => {
    for (const count of [3, 20, 40]) {
      const T = struct('t', { cells: array(atomic(u32), count) });
      const memory = new DataView(new ArrayBuffer(T.byteLength));
      const cells = Array.from({ length: count }, (_, i) => i + 7);
      const source = T.live(new Uint8Array(T.byteLength));
      source.assign({ cells });
      for (let i = 0; i < MANY; i += 1) {
        memory.setUint32(0, 0);
        T.write(memory, 0, { cells: Array.from(source.cells) });
        assert.deepEqual(T.read(memory), { cells });
      }
    }
  });

  it('store overlapping members of a layout in the order given', () => {
    const L = layout('l', 8, { whole: placed(0, u32), low: placed(0, u16), high: placed(4, u32), mid: placed(2, u16) });
    const memory = new DataView(new ArrayBuffer(8));
    for (let i = 0; i < MANY; i += 1) {
      L.write(memory, 0, { whole: 0x11111111, low: 0x2222, high: 0x33333333, mid: 0x4444 });
      assert.equal(memory.getUint32(0, true), 0x44442222);
      assert.equal(memory.getUint32(4, true), 0x33333333);
    }
  });

  it('refuse what is no object, and a wrong value, as the first ones do', () => {
    const T = struct('t', { length: u32, x: f32 });
    const memory = new DataView(new ArrayBuffer(8));
    for (let i = 0; i < MANY; i += 1) T.write(memory, 0, { length: 3, x: 1.5 });
    const bad: [unknown, RegExp][] = [
      ['abc', /expected an object/],
      [null, /expected an object/],
      [{ length: 1n, x: 1 }, /t\.length: value is 1n/],
      [{ length: -1, x: 1 }, /t\.length: value is -1/],
      [{ length: 1, x: 1n }, /t\.x: value is 1n/],
      [{ length: 1 }, /t\.x: value is undefined/],
    ];
    for (const [wrong, message] of bad) {
      assert.throws(() => T.write(memory, 0, wrong as { length: number; x: number }), message);
      assert.deepEqual(T.read(memory), { length: 3, x: 1.5 });
    }
  });
});
