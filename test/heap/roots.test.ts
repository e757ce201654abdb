import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { i32 } from '../../src/codec/index.ts';
import { codeOf, Node, world } from './world.ts';

describe('SharedHeap, blocks by name', () => {
  it('does not find a block that is smaller than what would be allocated', () => {
    const { heap } = world().join();
    const block = heap.allocate(4);
    heap.setRoot('x', block);
    assert.throws(() => heap.findOrAllocate('x', 1000), {
      code: 'ERR_TOO_SMALL',
      message: `Cannot use block ${block} as root "x": it has 4 bytes, expected 1000`,
      context: { byteLength: 4, needed: 1000 },
    });
    assert.equal(
      codeOf(() => heap.findOrAllocate('x', Node)),
      'ERR_TOO_SMALL',
    );
    assert.deepEqual(
      [heap.findOrAllocate('x', 4), heap.findOrAllocate('x', 3), heap.findOrAllocate('x', i32)],
      [block, block, block],
    );
    assert.equal(heap.stats().blocks, 1, 'nothing was allocated');
  });
});
