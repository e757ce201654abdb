import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { i32, struct } from '../../src/codec/index.ts';
import { ENTRY } from '../../src/heap/handle-layout.ts';
import type { BlockHandle } from '../../src/heap/index.ts';
import { codeOf, Node, world } from './world.ts';

describe('SharedHeap, handles, owners and roots', () => {
  it('refuses handles that are stale, forged, foreign or out of range', () => {
    const { heap } = world().join();
    const other = world().join().heap;
    const block = heap.allocate(10);
    const foreign = other.allocate(10);
    heap.free(block);
    assert.equal(
      codeOf(() => heap.free(block)),
      'ERR_STALE_HANDLE',
    );
    assert.equal(
      codeOf(() => heap.pin(block)),
      'ERR_STALE_HANDLE',
    );
    assert.equal(
      codeOf(() => heap.size(block)),
      'ERR_STALE_HANDLE',
    );
    const forged = [0, -1, 1, Number.NaN, 2 ** 53, 1.5, block + 1, block + 2, 2 ** 52, '7', null, foreign];
    for (const value of forged) {
      const handle = value as BlockHandle;
      assert.equal(
        codeOf(() => heap.free(handle)),
        'ERR_INVALID_HANDLE',
        `free(${String(value)})`,
      );
      assert.equal(
        codeOf(() => heap.pin(handle)),
        'ERR_INVALID_HANDLE',
        `pin(${String(value)})`,
      );
      assert.equal(heap.has(handle), false);
    }
    assert.deepEqual(heap.verify().problems, []);
  });

  it('takes a handle that came as text', () => {
    const { heap } = world().join();
    const block = heap.allocate(8);
    assert.equal(heap.handle(Number(String(block))), block);
    assert.throws(() => heap.handle(12_345), { code: 'ERR_INVALID_HANDLE' });
  });

  it('retires an entry whose generations are used up', () => {
    const { join, memory } = world(4096, { handles: 2, threads: 1, pins: 2, roots: 0 });
    const { heap } = join();
    const words = new Int32Array(memory);
    const block = heap.allocate(10);
    heap.free(block);
    const table = words.indexOf(2, 600); // the state of entry 1 after one allocate and one free
    words[table] = -4;
    const last = heap.allocate(10);
    heap.free(last);
    assert.equal(words[table - ENTRY.state + ENTRY.state], -2);
    assert.equal(heap.stats().retiredHandles, 1);
    assert.equal(
      codeOf(() => heap.pin(last)),
      'ERR_STALE_HANDLE',
    );
    heap.allocate(10);
    assert.equal(
      codeOf(() => heap.allocate(10)),
      'ERR_TABLE_FULL',
      'the retired entry is not given out again',
    );
    assert.deepEqual(heap.verify().problems, []);
  });

  it('finds blocks by name', () => {
    const { heap } = world(65_536, { roots: 2 }).join();
    const block = heap.allocate(Node);
    heap.setRoot('first', block, Node);
    assert.equal(heap.getRoot('first'), block);
    assert.equal(heap.getRoot('first', Node), block);
    assert.equal(
      codeOf(() => heap.getRoot('first', struct('other', { a: i32 }))),
      'ERR_LAYOUT_MISMATCH',
    );
    const second = heap.findOrAllocate('second', 64);
    assert.equal(heap.findOrAllocate('second', 64), second);
    assert.equal(
      codeOf(() => heap.setRoot('third', block)),
      'ERR_TABLE_FULL',
    );
    heap.free(second);
    assert.equal(heap.getRoot('second'), undefined);
    heap.setRoot('drei ☃', block);
    assert.deepEqual(
      heap
        .roots()
        .map(({ name }) => name)
        .sort(),
      ['drei ☃', 'first'],
    );
    heap.setRoot('drei ☃', null);
    assert.equal(heap.getRoot('drei ☃'), undefined);
    assert.equal(heap.has(block), true, 'a block outlives its name');
    assert.throws(() => heap.setRoot('', block), TypeError);
    assert.throws(() => heap.setRoot('x'.repeat(81), block), RangeError);
  });

  it('names no owner for blocks that are disowned', () => {
    const { heap } = world().join();
    heap.allocate(8, { owner: 'nobody' });
    assert.deepEqual(heap.owners(), []);
  });

  it('reclaims what the dead owned, and nothing else', () => {
    const { join } = world();
    const [a, b] = [join(), join()];
    const [lost, adopted, disowned, rooted, kept] = [1, 2, 3, 4, 5].map(() => b.heap.allocate(40));
    const mine = a.heap.allocate(40);
    a.heap.adopt(adopted!);
    b.heap.disown(disowned!);
    b.heap.setRoot('r', rooted!);
    assert.deepEqual(a.heap.reclaim(), { blocks: 0, bytes: 0 }, 'its owner lives');
    b.die();
    const dead = a.heap.owners().find((owner) => owner.participant === b.id);
    assert.deepEqual(dead, { participant: b.id, alive: false, blocks: 3, bytes: 120 });
    assert.deepEqual(a.heap.reclaim({ keep: [kept!] }), { blocks: 1, bytes: 40 });
    assert.deepEqual(
      [lost, adopted, disowned, rooted, kept, mine].map((handle) => a.heap.has(handle!)),
      [false, true, true, true, true, true],
    );
  });
});
