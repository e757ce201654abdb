import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Participants } from '../../src/base/participants.ts';
import type { QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { World } from '../support/participants.ts';

const bytes = (...values: number[]) => new Uint8Array(values);

/** A raw queue over fresh memory, and a way to open it again. */
function rig(byteLength: number, shape: QueueShape, world = new World()) {
  const memory = new ArrayBuffer(RingQueue.byteLength(byteLength, shape));
  const queue = RingQueue.create(memory, byteLength, { ...shape, participants: world.spawn(), patrolMs: 0 });
  const open = (participants: Participants = world.spawn()) =>
    RingQueue.open(memory, undefined, { participants, patrolMs: 0 });
  return { memory, queue, open, world };
}

const SHAPES: QueueShape[] = [
  { capacity: 4 },
  { capacity: 4, producers: 1 },
  { capacity: 4, consumers: 1 },
  { capacity: 4, producers: 1, consumers: 1 },
];

for (const shape of SHAPES) {
  describe(`RingQueue ${JSON.stringify(shape)}`, () => {
    it('gives messages back in order', () => {
      const { queue } = rig(16, shape);
      for (let round = 0; round < 100; round++) {
        for (let i = 0; i < 3; i++) assert.equal(queue.trySend(bytes(round, i, 7).subarray(0, 2 + (round % 2))), true);
        for (let i = 0; i < 3; i++) assert.deepEqual(queue.tryReceive()?.subarray(0, 2), bytes(round, i));
        assert.equal(queue.tryReceive(), undefined);
      }
    });

    it('trySend() returns false when the ring is full, and true again after a receive', () => {
      const { queue } = rig(16, shape);
      let sent = 0;
      while (queue.trySend(new Uint8Array(16).fill(sent))) sent += 1;
      assert.ok(sent >= 4 && sent <= 5, `${sent}`);
      assert.deepEqual(queue.tryReceive(), new Uint8Array(16).fill(0));
      assert.equal(queue.trySend(new Uint8Array(16).fill(sent)), true);
      assert.equal(queue.trySend(bytes()), false);
      for (let i = 1; i <= sent; i++) assert.deepEqual(queue.tryReceive(), new Uint8Array(16).fill(i));
      assert.equal(queue.tryReceive(), undefined);
      assert.equal(queue.stats().usedBytes, 0);
    });

    it('take() keeps the message until ack(), and hands a released one out again', () => {
      const { queue } = rig(16, shape);
      queue.trySend(bytes(1));
      queue.trySend(bytes(2));
      const first = queue.tryTake()!;
      const second = queue.tryTake()!;
      assert.deepEqual([first.value[0], second.value[0]], [1, 2]);
      assert.equal(first.redelivered, false);
      assert.equal(queue.tryTake(), undefined);
      assert.equal(queue.stats().delivered, 2);
      first.release();
      const again = queue.tryTake()!;
      assert.deepEqual([again.value[0], again.redelivered], [1, true]);
      second.ack();
      again.ack();
      assert.throws(() => again.ack(), { code: 'ERR_CLOSED' });
      assert.equal(queue.tryTake(), undefined);
      const { usedBytes, received, redelivered } = queue.stats();
      assert.deepEqual({ usedBytes, received, redelivered }, { usedBytes: 0, received: 2, redelivered: 1 });
    });

    it('hands out first what was released, however much waits behind it', () => {
      const own = { ...shape, capacity: 64, participants: new World().spawn(), patrolMs: 3_600_000 };
      const queue = RingQueue.create(new ArrayBuffer(RingQueue.byteLength(16, own)), 16, own);
      for (let round = 0; round < 50; round++) {
        for (let i = 0; i < 6; i++) assert.equal(queue.trySend(bytes(i)), true);
        const [a, b, c] = [queue.tryTake()!, queue.tryTake()!, queue.tryTake()!];
        c.release();
        a.release();
        const got = Array.from({ length: 5 }, () => queue.tryTake()!);
        assert.deepEqual(
          got.map(({ value, redelivered }) => [value[0], redelivered]),
          [
            [0, true],
            [2, true],
            [3, false],
            [4, false],
            [5, false],
          ],
        );
        for (const delivery of [...got, b]) delivery.ack();
      }
      assert.equal(queue.stats().usedBytes, 0);
    });

    it('tryClaim() commits in place, shrinks, and aborts without a trace', () => {
      const { queue } = rig(32, shape);
      for (let round = 0; round < 50; round++) {
        const slot = queue.tryClaim(32)!;
        slot.bytes.set(bytes(1, 2, 3));
        slot.commit(3);
        const lost = queue.tryClaim(8)!;
        lost.abort();
        assert.throws(() => lost.bytes, { code: 'ERR_CLOSED' });
        queue.trySend(bytes(9));
        assert.deepEqual(queue.tryReceive(), bytes(1, 2, 3));
        assert.deepEqual(queue.tryReceive(), bytes(9));
        assert.equal(queue.tryReceive(), undefined);
      }
      assert.equal(queue.stats().usedBytes, 0);
    });

    it('end() lets receivers drain and then finish', async () => {
      const { queue, open } = rig(16, shape);
      queue.trySend(bytes(1));
      queue.trySend(bytes(2));
      queue.end();
      assert.throws(() => queue.trySend(bytes(3)), { code: 'ERR_ENDED' });
      const got: number[] = [];
      for await (const message of open()) got.push(message[0]!);
      assert.deepEqual(got, [1, 2]);
    });
  });
}
