import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { i32, struct, u32 } from '../../src/codec/index.ts';
import { MappedView } from '../../src/memory/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { COMMITTED, HEADER, HEADER_BYTES } from '../../src/queue/queue-layout.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';

const Point = struct('point', { x: i32, y: i32 });
const participants = new World().spawn();

describe('RingQueue by name', () => {
  it('is made once, opened by all, and gone with its last holder', async () => {
    const name = uniqueName('queue');
    const first = RingQueue.create(name, Point, { capacity: 3 });
    assert.equal(first.created, true);
    assert.throws(() => RingQueue.create(name, Point, { capacity: 3 }), { code: 'ERR_NAME_EXISTS' });
    const second = RingQueue.openOrCreate(name, Point, { capacity: 9 });
    assert.deepEqual([second.created, second.capacity, second.name], [false, 3, name]);
    const third = RingQueue.open(name, Point);
    await first.send({ x: 1, y: 2 });
    assert.deepEqual(await third.receive(), { x: 1, y: 2 });
    const slot = first.tryClaim()!;
    slot.live.x = 7;
    slot.live.y = 8;
    slot.commit();
    const delivery = second.tryTake()!;
    assert.deepEqual([delivery.live.x, delivery.value], [7, { x: 7, y: 8 }]);
    delivery.ack();
    for (const queue of [first, second, third]) queue.close();
    assert.throws(() => RingQueue.open(name, Point), { code: 'ERR_NAME_NOT_FOUND' });
  });

  it('refuses other messages and other memory, and leaves nothing open', () => {
    const name = uniqueName('queue');
    const queue = RingQueue.create(name, Point, { capacity: 3 });
    assert.throws(() => RingQueue.open(name, u32), { code: 'ERR_LAYOUT_MISMATCH', message: /point|fingerprint/ });
    assert.throws(() => RingQueue.open(name), { code: 'ERR_LAYOUT_MISMATCH' });
    queue.close();
    assert.equal(MappedView.exists(name), false);
    const view = MappedView.create(name, 4096);
    assert.throws(() => RingQueue.open(name, Point), { code: 'ERR_WRONG_KIND' });
    view.close();
    assert.equal(MappedView.exists(name), false);
  });
});

describe('RingQueue in memory', () => {
  it('has exactly its capacity when all messages have one size', () => {
    for (let capacity = 1; capacity < 6; capacity++) {
      const memory = new ArrayBuffer(RingQueue.byteLength(u32, { capacity }));
      const queue = RingQueue.create(memory, u32, { capacity, participants });
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < capacity; i++) assert.equal(queue.trySend(i), true);
        assert.equal(queue.trySend(9), false);
        for (let i = 0; i < capacity; i++) assert.equal(queue.tryReceive(), i);
      }
      queue.close();
    }
  });

  it('stands at any multiple of 8 and touches nothing beside itself', () => {
    const byteLength = RingQueue.byteLength(16, { capacity: 2 });
    const all = new Uint8Array(byteLength + 64).fill(0xee);
    all.fill(0, 24, 24 + byteLength);
    const queue = RingQueue.create(all.subarray(24, 24 + byteLength), 16, { capacity: 2, participants });
    for (let i = 0; i < 50; i++) {
      queue.trySend(new Uint8Array(i % 17).fill(i));
      assert.deepEqual(queue.tryReceive(), new Uint8Array(i % 17).fill(i));
    }
    assert.ok(all.subarray(0, 24).every((byte) => byte === 0xee));
    assert.ok(all.subarray(24 + byteLength).every((byte) => byte === 0xee));
  });

  it('refuses memory and shapes that cannot be', () => {
    const shape = { capacity: 2, participants };
    assert.throws(() => RingQueue.create(new ArrayBuffer(300), 64, shape), { code: 'ERR_TOO_SMALL' });
    assert.throws(() => RingQueue.create(new Uint8Array(4096).subarray(4), 64, shape), RangeError);
    assert.throws(() => RingQueue.open(new ArrayBuffer(4096), 64, { participants }), { code: 'ERR_NAME_NOT_FOUND' });
    for (const capacity of [0, -1, 1.5, Number.NaN, 2 ** 30]) {
      assert.throws(() => RingQueue.byteLength(64, { capacity }), RangeError);
    }
    assert.throws(() => RingQueue.byteLength(-1, { capacity: 1 }), RangeError);
    assert.throws(() => RingQueue.byteLength(1, { capacity: 1, producers: 2 as 1 }), RangeError);
  });

  it('refuses what is no message, and stays as it was', () => {
    const queue = RingQueue.create(new ArrayBuffer(RingQueue.byteLength(8, { capacity: 2 })), 8, {
      capacity: 2,
      participants,
    });
    assert.throws(() => queue.trySend(new Uint8Array(9)), RangeError);
    assert.throws(() => queue.trySend('no' as unknown as Uint8Array), TypeError);
    assert.throws(() => queue.tryClaim(9), RangeError);
    queue.trySend(new Uint8Array([1, 2, 3]));
    assert.throws(() => queue.tryReceiveInto(new Uint8Array(2)), RangeError);
    const target = new Uint8Array(3);
    assert.equal(queue.tryReceiveInto(target), 3);
    assert.deepEqual(target, new Uint8Array([1, 2, 3]));
    const points = RingQueue.create(new ArrayBuffer(RingQueue.byteLength(Point, { capacity: 2 })), Point, {
      capacity: 2,
      participants,
    });
    assert.throws(() => points.trySend({ x: 1, y: 2 ** 40 }));
    assert.equal(points.stats().claimed, 0);
    assert.equal(points.trySend({ x: 1, y: 2 }), true);
    assert.deepEqual(points.tryReceive(), { x: 1, y: 2 });
  });

  it('says ERR_CORRUPT whatever stands in its words, and never reads beside its memory', () => {
    for (const offset of [HEADER.head, HEADER.tail, HEADER.next, HEADER_BYTES]) {
      for (const junk of [1, -8, 0x7fff_fff8, 0x0800_0000 | 4096, 0x3800_0000]) {
        const memory = new ArrayBuffer(RingQueue.byteLength(8, { capacity: 4 }));
        const queue = RingQueue.create(memory, 8, { capacity: 4, participants });
        queue.trySend(new Uint8Array(8));
        new DataView(memory).setInt32(offset, junk, true);
        try {
          for (let i = 0; i < 3; i++) {
            queue.tryReceive();
            queue.trySend(new Uint8Array(8));
          }
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'ERR_CORRUPT', String(error));
        }
      }
    }
  });

  it('says ERR_CORRUPT of a message whose length no message has, by every way to get it', () => {
    for (const [messages, bytes] of [
      [Point, 0],
      [8, 16],
    ] as const) {
      for (const producers of [{}, { producers: 1 }] as const) {
        const shape = { capacity: 2, ...producers };
        const memory = new ArrayBuffer(RingQueue.byteLength(messages as number, shape) + 64);
        const queue = RingQueue.create(memory, messages as number, { ...shape, participants });
        const other = RingQueue.open(memory, messages as number, { participants: new World(9).spawn() });
        const value = (messages === 8 ? new Uint8Array(8) : { x: 1, y: 2 }) as Uint8Array;
        assert.ok(queue.trySend(value) && queue.trySend(value));
        new DataView(memory).setInt32(HEADER_BYTES, COMMITTED | bytes, true);
        for (const get of [() => other.tryReceive(), () => other.tryTake(), () => other.stats()]) {
          assert.throws(get, { code: 'ERR_CORRUPT' });
        }
        assert.equal(new DataView(memory).getInt32(HEADER.consumersLock, true), 0);
      }
    }
  });
});
