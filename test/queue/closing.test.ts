import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryRange } from '../../src/base/memory.ts';
import { defineCodec } from '../../src/codec/index.ts';
import { MappedView } from '../../src/memory/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { FILLED, HEADER, HEADER_BYTES } from '../../src/queue/queue-layout.ts';
import { LockWord } from '../../src/sync/lock-word.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';
import { Restless } from './restless.ts';

const CLOSED = { name: 'TypeError', code: 'ERR_CLOSED' };
const PATIENT = { timeoutMs: 20_000 };
const message = (value: number) => new Uint8Array(8).fill(value);
const turn = () => new Promise((resolve) => setImmediate(resolve));

for (const ends of [{}, { consumers: 1 }, { producers: 1, consumers: 1 }] as const) {
  const shape = { capacity: 2, ...ends };

  describe(`closing a RingQueue, ${JSON.stringify(ends)}`, () => {
    it('in memory: sends that wait are rejected, and nothing of them is sent', async () => {
      const world = new World();
      const memory = new ArrayBuffer(RingQueue.byteLength(8, shape));
      const join = () =>
        RingQueue.openOrCreate(memory, 8, { ...shape, participants: new Restless(world, world.spawn().self) });
      const queue = join();
      while (queue.trySend(message(1)));
      const waiting = [queue.send(message(2)), queue.send(message(3), PATIENT)];
      await turn();
      queue.close();
      for (const wait of waiting) await assert.rejects(wait, CLOSED);
      const other = join();
      for (let got = other.tryReceive(); got; got = other.tryReceive()) assert.equal(got[0], 1);
      assert.equal(other.stats().sent, other.stats().received);
    });

    it('by its codec, while it sends: nothing is sent, and whoever sends next is not disturbed', () => {
      for (const ownership of [undefined, { adopt() {}, disown() {} }]) {
        const world = new World();
        const closing = defineCodec<number>({
          name: 'closing',
          byteLength: 4,
          byteAlignment: 4,
          read: (view, at) => view.getUint32(at, true),
          write(view, at, value) {
            view.setUint32(at, value, true);
            if (value !== 1) return;
            queue.close();
            assert.equal(other.trySend(2), true);
          },
        });
        const memory = new ArrayBuffer(RingQueue.byteLength(closing, shape));
        const join = () =>
          RingQueue.openOrCreate(memory, closing, {
            ...shape,
            ...(ownership && { ownership }),
            participants: world.spawn(),
          });
        const queue: RingQueue<number, unknown, number> = join();
        const other: RingQueue<number, unknown, number> = join();
        assert.throws(() => queue.trySend(1), CLOSED);
        assert.equal(other.tryReceive(), 2);
        assert.equal(other.tryReceive(), undefined);
        const { usedBytes, sent } = other.stats();
        assert.deepEqual([usedBytes, sent], [0, 1]);
      }
    });

    it('by name: every wait is rejected with ERR_CLOSED', async () => {
      for (const full of [false, true]) {
        const queue = RingQueue.create(uniqueName('queue'), 8, shape);
        while (full && queue.trySend(message(1)));
        const wait = full ? () => queue.send(message(2)) : () => queue.receive();
        const waiting = [wait(), wait(), wait()];
        await turn();
        queue.close();
        for (const each of waiting) await assert.rejects(each, CLOSED);
      }
    });

    it('over a view that was closed first: every wait is rejected, every call refused, close() is good', async () => {
      const view = MappedView.create(uniqueName('view'), RingQueue.byteLength(8, shape));
      const queue = RingQueue.create(view, 8, shape);
      const waiting = [queue.receive(), queue.take()];
      const slot = queue.tryClaim(8)!;
      await turn();
      view.close();
      for (const each of waiting) await assert.rejects(each, CLOSED);
      assert.throws(() => queue.trySend(message(1)), CLOSED);
      assert.throws(() => queue.tryReceive(), CLOSED);
      assert.throws(() => queue.stats(), CLOSED);
      assert.throws(() => slot.commit(), CLOSED);
      queue.close();
      assert.equal(queue.closed, true);
    });
  });
}

it('closing a RingQueue rejects those who wait for somebody who was stopped in the middle', async () => {
  const world = new World();
  const memory = new ArrayBuffer(RingQueue.byteLength(8, { capacity: 2 }));
  const queue = RingQueue.create(memory, 8, { capacity: 2, participants: world.spawn() });
  for (const offset of [HEADER.producersLock, HEADER.consumersLock]) {
    new LockWord(memoryRange(memory), offset, world.spawn()).acquireSync();
  }
  const waiting = [queue.send(message(1)), queue.receive()];
  await turn();
  queue.close();
  for (const each of waiting) await assert.rejects(each, CLOSED);
  assert.deepEqual(world.sleepers, []);
});

describe('an ownership of a RingQueue', () => {
  it('closes its view inside the gate: ERR_CLOSED', () => {
    const world = new World();
    const view = MappedView.create(uniqueName('view'), RingQueue.byteLength(8, { capacity: 2 }));
    const ownership = { adopt() {}, disown: () => view.close() };
    const dying = world.spawn();
    const dead = RingQueue.create(view, 8, { capacity: 2, participants: dying });
    const slot = dead.tryClaim(8)!;
    view.dataView().setInt32(HEADER_BYTES, FILLED | slot.byteLength, true);
    world.kill(dying.self);
    const queue = RingQueue.open(view, 8, { ownership, participants: world.spawn() });
    assert.throws(() => queue.tryReceive(), CLOSED);
  });
});
