/** Memory that a heap or a queue has: no value of a struct is ever written over it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { i32, MapFile, MappedView, RingQueue, SharedHeap, struct } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';

const Student = struct('student', { ID: i32, age: i32 });
const folder = mkdtempSync(join(tmpdir(), 'mapfile-resident-'));
after(() => rmSync(folder, { recursive: true }));

const BYTES = 65_536;

/** Makes one under a name, or in some memory. Answers what shows that it is sound, and closes it. */
const residents = {
  heap: (where: string | MappedView<'readwrite'>) => {
    const heap = typeof where === 'string' ? SharedHeap.create(where, BYTES) : SharedHeap.create(where);
    const handle = heap.allocate(100);
    return () => {
      assert.equal(heap.size(handle), 100);
      assert.deepEqual(heap.verify().problems, []);
      heap.close();
    };
  },
  queue: (where: string | MappedView<'readwrite'>) => {
    const queue = RingQueue.create(where, Student, { capacity: 8 });
    queue.trySend({ ID: 1, age: 2 });
    return () => {
      assert.deepEqual(queue.tryReceive(), { ID: 1, age: 2 });
      queue.close();
    };
  },
};

for (const [kind, make] of Object.entries(residents)) {
  const refused = (name: string) => ({
    code: 'ERR_WRONG_KIND',
    message: new RegExp(`: a ${kind} stands there, use ${kind === 'heap' ? 'SharedHeap' : 'RingQueue'}`),
    context: { name, expected: 'section', actual: kind },
  });

  describe(`a ${kind}`, () => {
    it('is no object under its name', async () => {
      const name = uniqueName();
      const check = make(name);
      assert.throws(() => MapFile.open(name, Student), refused(name));
      assert.throws(() => MapFile.open(name, Student, { access: 'readwrite', byteOffset: 64 }), refused(name));
      assert.throws(() => MapFile.openOrCreate(name, Student, { initial: { ID: 9, age: 9 } }), refused(name));
      await assert.rejects(MapFile.waitFor(name, Student, { timeoutMs: 1 }), refused(name));
      check();
    });

    it('is no object in memory, nor room for one', () => {
      const name = uniqueName();
      const view = MappedView.create(name, BYTES, { access: 'readwrite' });
      const check = make(view);
      assert.throws(() => MapFile.open(view, Student), refused(name));
      assert.throws(() => MapFile.openOrCreate(view, Student), refused(name));
      assert.throws(() => MapFile.create(view, Student), refused(name));
      check();
      view.close();
    });

    it('is no object in a file', () => {
      const path = join(folder, kind);
      const view = MappedView.createFile(path, BYTES);
      const check = make(view);
      assert.throws(() => MapFile.openFile(path, Student, { access: 'readwrite' }), refused(path));
      check();
      view.close();
    });

    it('can be looked at, by who asks for it', () => {
      const view = MappedView.create(uniqueName(), BYTES, { access: 'readwrite' });
      const check = make(view);
      const Header = struct('header', { magic: i32 });
      const header = MapFile.over(view, Header);
      assert.equal(
        Buffer.from(new Int32Array([header.read().magic]).buffer).toString('latin1'),
        kind === 'heap' ? 'MFHP' : 'MFRQ',
      );
      header.close();
      check();
      view.close();
    });
  });
}
