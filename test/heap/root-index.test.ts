import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryRange } from '../../src/base/memory.ts';
import { HEADER } from '../../src/heap/heap-layout.ts';
import { heapWords, readGeometry } from '../../src/heap/heap-memory.ts';
import { type BlockHandle, SharedHeap } from '../../src/heap/index.ts';
import { bucketsFor, ROOT, ROOT_WORDS } from '../../src/heap/root-layout.ts';
import { World } from '../support/participants.ts';
import { codeOf } from './world.ts';

function heapOf(roots: number, handles: number) {
  const memory = new ArrayBuffer(roots * 160 + handles * 100 + 65_536);
  const heap = SharedHeap.create(memory, undefined, { roots, handles, threads: 2, participants: new World().spawn() });
  const words = new Int32Array(memory);
  const { rootTable } = readGeometry(heapWords(memoryRange(memory)));
  const buckets = rootTable + roots * ROOT_WORDS;
  const next = (number: number) => rootTable + (number - 1) * ROOT_WORDS + ROOT.next;
  /** How many roots each bucket has. */
  const lengths = () =>
    Array.from({ length: bucketsFor(roots) }, (_, n) => {
      let length = 0;
      for (let number = words[buckets + n]!; number !== 0; number = words[next(number)]!) length += 1;
      return length;
    });
  return { heap, words, buckets, next, lengths };
}

describe('SharedHeap, its index of roots', () => {
  it('reaches each of 10,000 names over a few others', () => {
    const { heap, words, lengths } = heapOf(10_000, 100);
    const blocks = Array.from({ length: 64 }, () => heap.allocate(8));
    const named = (n: number) => (n % 3 === 0 ? `users/${n}` : n % 3 === 1 ? `${n}` : `ключ-${n}-with a longer tail`);
    for (let n = 0; n < 10_000; n++) heap.setRoot(named(n), blocks[n % 64]!);
    const all = lengths();
    assert.equal(
      all.reduce((sum, length) => sum + length, 0),
      10_000,
    );
    assert.ok(Math.max(...all) < 12, `the longest list has ${Math.max(...all)} roots`);
    assert.equal(
      codeOf(() => heap.setRoot('one more', blocks[0]!)),
      'ERR_TABLE_FULL',
    );
    for (const rebuilt of [false, true]) {
      if (rebuilt) words[HEADER.dirty] = 1;
      for (let n = 0; n < 10_000; n++) assert.equal(heap.getRoot(named(n)), blocks[n % 64]);
      assert.equal(heap.getRoot('one more'), undefined);
      assert.deepEqual(heap.verify().problems, []);
    }
  });

  it('stays as short when names come and go', () => {
    const { heap, lengths } = heapOf(64, 100);
    const block = heap.allocate(8);
    const kept = ['a', 'b', 'c'];
    for (const name of kept) heap.setRoot(name, block);
    for (let n = 0; n < 5000; n++) {
      heap.setRoot(`session ${n}`, block);
      if (n >= 40) heap.setRoot(`session ${n - 40}`, null);
    }
    const all = lengths();
    assert.equal(
      all.reduce((sum, length) => sum + length, 0),
      43,
    );
    assert.ok(Math.max(...all) < 8, `the longest list has ${Math.max(...all)} roots`);
    for (const name of kept) assert.equal(heap.getRoot(name), block);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('makes room of the names whose blocks have been freed', () => {
    const { heap } = heapOf(5, 100);
    const kept = heap.allocate(8);
    heap.setRoot('kept', kept);
    let last: BlockHandle | undefined;
    for (let n = 0; n < 40; n++) {
      last = heap.findOrAllocate(`name ${n}`, 8);
      if (n % 4 !== 3) heap.free(last);
      else heap.setRoot(`name ${n}`, null);
      assert.equal(heap.getRoot(`name ${n}`), undefined);
    }
    heap.setRoot('kept', null);
    heap.setRoot('kept', kept);
    assert.deepEqual(
      heap.roots().map(({ name, handle }) => [name, handle]),
      [['kept', kept]],
    );
    assert.deepEqual(heap.verify().problems, []);
  });

  it('refuses lists that are damaged, and makes them anew', () => {
    const damages: ((at: ReturnType<typeof heapOf>) => void)[] = [
      ({ words, buckets }) => words.fill(77, buckets, buckets + 8),
      ({ words, buckets }) => words.fill(-1, buckets, buckets + 8),
      // Each goes on with itself.
      ({ words, next }) => {
        for (const number of [1, 2, 3, 4]) words[next(number)] = number;
      },
    ];
    for (const damage of damages) {
      const at = heapOf(8, 100);
      const block = at.heap.allocate(8);
      for (const name of 'abcd') at.heap.setRoot(name, block);
      damage(at);
      assert.equal(at.heap.verify().ok, false);
      const codes = [...'xyzuvwst'].map((name) => codeOf(() => at.heap.getRoot(name)));
      assert.ok(codes.includes('ERR_CORRUPT'), codes.join());
      for (const name of 'abcd') assert.equal(at.heap.getRoot(name), block);
      assert.deepEqual(at.heap.verify().problems, []);
    }
  });

  it('leaves the cache as it is when a name is refused', () => {
    const { heap, words } = heapOf(8, 100);
    for (const name of ['', 'x'.repeat(81), 5, '\ud800']) {
      assert.notEqual(
        codeOf(() => heap.getRoot(name as string)),
        'nothing',
      );
      assert.equal(words[HEADER.dirty], 0);
    }
  });
});
