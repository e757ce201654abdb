import '../support/death.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParticipantId } from '../../src/base/participants.ts';
import { u32 } from '../../src/codec/index.ts';
import { blockHandle, SharedHeap } from '../../src/heap/index.ts';
import type { QueueShape } from '../../src/queue/index.ts';
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
});
