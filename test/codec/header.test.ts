import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, flexible, section, struct, u8, u16, u32 } from '../../src/codec/index.ts';

describe('what stands behind a header', () => {
  const Item = struct('item', { v: u32, w: u8 });
  const Header = struct('header', {
    offset: u32,
    stride: u32,
    count: u32,
    items: section(Item, { offset: 'offset', stride: 'stride', count: 'count' }),
  });

  it('is read by offset, stride and count, with longer and shorter elements', () => {
    for (const offset of [0, 8, 3]) {
      const memory = new Uint8Array(offset + 100);
      Header.write(memory, offset, {
        offset: 20,
        stride: 12,
        count: 2,
        items: [
          { v: 1, w: 2 },
          { v: 3, w: 4 },
        ],
      });
      const live = Header.live(memory, offset);
      assert.equal(live.items.length, 2);
      assert.deepEqual(live.items.toArray(), [
        { v: 1, w: 2 },
        { v: 3, w: 4 },
      ]);
      assert.equal(memory[offset + 20 + 12], 3);
      live.items.get(1)!.v = 9;
      assert.deepEqual(Header.read(memory, offset).items, [
        { v: 1, w: 2 },
        { v: 9, w: 4 },
      ]);
      live.stride = 4;
      live.count = 3;
      assert.deepEqual(Header.read(memory, offset).items[0], { v: 1, w: 0 });
      assert.throws(() => {
        live.items.get(0)!.w = 1;
      }, /lack this member/);
      live.items.get(0)!.v = 5;
      assert.equal(live.items.get(0)!.snapshot().v, 5);
      live.count = 1000;
      assert.throws(
        () => Header.read(memory, offset),
        /RangeError: Cannot use header's section of item: 1000 elements/,
      );
      assert.throws(() => live.items.length, RangeError);
    }
    const memory = new Uint8Array(100);
    Header.write(memory, 0, { offset: 20, stride: 8, count: 2 });
    const before = memory.slice();
    for (const [value, message] of [
      [{ offset: 20, stride: 8, count: 1, items: [] }, /header\.items: value is 0 elements, expected 1 elements/],
      [{ offset: 20, stride: 4, count: 1, items: [{ v: 1, w: 1 }] }, /elements of 8 bytes/],
      [{ offset: 96, stride: 8, count: 1, items: [{ v: 1, w: 1 }] }, /1 elements of 8 bytes from byte 96/],
    ] as const) {
      assert.throws(() => Header.write(memory, 0, value), message);
      assert.deepEqual(memory, before);
    }
  });

  it('is a flexible array by its count or by the room', () => {
    const Counted = struct('counted', { n: u16, list: flexible(u16, 'n') });
    const Open = struct('open', { n: u16, list: flexible(u16) });
    assert.equal(Counted.byteLength, 2);
    const memory = new Uint8Array(8);
    Counted.write(memory, 0, { n: 2, list: [5, 6] });
    assert.deepEqual(Counted.read(memory), { n: 2, list: [5, 6] });
    assert.deepEqual(Open.read(memory), { n: 2, list: [5, 6, 0] });
    const live = Counted.live(memory);
    assert.equal(live.list.length, 2);
    live.n = 3;
    assert.equal(live.list.length, 3);
    live.list.set(2, 7);
    assert.deepEqual([...live.list], [5, 6, 7]);
    live.n = 9;
    assert.throws(() => live.list.length, /n is 9, the memory has room for 3/);
    assert.throws(() => Counted.write(memory, 0, { n: 1, list: [1, 2] }), /2 elements, expected 1 elements, as n says/);
    assert.throws(() => Counted.write(memory, 0, { n: 4, list: [1, 2, 3, 4] }), /at most 3 elements/);
    assert.equal(live.n, 9);
  });

  it('has room for all elements and what they head themselves, before the first byte is stored', () => {
    const Row = struct('row', { off: u32, n: u32, odds: section(u32, { offset: 'off', count: 'n' }) });
    const F = struct('f', { n: u32, it: flexible(Row, 'n') });
    const H = struct('h', { n: u32, it: section(Row, { offset: 16, count: 'n' }) });
    const Rows = array(Row, 2);
    const good = { off: 8, n: 1, odds: [1] };
    const far = { off: 4000, n: 1, odds: [1] };
    const few = { off: 8, n: 2, odds: [1] };
    for (const [bad, message] of [
      [far, /^Cannot use row's section of u32: 1 elements of 4 bytes from byte \d+ on, the memory has 99 bytes$/],
      [few, /^Cannot write \S+\[1\]\.odds: value is 1 elements, expected 2 elements, as the header says$/],
    ] as const) {
      for (const run of [
        (memory: Uint8Array) => F.write(memory, 3, { n: 2, it: [good, bad] }),
        (memory: Uint8Array) => F.live(memory, 3).assign({ it: [good, bad] }),
        (memory: Uint8Array) => F.live(memory, 3).it.set(1, bad),
        (memory: Uint8Array) => H.write(memory, 3, { n: 2, it: [good, bad] }),
        (memory: Uint8Array) => H.live(memory, 3).it.set(1, bad),
        (memory: Uint8Array) => Rows.write(memory, 3, [good, bad]),
        (memory: Uint8Array) => Rows.live(memory, 3).set(1, bad),
        (memory: Uint8Array) => (Rows.live(memory, 3) as unknown as { set(list: unknown[]): void }).set([good, bad]),
      ]) {
        const memory = new Uint8Array(99).fill(0x11);
        new DataView(memory.buffer).setUint32(3, 2, true);
        const before = memory.slice();
        assert.throws(() => run(memory), { name: 'RangeError', message }, `${run}`);
        assert.deepEqual(memory, before, `${run}`);
      }
    }
  });
});
