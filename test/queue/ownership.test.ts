import '../support/death.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MapFileError } from '../../src/base/errors.ts';
import type { ParticipantId } from '../../src/base/participants.ts';
import { u32 } from '../../src/codec/index.ts';
import { blockHandle, SharedHeap } from '../../src/heap/index.ts';
import type { MessageOwnership, QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { aside, point, run } from '../support/death.ts';
import { type FakeParticipants, World } from '../support/participants.ts';

/** Things with an owner; 0 is nobody. Each change is one store. */
class Things {
  readonly owners = new Map<number, ParticipantId | 0>();

  of(self: ParticipantId) {
    const set = (thing: number, owner: ParticipantId | 0) => {
      point();
      this.owners.set(thing, owner);
      point();
    };
    return { adopt: (thing: number) => set(thing, self), disown: (thing: number) => set(thing, 0) };
  }
}

const SHAPES: QueueShape[] = [{ capacity: 3 }, { capacity: 3, producers: 1, consumers: 1 }];

describe('RingQueue with an ownership', () => {
  for (const shape of SHAPES) {
    it(`a death at any store leaves each thing with one owner, ${JSON.stringify(shape)}`, () => {
      let deaths = 0;
      for (let dieAt = 1; ; dieAt++) {
        const world = new World();
        const things = new Things();
        const memory = new ArrayBuffer(RingQueue.byteLength(u32, shape));
        const join = (participants: FakeParticipants) =>
          RingQueue.openOrCreate(memory, u32, {
            ...shape,
            participants,
            ownership: things.of(participants.self),
            patrolMs: 0,
          });
        const a = world.spawn();
        const returned = new Set<number>();
        const { died } = run(() => {
          const queue = join(a);
          let next = 1;
          const send = () => {
            things.owners.set(next, a.self);
            return queue.trySend(next++);
          };
          send();
          send();
          returned.add(queue.tryReceive()!);
          while (send());
          const delivery = queue.tryTake()!;
          delivery.ack();
          returned.add(delivery.value);
          const slot = queue.tryClaim()!;
          things.owners.set(next, a.self);
          slot.live.value = next++;
          slot.commit();
        }, dieAt);
        world.kill(a.self);
        const c = world.spawn();
        const queue = join(c);
        const received = new Set<number>();
        for (let thing = queue.tryReceive(); thing !== undefined; thing = queue.tryReceive()) received.add(thing);
        for (const [thing, owner] of things.owners) {
          assert.notEqual(owner, 0, `thing ${thing} belongs to nobody`);
          assert.equal(received.has(thing), owner === c.self, `thing ${thing} is received, and belongs to ${owner}`);
          if (returned.has(thing)) assert.equal(owner, a.self);
        }
        if (!died) break;
        deaths += 1;
      }
      assert.ok(deaths > 50, `${deaths}`);
    });
  }

  it('passes the blocks of a SharedHeap from thread to thread, and none is reclaimed under way', () => {
    const world = new World();
    const [a, b] = [world.spawn(), world.spawn()];
    const heapMemory = new ArrayBuffer(65_536);
    const heapOfA = SharedHeap.create(heapMemory, undefined, { participants: a });
    const heapOfB = SharedHeap.open(heapMemory, { participants: b });
    const memory = new ArrayBuffer(RingQueue.byteLength(blockHandle, { capacity: 4 }));
    const sender = RingQueue.create(memory, blockHandle, { capacity: 4, participants: a, ownership: heapOfA });
    const receiver = RingQueue.open(memory, blockHandle, { participants: b, ownership: heapOfB });
    const sent = heapOfA.allocate(100);
    const kept = heapOfA.allocate(100);
    sender.trySend(sent);
    aside(() => world.kill(a.self));
    assert.equal(heapOfB.reclaim().blocks, 1);
    assert.equal(heapOfB.has(kept), false);
    const handle = receiver.tryReceive()!;
    assert.equal(handle, sent);
    assert.deepEqual(
      heapOfB.owners().map((owner) => owner.participant),
      [b.self],
    );
    heapOfB.free(handle);
    assert.throws(() => receiver.trySend(handle), { code: 'ERR_STALE_HANDLE' });
    assert.equal(receiver.stats().claimed, 0);
    const freed = heapOfB.allocate(8);
    receiver.trySend(freed);
    const delivery = receiver.tryTake()!;
    heapOfB.free(delivery.value!);
    delivery.ack();
    assert.equal(receiver.stats().usedBytes, 0);
  });

  for (const shape of SHAPES) {
    it(`a receiver whose ownership throws leaves the message to the next, ${JSON.stringify(shape)}`, async () => {
      const world = new World();
      const memory = new ArrayBuffer(RingQueue.byteLength(u32, shape));
      const fine = { adopt: () => {}, disown: () => {} };
      const broken = new Error('no heap');
      let fails = true;
      const adopt = () => {
        if (fails) throw broken;
      };
      const join = (ownership: MessageOwnership<number>) =>
        RingQueue.openOrCreate(memory, u32, { ...shape, participants: world.spawn(), ownership });
      const sender = join(fine);
      sender.trySend(1);
      const receiver = join({ adopt, disown: fine.disown });
      const isBroken = (error: unknown) => error === broken;
      assert.throws(() => receiver.tryReceive(), isBroken);
      assert.throws(() => receiver.receiveSync(), isBroken);
      await assert.rejects(receiver.receive(), isBroken);
      await assert.rejects(receiver.messages().next(), isBroken);
      const { ready, delivered } = receiver.stats();
      assert.deepEqual({ ready, delivered }, { ready: 1, delivered: 0 });
      const delivery = receiver.tryTake()!;
      assert.throws(() => delivery.ack(), isBroken);
      delivery.release();
      fails = false;
      assert.equal(receiver.tryReceive(), 1);
      assert.equal(receiver.stats().usedBytes, 0);
    });

    it(`cancel() loses nothing if an ownership throws, ${JSON.stringify(shape)}`, () => {
      const memory = new ArrayBuffer(RingQueue.byteLength(u32, shape));
      let bad = 2;
      const adopted: number[] = [];
      const adopt = (message: number) => {
        if (message === bad) throw new Error('no heap');
        adopted.push(message);
      };
      const ownership = { adopt, disown: () => {} };
      const queue = RingQueue.create(memory, u32, { ...shape, participants: new World().spawn(), ownership });
      for (const message of [1, 2, 3]) queue.trySend(message);
      assert.throws(() => queue.cancel(), /no heap/);
      const { ready, delivered } = queue.stats();
      assert.deepEqual({ ready, delivered, ended: queue.ended }, { ready: 3, delivered: 0, ended: true });
      bad = 0;
      assert.deepEqual(queue.cancel(), [1, 2, 3]);
      assert.deepEqual(adopted, [1, 1, 2, 3]);
      assert.equal(queue.stats().usedBytes, 0);
    });

    it(`what a dead sender filled is dropped only if it is gone, ${JSON.stringify(shape)}`, () => {
      for (const gone of [false, true]) {
        const world = new World();
        const a = world.spawn();
        const memory = new ArrayBuffer(RingQueue.byteLength(u32, shape));
        let filled = memory;
        const adopt = () => {};
        const copy = () => {
          filled = memory.slice(0);
        };
        RingQueue.create(memory, u32, { ...shape, participants: a, ownership: { adopt, disown: copy } }).trySend(1);
        world.kill(a.self);

        const error = gone
          ? new MapFileError('ERR_STALE_HANDLE', 'It has been freed', { handle: 1 })
          : new TypeError('The heap is closed');
        const disown = () => {
          throw error;
        };
        const participants = world.spawn();
        const receiver = RingQueue.open(filled, u32, { participants, ownership: { adopt, disown } });
        if (gone) assert.equal(receiver.tryReceive(), undefined);
        else assert.throws(() => receiver.tryReceive(), error);
        assert.equal(receiver.stats().dropped, gone ? 1 : 0);
        world.kill(participants.self);
        const next = RingQueue.open(filled, u32, { participants: world.spawn(), ownership: { adopt, disown: adopt } });
        assert.equal(next.tryReceive(), gone ? undefined : 1);
      }
    });
  }
});
