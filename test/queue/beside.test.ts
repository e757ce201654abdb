/** What one participant leaves in the way of the others: an open claim, an old delivery, a refused message, its role. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, struct, u8, u32 } from '../../src/codec/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { World } from '../support/participants.ts';

const bytes = (value: number) => new Uint8Array(8).fill(value);

describe('a RingQueue beside its participants', () => {
  it('does not end behind the back of an only producer’s open claim, which nobody sees', async () => {
    const shape = { capacity: 4, producers: 1 } as const;
    const name = 'the jobs';
    const memory = new ArrayBuffer(RingQueue.byteLength(8, shape));
    const queue = RingQueue.create(memory, 8, { ...shape, name, participants: new World().spawn() });
    const slot = queue.tryClaim()!;
    slot.bytes.fill(42);
    assert.throws(() => queue.end(), { code: 'ERR_BUSY', message: /Cannot end the jobs: .*commit or abort it first/ });
    assert.equal(queue.ended, false);
    slot.commit();
    queue.end();
    assert.deepEqual(await queue.receive(), bytes(42));
    assert.equal(await queue.receive(), undefined);
  });

  it('is cancelled by its only consumer alone; another’s attempt ends nothing', () => {
    const shape = { capacity: 4, consumers: 1 } as const;
    const world = new World();
    const memory = new ArrayBuffer(RingQueue.byteLength(u32, shape));
    const join = () => RingQueue.openOrCreate(memory, u32, { ...shape, name: 'the jobs', participants: world.spawn() });
    const [producer, consumer] = [join(), join()];
    for (const value of [1, 2, 3]) producer.trySend(value);
    assert.equal(consumer.tryReceive(), 1);
    assert.throws(() => producer.cancel(), { code: 'ERR_BUSY', message: /Cannot become the consumer of the jobs/ });
    assert.equal(producer.ended, false);
    assert.ok(producer.trySend(4));
    assert.deepEqual(consumer.cancel(), [2, 3, 4]);
    assert.deepEqual([producer.ended, producer.stats().cancelled], [true, true]);
  });

  it('keeps no room for a message that was refused', () => {
    const Big = struct('big', { a: u32, b: array(u8, 5000) });
    const b = new Uint8Array(5000);
    const ownership = { adopt() {}, disown() {} };
    for (const options of [{}, { ownership }]) {
      const shape = { capacity: 3, consumers: 1 } as const;
      const memory = new ArrayBuffer(RingQueue.byteLength(Big, shape));
      const queue = RingQueue.create(memory, Big, { ...shape, ...options, participants: new World().spawn() });
      for (let i = 0; i < 5; i++) assert.throws(() => queue.trySend({ a: -1, b: [...b] }), RangeError);
      assert.equal(queue.stats().usedBytes, 0);
      for (let i = 0; i < 3; i++) assert.ok(queue.trySend({ a: i, b: [...b] }));
    }
  });

  it('keeps no room for bytes that say another length than they have', () => {
    class Odd extends Uint8Array {
      override get length(): number {
        return 5000;
      }
    }
    for (const shape of [{ capacity: 3 }, { capacity: 3, producers: 1 }] as const) {
      const memory = new ArrayBuffer(RingQueue.byteLength(5000, shape));
      const queue = RingQueue.create(memory, 5000, { ...shape, participants: new World().spawn() });
      for (let i = 0; i < 5; i++) assert.throws(() => queue.trySend(new Odd(100_000)), RangeError);
      assert.ok(queue.trySend(new Uint8Array(5000)));
      queue.end();
      assert.equal(queue.tryReceive()?.length, 5000);
      assert.equal(queue.stats().claimed, 0);
    }
  });

  it('says ERR_CLOSED if what adopts a message closes it; another gets the message', () => {
    const shape = { capacity: 4 };
    const world = new World();
    const memory = new ArrayBuffer(RingQueue.byteLength(u32, shape));
    type Queue = RingQueue<number, unknown, number>;
    for (const receive of [(queue: Queue) => queue.tryReceive(), (queue: Queue) => queue.tryTake()?.ack()]) {
      const ownership = { adopt: () => queue.close(), disown() {} };
      const participants = world.spawn();
      const queue: Queue = RingQueue.openOrCreate(memory, u32, { ...shape, ownership, participants });
      queue.trySend(3);
      assert.throws(() => receive(queue), { name: 'TypeError', code: 'ERR_CLOSED' });
      const other = RingQueue.open(memory, u32, { participants: world.spawn() });
      const delivery = other.tryTake()!;
      assert.deepEqual([delivery.value, delivery.redelivered], [3, true]);
      delivery.ack();
      other.close();
    }
  });

  it('goes once, and not at each look, through what has come and gone behind an old delivery', () => {
    const shape = { capacity: 3000 };
    const world = new World();
    const memory = new ArrayBuffer(RingQueue.byteLength(8, shape));
    const join = () => RingQueue.openOrCreate(memory, 8, { ...shape, participants: world.spawn() });
    const [slow, fast] = [join(), join()];
    for (let i = 0; i < 2000; i++) slow.trySend(bytes(i & 255));
    const old = slow.tryTake()!;
    for (let delivery = fast.tryTake(); delivery; delivery = fast.tryTake()) delivery.ack();
    assert.equal(fast.tryReceive(), undefined);
    const looks = loadsOf(() => assert.equal(fast.tryReceive(), undefined));
    assert.ok(looks < 50, `${looks} loads for one look`);
    slow.trySend(bytes(1));
    assert.deepEqual(fast.tryReceive(), bytes(1));
    old.ack();
    assert.equal(fast.tryReceive(), undefined);
    const { usedBytes, received } = fast.stats();
    assert.deepEqual([usedBytes, received], [0, 2001]);
  });
});

/** How many atomic loads something takes. */
function loadsOf(work: () => void): number {
  const { load } = Atomics;
  let loads = 0;
  Object.assign(Atomics, {
    load(array: Int32Array, index: number) {
      loads += 1;
      return load(array, index);
    },
  });
  try {
    work();
  } finally {
    Object.assign(Atomics, { load });
  }
  return loads;
}
