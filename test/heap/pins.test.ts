import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { i32, structClass } from '../../src/codec/index.ts';
import type { BlockHandle } from '../../src/heap/index.ts';
import { codeOf, world } from './world.ts';

describe('SharedHeap, pins and compaction', () => {
  it('does not free or resize a block that is pinned, by itself or by another', () => {
    const { join } = world();
    const [a, b] = [join(), join()];
    const block = a.heap.allocate(50);
    const pin = b.heap.pin(block);
    for (const heap of [a.heap, b.heap]) {
      assert.throws(() => heap.free(block), { code: 'ERR_BUSY', context: { owner: b.id } });
      assert.throws(() => heap.reallocate(block, 100), { code: 'ERR_BUSY' });
      assert.equal(heap.tryFree(block), false);
    }
    pin.unpin();
    assert.equal(a.heap.tryFree(block), true);
    assert.equal(
      codeOf(() => b.heap.free(block)),
      'ERR_STALE_HANDLE',
    );
  });

  it('drops the pins of the dead', () => {
    const { join } = world();
    const [a, b] = [join(), join()];
    const block = a.heap.allocate(50);
    b.heap.pin(block);
    assert.equal(a.heap.stats().pinned, 1);
    b.die();
    assert.equal(a.heap.stats().pinned, 0);
    a.heap.free(block);
  });

  it('limits pins and threads, with a typed error', () => {
    const { join } = world(65_536, { threads: 2, pins: 3 });
    const [a] = [join(), join()];
    assert.equal(codeOf(join), 'ERR_TABLE_FULL');
    const block = a!.heap.allocate(8);
    const pins = [1, 2, 3].map(() => a!.heap.pin(block));
    assert.equal(
      codeOf(() => a!.heap.pin(block)),
      'ERR_TABLE_FULL',
    );
    pins[0]!.unpin();
    a!.heap.pin(block).unpin();
    a!.heap.close();
    assert.equal(codeOf(join), 'nothing', 'one that left makes room');
  });

  it('holds the pin until a Promise is settled', async () => {
    const { heap } = world().join();
    const block = heap.allocate(8);
    const waiting = heap.withPin(block, async (pin) => {
      await null;
      return pin.byteLength;
    });
    assert.equal(
      codeOf(() => heap.free(block)),
      'ERR_BUSY',
    );
    assert.equal(await waiting, 8);
    heap.free(block);
  });

  it('compacts around pins, and lets everything else move', () => {
    const { heap } = world().join();
    const blocks = Array.from({ length: 20 }, (_, i) => heap.allocate(500, { initial: new Uint8Array(500).fill(i) }));
    for (let i = 0; i < 20; i += 2) heap.free(blocks[i]!);
    const pin = heap.pin(blocks[9]!);
    assert.notEqual(heap.stats().fragmentation, 0);
    const { moves, bytes, done } = heap.compact();
    assert.ok(moves >= 8 && bytes > 4000 && done, `${moves} moves of ${bytes} bytes, done: ${done}`);
    assert.equal(pin.get(3), 9);
    pin.unpin();
    heap.compact();
    assert.equal(heap.stats().fragmentation, 0);
    for (let i = 1; i < 20; i += 2) heap.withPin(blocks[i]!, (p) => assert.equal(p.get(499), i));
  });

  it('stops a compaction at its bounds', () => {
    const { heap } = world(1 << 20).join();
    const blocks = Array.from({ length: 200 }, () => heap.allocate(1000));
    for (let i = 0; i < 200; i += 2) heap.free(blocks[i]!);
    const first = heap.compact({ maxBytes: 5000 });
    assert.ok(first.bytes >= 5000 && first.bytes < 7000 && !first.done, `moved ${first.bytes} bytes`);
    assert.equal(heap.compact({ maxMs: 0 }).done, false);
    assert.equal(heap.compact().done, true);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('stays within its time also before the first move, and goes on there', (t) => {
    const { heap } = world(1 << 20, { handles: 3000 }).join();
    const blocks = Array.from({ length: 2000 }, () => heap.allocate(20));
    heap.free(blocks[1990]!);
    heap.stats(); // makes an ordinary free block of it
    let time = 0;
    t.mock.method(performance, 'now', () => time++);
    const limits = { maxMs: 2.5 };
    assert.deepEqual(heap.compact(limits), { moves: 0, bytes: 0, done: false });
    let calls = 1;
    while (!heap.compact(limits).done && calls < 20) calls += 1;
    assert.ok(calls < 20, 'it came to the end');
    t.mock.restoreAll();
    assert.equal(heap.stats().fragmentation, 0);
  });

  it('takes a class for the codec that it is', () => {
    class Point extends structClass('point', { x: i32, y: i32 }) {
      get sum(): number {
        return this.x + this.y;
      }
    }
    const { heap } = world().join();
    const block = heap.allocate(Point, { initial: { x: 1, y: 2 } });
    assert.equal(
      heap.withPin(block, Point, (pin) => pin.live().sum),
      3,
    );
  });

  it('has no fragmentation where all that is free is one piece, however small', () => {
    const { heap } = world().join();
    const free = heap.stats().free;
    heap.allocate(free - 32);
    assert.deepEqual([heap.stats().free, heap.stats().largest], [16, 0]);
    assert.equal(heap.stats().fragmentation, 0);
  });

  it('compacts by itself when only fragmentation stands in the way', () => {
    const { heap } = world(65_536, { handles: 100, threads: 1, roots: 1 }).join();
    const blocks: BlockHandle[] = [];
    while (codeOf(() => blocks.push(heap.allocate(1000))) === 'nothing');
    for (let i = 0; i < blocks.length; i += 2) heap.free(blocks[i]!);
    const { free, largest } = heap.stats();
    assert.ok(largest < 10_000 && free > 20_000, `largest ${largest}, free ${free}`);
    const big = heap.allocate(20_000);
    assert.equal(heap.size(big), 20_000);
    assert.deepEqual(heap.verify().problems, []);
  });
});
