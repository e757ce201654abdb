import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { i32 } from '../../src/codec/index.ts';
import { codeOf, Node, world } from './world.ts';

describe('SharedHeap, blocks', () => {
  it('allocates zeroed blocks and keeps what is written', () => {
    const { heap } = world().join();
    const dirty = heap.allocate(100);
    heap.withPin(dirty, (pin) => pin.fill(0xff));
    heap.free(dirty);
    const block = heap.allocate(100);
    heap.withPin(block, (pin) => {
      assert.equal(pin.byteLength, 100);
      for (let i = 0; i < 100; i++) assert.equal(pin.get(i), 0);
      pin.copyFrom(Uint8Array.of(1, 2, 3), 97);
      assert.equal(pin.get(99), 3);
      assert.throws(() => pin.set(100, 1), RangeError);
      assert.throws(() => pin.get(-1), RangeError);
      assert.throws(() => pin.copyFrom(Uint8Array.of(1, 2), 99), RangeError);
    });
    assert.equal(heap.size(block), 100);
  });

  it('reads and writes values by codec', () => {
    const { heap } = world().join();
    const tail = heap.allocate(Node, { initial: { value: 2, next: null } });
    const head = heap.allocate(Node, { initial: { value: 1, next: tail } });
    const pin = heap.pin(head, Node);
    assert.deepEqual({ ...pin.value }, { value: 1, next: tail });
    pin.value = { value: 7, next: null };
    pin.live().value += 1;
    assert.equal(pin.read(i32, 0), 8);
    pin.unpin();
    assert.throws(() => pin.value, { code: 'ERR_CLOSED' });
    assert.throws(() => heap.allocate(Node, { initial: { value: 1.5, next: null } }), RangeError);
    assert.equal(heap.stats().blocks, 2, 'a refused value leaves no block behind');
    assert.equal(
      codeOf(() => heap.pin(heap.allocate(4), Node)),
      'ERR_TOO_SMALL',
    );
  });

  it('gives the memory and the handle of freed blocks to the next one, whatever its size', () => {
    const { heap } = world(65_536, { handles: 20, threads: 1, roots: 1 }).join();
    const { free, largest } = heap.stats();
    const blocks = Array.from({ length: 20 }, (_, i) => heap.allocate(100 + 16 * i));
    for (const block of blocks) heap.free(block);
    const report = heap.verify();
    assert.deepEqual(report.problems, []);
    assert.equal(report.freeBytes, free, 'parked blocks are free ones');
    const again = Array.from({ length: 20 }, (_, i) => heap.allocate(100 + 16 * i));
    assert.equal(
      codeOf(() => heap.allocate(100)),
      'ERR_TABLE_FULL',
    );
    for (const block of again) heap.free(block);
    for (const block of blocks) assert.equal(heap.has(block), false);
    const all = heap.allocate(largest);
    heap.free(all);
    for (let i = 0; i < 20; i++) heap.allocate(40);
    assert.equal(heap.stats().blocks, 20, 'no handle is kept by a block that is free');
    assert.deepEqual(heap.verify().problems, []);
  });

  it('keeps contents over reallocate, whichever way the block takes', () => {
    const { heap } = world().join();
    const block = heap.allocate(100, { initial: Uint8Array.from({ length: 100 }, (_, i) => i) });
    const next = heap.allocate(16);
    heap.reallocate(block, 1000); // must move
    heap.free(next);
    heap.reallocate(block, 40); // in place
    heap.reallocate(block, 5000);
    heap.withPin(block, (pin) => {
      for (let i = 0; i < 5000; i++) assert.equal(pin.get(i), i < 40 ? i : 0);
    });
    assert.equal(heap.stats().blocks, 1);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('grows a block whenever its own bytes and the free ones are enough, wherever the others stand', () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
    for (const behind of [[16], [16, 30_000, 200], [100_000], [40_000, 16, 60_000]]) {
      const { heap } = world(1 << 18, { handles: 50, threads: 2 }).join();
      const holes = [heap.allocate(20_000)];
      const block = heap.allocate(70_000, { initial: bytes });
      const others = behind.map((size) => heap.allocate(size, { initial: bytes.subarray(0, Math.min(size, 70_000)) }));
      holes.push(heap.allocate(10_000));
      for (const hole of holes) heap.free(hole);
      const most = 70_000 + heap.stats().free;
      assert.throws(() => heap.reallocate(block, most + 16), {
        code: 'ERR_OUT_OF_MEMORY',
        message: new RegExp(`Cannot reallocate block ${block} to ${most + 16} bytes: \\d+ are free beside its own`),
      });
      heap.reallocate(block, most);
      heap.withPin(block, (pin) => {
        const seen = new Uint8Array(most);
        pin.copyTo(seen);
        assert.equal(Buffer.compare(seen.subarray(0, 70_000), bytes), 0);
        assert.ok(seen.subarray(70_000).every((byte) => byte === 0));
      });
      others.forEach((other, i) => {
        const seen = new Uint8Array(Math.min(behind[i]!, 70_000));
        heap.withPin(other, (pin) => pin.copyTo(seen));
        assert.equal(Buffer.compare(seen, bytes.subarray(0, seen.length)), 0);
      });
      assert.equal(heap.stats().free, 0);
      assert.deepEqual(heap.verify().problems, []);
    }
  });

  it('does not grow a block past a pinned one, and says so', () => {
    const { heap } = world(1 << 18, { handles: 50, threads: 2 }).join();
    const block = heap.allocate(70_000);
    const [moves, stays] = [heap.allocate(16), heap.allocate(16)];
    const pin = heap.pin(stays);
    assert.throws(() => heap.reallocate(block, 200_000), { code: 'ERR_OUT_OF_MEMORY', message: /1 blocks are pinned/ });
    assert.deepEqual([heap.has(moves), heap.verify().problems], [true, []]);
    pin.unpin();
    heap.reallocate(block, 200_000);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('refuses sizes that cannot be', () => {
    const { heap } = world().join();
    for (const size of [0, -1, 1.5, Number.NaN, 2 ** 32, Number.POSITIVE_INFINITY]) {
      assert.throws(() => heap.allocate(size), RangeError);
    }
  });

  it('says what was asked, free, largest and pinned when memory runs out, and stays usable', () => {
    const { heap } = world().join();
    const block = heap.allocate(30_000);
    const pin = heap.pin(block);
    try {
      heap.allocate(60_000);
      assert.fail('there is no room');
    } catch (error) {
      const { code, context } = error as { code: string; context: Record<string, number> };
      assert.equal(code, 'ERR_OUT_OF_MEMORY');
      assert.equal(context.requested, 60_000);
      assert.equal(context.pinned, 1);
      assert.equal(context.largest, heap.stats().largest);
      assert.equal(context.free, heap.stats().free);
    }
    pin.unpin();
    heap.free(block);
    heap.free(heap.allocate(30_000));
  });
});
