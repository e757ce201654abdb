import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMapFileError } from '../../src/base/errors.ts';
import { memoryRange } from '../../src/base/memory.ts';
import { u32 } from '../../src/codec/index.ts';
import { blockHandle, SharedHeap } from '../../src/heap/index.ts';
import type { QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { HEADER } from '../../src/queue/queue-layout.ts';
import { LockWord } from '../../src/sync/lock-word.ts';
import { explore } from '../support/explorer.ts';
import { World } from '../support/participants.ts';

const SHAPES: QueueShape[] = [{ capacity: 4 }, { capacity: 4, producers: 1, consumers: 1 }];

for (const shape of SHAPES) {
  describe(`cancel() of a RingQueue, ${JSON.stringify(shape)}`, () => {
    it('leaves to its sender what is committed too late', () => {
      const world = new World();
      const participants = world.spawn();
      const heap = SharedHeap.create(new ArrayBuffer(65_536), undefined, { participants });
      const queue = RingQueue.create(new ArrayBuffer(4096), blockHandle, { ...shape, participants, ownership: heap });
      const block = heap.allocate(100);
      const slot = queue.tryClaim()!;
      blockHandle.write(slot.dataView, 0, block);
      assert.deepEqual(queue.cancel(), []);
      assert.throws(() => slot.commit(), { code: 'ERR_ENDED' });
      assert.deepEqual(
        heap.owners().map((owner) => owner.participant),
        [participants.self],
      );
      assert.throws(() => slot.abort(), { code: 'ERR_CLOSED' });
      assert.deepEqual([queue.cancel(), queue.stats().claimed], [[], 0]);
    });

    it('answers, when called again, what was just being committed', () => {
      const participants = new World().spawn();
      const owners = new Map<number, string>();
      let during: number[] = [];
      const ownership = {
        adopt: (thing: number) => void owners.set(thing, 'receiver'),
        disown(thing: number) {
          during = queue.cancel();
          owners.set(thing, 'nobody');
        },
      };
      const queue: RingQueue<number, unknown, number> = RingQueue.create(new ArrayBuffer(4096), u32, {
        ...shape,
        participants,
        ownership,
      });
      assert.equal(queue.trySend(7), true);
      assert.deepEqual([during, owners.get(7), queue.tryReceive()], [[], 'nobody', undefined]);
      assert.deepEqual(queue.cancel(), [7]);
      assert.deepEqual([owners.get(7), queue.cancel(), queue.stats().usedBytes], ['receiver', [], 0]);
    });
  });
}

it('in every order of a commit and a cancel() each message is refused, or answered by a cancel()', (t) => {
  const shape = { capacity: 2 };
  const { states } = explore({
    byteLength: RingQueue.byteLength(u32, shape),
    initial: (memory) => RingQueue.create(memory, u32, { ...shape, participants: new World(900).spawn() }).close(),
    actors: [
      (actor, memory) => {
        const queue = RingQueue.open(memory, u32, { participants: actor });
        try {
          const slot = queue.tryClaim();
          if (!slot) return;
          slot.dataView.setUint32(0, 1, true);
          slot.commit();
          actor.note('sent');
        } catch (error) {
          if (!isMapFileError(error, 'ERR_ENDED')) throw error;
        }
      },
      (actor, memory) => {
        const answered = RingQueue.open(memory, u32, { participants: actor }).cancel();
        for (const value of answered) actor.note(`got ${value}`);
      },
    ],
    deaths: 0,
    mayStarve: false,
    atEnd({ words, notes }) {
      const queue = RingQueue.open(words.slice().buffer, u32, { participants: new World(900).spawn() });
      const got = notes.filter((note) => note.endsWith('got 1')).length + queue.cancel().length;
      assert.equal(got, notes.includes('0:sent') ? 1 : 0, notes.join(', '));
    },
    maxStates: 100_000,
  });
  t.diagnostic(`${states} states`);
  assert.ok(states > 20);
});

describe('a RingQueue beside one who was stopped inside', () => {
  function rig(lock: number) {
    const world = new World();
    // A fake sleep takes no time, and this one is to last.
    const idle = new Int32Array(new SharedArrayBuffer(4));
    world.meanwhile = () => void Atomics.wait(idle, 0, 0, 1);
    const memory = new ArrayBuffer(RingQueue.byteLength(u32, { capacity: 4 }));
    const queue = RingQueue.create(memory, u32, { capacity: 4, participants: world.spawn(), name: 'the queue' });
    const gate = new LockWord(memoryRange(memory), lock, world.spawn());
    return { queue, gate };
  }

  it('answers stats() from where it stands', () => {
    const { queue, gate } = rig(HEADER.consumersLock);
    for (const value of [1, 2, 3]) queue.trySend(value);
    queue.tryTake();
    queue.tryClaim();
    gate.acquireSync();
    const { ready, delivered, claimed, sent, received, usedBytes } = queue.stats();
    assert.deepEqual({ ready, delivered, claimed }, { ready: 2, delivered: 1, claimed: 1 });
    assert.deepEqual({ sent, received, usedBytes }, { sent: 3, received: 0, usedBytes: 64 });
    gate.release();
  });

  it('gives end() and cancel() up after timeoutMs', () => {
    for (const lock of [HEADER.producersLock, HEADER.consumersLock]) {
      const { queue, gate } = rig(lock);
      queue.trySend(1);
      gate.acquireSync();
      const late = { code: 'ERR_TIMEOUT', message: /the queue after 5 ms/, context: { timeoutMs: 5 } };
      if (lock === HEADER.producersLock) assert.throws(() => queue.end({ timeoutMs: 5 }), late);
      assert.equal(queue.ended, false);
      assert.throws(() => queue.cancel({ timeoutMs: 5 }), late);
      assert.throws(() => queue.cancel({ timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
      gate.release();
      assert.deepEqual(queue.cancel({ timeoutMs: 5 }), [1]);
    }
  });

  it('refuses to end with options that cannot be', () => {
    const { queue } = rig(HEADER.producersLock);
    for (const options of [{ timeout: 5 }, null, 5]) {
      assert.throws(() => queue.end(options as never), TypeError);
      assert.throws(() => queue.cancel(options as never), TypeError);
    }
    assert.equal(queue.ended, false);
  });
});
