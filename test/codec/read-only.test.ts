import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  array,
  atomic,
  bits,
  bytes,
  char,
  defineCodec,
  f64,
  type InferReadonlyLive,
  i32,
  struct,
  u8,
  u16,
  u32,
  union,
} from '../../src/codec/index.ts';
import { readOnly } from './support/read-only.ts';

const Inner = struct('inner', { x: f64, tags: array(char(4), 2) });
const S = struct('s', {
  id: i32,
  name: char(8),
  flag: bits(u8, 3),
  numbers: array(u16, 4),
  raw: bytes(4),
  inner: Inner,
  list: array(Inner, 2),
  grid: array(i32, 2, 2),
  hits: atomic(u32),
  counts: array(atomic(u32), 2),
  either: union('either', { a: u32, b: i32 }),
});

/** Everything that can be reached from a value without calling anything: own and inherited keys, symbols, getters. */
function reachable(root: object): Set<unknown> {
  const seen = new Set<unknown>();
  const queue: unknown[] = [root];
  while (queue.length > 0) {
    const value = queue.pop();
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) continue;
    seen.add(value);
    for (
      let each: object | null = value;
      each && each !== Object.prototype && each !== Function.prototype;
      each = Object.getPrototypeOf(each) as object | null
    ) {
      for (const key of Reflect.ownKeys(each)) {
        try {
          queue.push(Reflect.get(each, key, value));
        } catch {
          // strict-mode poison pills and accessors of other receivers
        }
      }
    }
    try {
      if (Symbol.iterator in value) queue.push(...(value as Iterable<unknown>));
    } catch {
      // a prototype is no instance
    }
  }
  return seen;
}

describe('over read-only memory', () => {
  const memory = Uint8Array.from({ length: S.byteLength + 8 }, (_, i) => i & 0x3f);
  for (const offset of [0, 8]) {
    it(`every store throws ERR_READ_ONLY and changes nothing (at ${offset})`, () => {
      const before = memory.slice();
      const live = S.live(readOnly(memory), offset);
      const sealed = live as unknown as Record<string, never> & InferReadonlyLive<typeof S>;
      const inner = (sealed.list.get(1) ?? assert.fail()) as unknown as Record<string, unknown>;
      const stores: (() => unknown)[] = [
        ...Object.keys(S.fields).map((key) => () => Reflect.set(live, key, 1, live)),
        () => ((live as { id: number }).id = 1),
        () => live.assign({ id: 1 }),
        () => ((live.numbers as { [i: number]: number })[0] = 1),
        () => (live.numbers as unknown as { set(i: number, v: number): void }).set(0, 1),
        () => (live.numbers as unknown as { fill(v: number): void }).fill(1),
        () => ((live.raw as { [i: number]: number })[0] = 1),
        () => live.list.set(0, { x: 1, tags: ['a', 'b'] }),
        () => (inner.x = 1),
        () => live.inner.tags.set(0, 'x'),
        () => (live.inner.x = 1),
        () => (live.grid as unknown as { get(i: number): { set(i: number, v: number): void } }).get(0).set(0, 1),
        () => (live.either.a = 1),
        () => live.counts.set(0, 1),
        () => live.counts[1]!.add(1),
      ];
      for (const store of stores) assert.throws(store, { code: 'ERR_READ_ONLY' }, store.toString());
      assert.deepEqual(memory, before);
      assert.deepEqual(live.snapshot(), S.read(memory, offset));
    });
  }

  it('hands out no view of the memory', () => {
    const found = [...reachable(S.live(readOnly(memory)))];
    const views = found.filter((each) => ArrayBuffer.isView(each) || each instanceof ArrayBuffer);
    assert.deepEqual(views, []);
    // The same search does find them where stores are allowed.
    assert.ok([...reachable(S.live(memory))].some((each) => ArrayBuffer.isView(each)));
  });

  it('reads in all the ways of a writable one', () => {
    const sealed = S.live(readOnly(memory)) as unknown as InferReadonlyLive<typeof S>;
    const value = S.read(memory);
    assert.equal(sealed.numbers.length, 4);
    assert.equal(sealed.numbers[2], value.numbers[2]);
    assert.equal(sealed.numbers.get(2), value.numbers[2]);
    assert.equal(sealed.numbers.at(-1), value.numbers[3]);
    assert.equal(sealed.numbers.at(9), undefined);
    assert.equal(sealed.numbers[9], undefined);
    assert.deepEqual([...sealed.numbers], value.numbers);
    assert.deepEqual(sealed.numbers.toArray(), value.numbers);
    assert.deepEqual(JSON.parse(JSON.stringify(sealed.grid)), value.grid);
    assert.equal(sealed.list, sealed.list);
    assert.equal(sealed.list.get(0), sealed.list.get(0));
    assert.equal(sealed.list[1]!.x, value.list[1]!.x);
  });
});

describe("A codec of one's own over read-only memory", () => {
  it('is handed nothing that can write', () => {
    let view: object = {};
    const Celsius = defineCodec<number>({
      name: 'celsius',
      byteLength: 4,
      read(given, at) {
        view = given;
        return given.getFloat32(at, true);
      },
      write: (target, at, value) => target.setFloat32(at, value, true),
    });
    const Reading = struct('reading', { at: u32, value: Celsius });
    const memory = new Uint8Array(8);
    Reading.write(memory, 0, { at: 1, value: 20.5 });
    for (const read of [
      () => Reading.read(readOnly(memory)).value,
      () => Reading.live(readOnly(memory)).value,
      () => Celsius.read(readOnly(memory), 4),
    ]) {
      view = {};
      assert.equal(read(), 20.5);
      assert.equal('getFloat32' in view, true);
      for (const key of ['setFloat32', 'setInt8', 'buffer']) assert.equal(key in view, false, key);
    }
  });

  it('is handed nothing that can write for its live object either', () => {
    const Poke = defineCodec({
      name: 'poke',
      byteLength: 4,
      live: (range, at) => ({
        load: () => range.dataView.getInt32(at, true),
        poke: () => range.dataView.setInt32(at, 1, true),
      }),
    });
    const S = struct('s', { a: u32, poke: Poke });
    const memory = new Uint8Array(8).fill(7);
    const live = S.live(readOnly(memory));
    assert.equal(live.poke.load(), 0x07070707);
    assert.throws(() => live.poke.poke(), TypeError);
    assert.ok(memory.every((byte) => byte === 7));
    S.live(memory).poke.poke();
    assert.equal(memory[4], 1);
  });
});
