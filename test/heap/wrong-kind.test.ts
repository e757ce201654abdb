import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { u32 } from '../../src/codec/index.ts';
import { SharedHeap } from '../../src/heap/index.ts';
import { MappedView } from '../../src/memory/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';

const MAKE = {
  create: (memory: ArrayBuffer) => SharedHeap.create(memory, undefined, { participants: new World().spawn() }),
  openOrCreate: (memory: ArrayBuffer) =>
    SharedHeap.openOrCreate(memory, undefined, { participants: new World().spawn() }),
};

describe('SharedHeap, over memory that holds something else', () => {
  for (const [how, make] of Object.entries(MAKE)) {
    it(`${how} leaves a queue alone`, () => {
      const memory = new ArrayBuffer(65_536);
      const queue = RingQueue.create(memory, u32, { capacity: 4 });
      queue.trySend(7);
      assert.throws(() => make(memory), {
        code: 'ERR_WRONG_KIND',
        message:
          /^Cannot create heap: this memory holds something else, pass other memory, or fill its first 256 bytes/,
        context: { name: '', expected: 'heap' },
      });
      assert.equal(queue.tryReceive(), 7);
      queue.close();
    });

    it(`${how} changes nothing where any byte of the header is set`, () => {
      for (let at = 0; at < 256; at++) {
        const bytes = new Uint8Array(65_536);
        bytes[at] = 0x5a;
        if (at >= 64 && at < 68) continue; // the lock: of a maker who died before he wrote anything
        assert.throws(() => make(bytes.buffer), { code: 'ERR_WRONG_KIND' }, `byte ${at}`);
        assert.equal(bytes.indexOf(0x5a), at);
        assert.equal(
          bytes.findIndex((byte, i) => byte !== 0 && i !== at),
          -1,
          `byte ${at}: something was written`,
        );
      }
    });

    it(`${how} clears what lies behind the header`, () => {
      const memory = new Uint8Array(65_536).fill(0x07).fill(0, 0, 256).buffer;
      const heap = make(memory);
      assert.equal(heap.created, true);
      assert.deepEqual([heap.verify().problems, heap.roots(), heap.stats().blocks], [[], [], 0]);
      heap.close();
    });
  }

  it('does not open it, by memory or by name', () => {
    const memory = new ArrayBuffer(65_536);
    assert.throws(() => SharedHeap.open(memory), {
      code: 'ERR_WRONG_KIND',
      message: /this memory holds none, make one/,
    });
    const name = uniqueName('heap');
    const view = MappedView.create(name, 65_536);
    for (const open of [() => SharedHeap.open(name), () => SharedHeap.openOrCreate(name, 65_536)]) {
      assert.throws(open, {
        code: 'ERR_WRONG_KIND',
        message: /"[^"]+": the name is of something else, use another name/,
      });
    }
    view.close();
  });
});
