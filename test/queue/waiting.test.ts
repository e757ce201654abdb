import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { after, describe, it } from 'node:test';
import type { QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { World } from '../support/participants.ts';
import { killAll, start } from '../support/processes.ts';

const bytes = (...values: number[]) => new Uint8Array(values);
const FOREVER = { timeoutMs: 20_000 };

function rig(shape: QueueShape = { capacity: 2 }, byteLength = 8) {
  const world = new World();
  const memory = new ArrayBuffer(RingQueue.byteLength(byteLength, shape));
  const [a, b] = [world.spawn(), world.spawn()];
  const queue = RingQueue.create(memory, byteLength, { ...shape, participants: a, name: 'the queue' });
  const other = RingQueue.open(memory, undefined, { participants: b });
  return { world, queue, other, a, b, memory };
}

function fill(queue: { trySend(value: Uint8Array): boolean }): number {
  let sent = 0;
  while (queue.trySend(new Uint8Array(8).fill(sent))) sent += 1;
  return sent;
}

after(killAll);

describe('RingQueue waiting', () => {
  for (const [first, second, code] of [
    ['unref', 'ref', 0],
    ['ref', 'unref', 0],
    ['unref', 'unref', 3],
  ] as const) {
    it(`a process with a wait in line behind another ${code === 0 ? 'goes on' : 'ends'}: ${first}, ${second}`, async () => {
      const child = start('./ref-actor.ts', { from: import.meta.url, args: [first, second] });
      assert.equal((await child.ended).code, code);
    });
  }

  it('send() has sent before it returns its Promise when there is room', () => {
    const { queue, other } = rig();
    void queue.send(bytes(1));
    assert.deepEqual(other.tryReceive(), bytes(1));
  });

  it('receive() is woken by a send', async () => {
    const { queue, other } = rig();
    const waiting = other.receive(FOREVER);
    await null;
    queue.trySend(bytes(5));
    assert.deepEqual(await waiting, bytes(5));
  });

  it('send() is woken by a receive, and keeps the order of the sends', async () => {
    const { queue, other } = rig();
    const sent = fill(queue);
    const value = bytes(100);
    const waits = [queue.send(value, FOREVER), queue.send(bytes(101), FOREVER), queue.send(bytes(102), FOREVER)];
    value[0] = 0; // too late: it was encoded when it had to wait
    assert.equal(queue.trySend(bytes(103)), false, 'overtakes nobody');
    const got: number[] = [];
    while (got.length < sent + 3) {
      const message = await other.receive(FOREVER);
      got.push(message![0]!);
    }
    await Promise.all(waits);
    assert.deepEqual(got.slice(-3), [100, 101, 102]);
    assert.equal(queue.trySend(bytes(103)), true);
  });

  it('nobody is rung when nobody waits', () => {
    const { queue, other, world } = rig();
    for (let i = 0; i < 100; i++) {
      queue.trySend(bytes(i));
      other.tryReceive();
    }
    assert.equal(world.rings, 0);
  });

  it('sendSync() and receiveSync() wait, and time out', () => {
    const { queue, other, world } = rig();
    assert.throws(() => other.receiveSync({ timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
    world.meanwhile = () => void queue.trySend(bytes(1));
    assert.deepEqual(other.receiveSync(FOREVER), bytes(1));
    while (other.tryReceive());
    fill(queue);
    assert.throws(() => queue.sendSync(bytes(9), { timeoutMs: 0 }), { code: 'ERR_TIMEOUT', message: /the queue/ });
    world.meanwhile = () => void other.tryReceive();
    queue.sendSync(bytes(9), FOREVER);
    world.meanwhile = () => void queue.trySend(bytes(10));
    while (other.tryReceive());
    const delivery = other.takeSync(FOREVER)!;
    assert.deepEqual(delivery.value, bytes(10));
    delivery.ack();
  });

  it('a time-out and a signal end a wait and leave no trace', async () => {
    const { queue, other } = rig();
    await assert.rejects(other.receive({ timeoutMs: 5 }), { code: 'ERR_TIMEOUT' });
    const abort = new AbortController();
    const first = other.receive({ signal: abort.signal });
    const second = other.receive(FOREVER);
    const third = other.receive({ signal: abort.signal });
    third.catch(() => undefined);
    abort.abort(new Error('enough'));
    await assert.rejects(
      first,
      (error: Error) => error.name === 'AbortError' && (error.cause as Error).message === 'enough',
    );
    await assert.rejects(third, { name: 'AbortError' });
    queue.trySend(bytes(7));
    assert.deepEqual(await second, bytes(7));
    await assert.rejects(other.receive({ signal: abort.signal }), { name: 'AbortError' });
    await assert.rejects(other.receive({ timeoutMs: -1 }), RangeError);
    await assert.rejects(other.receive({ ref: 'no' as never }), { name: 'TypeError', message: /"no" as ref/ });
  });

  it('many waits share one listener of their signal, and leave none', async () => {
    const shape = { capacity: 2 };
    const queue = RingQueue.create(new ArrayBuffer(RingQueue.byteLength(8, shape)), 8, shape);
    const abort = new AbortController();
    const { signal } = abort;
    const receives = Array.from({ length: 20 }, () => queue.receive({ signal }));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    for (let i = 0; i < 20; i++) await queue.send(bytes(i));
    await Promise.all(receives);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    fill(queue);
    const sends = Array.from({ length: 20 }, () => queue.send(bytes(1), { signal }));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    abort.abort();
    for (const { status } of await Promise.allSettled(sends)) assert.equal(status, 'rejected');
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    queue.close();
  });

  it('close() rejects what this object waits for, gives back what it holds, and leaves the others alone', async () => {
    const { queue, other, memory, world } = rig();
    const waiting = other.receive();
    const inTurn = other.take();
    await null;
    other.close();
    await assert.rejects(waiting, { code: 'ERR_CLOSED' });
    await assert.rejects(inTurn, { code: 'ERR_CLOSED' });
    assert.throws(() => other.tryReceive(), { code: 'ERR_CLOSED' });
    assert.equal(other.closed, true);

    const third = RingQueue.open(memory, undefined, { participants: world.spawn() });
    queue.trySend(bytes(1));
    const delivery = third.tryTake()!;
    const slot = third.tryClaim(8)!;
    third.close();
    assert.throws(() => delivery.ack(), { code: 'ERR_CLOSED' });
    assert.throws(() => slot.commit(), { code: 'ERR_CLOSED' });
    const again = queue.tryTake()!;
    assert.deepEqual([again.value, again.redelivered], [bytes(1), true]);
    again.ack();
    assert.equal(queue.tryTake(), undefined);
    assert.equal(queue.stats().claimed, 0);
  });

  it('end() ends the waits of senders and of receivers', async () => {
    const { queue, other } = rig();
    const waiting = other.receive(FOREVER);
    await null;
    queue.end();
    assert.equal(await waiting, undefined);
    assert.equal(await other.take(), undefined);
    assert.equal(other.ended, true);
    await assert.rejects(other.send(bytes(1)), { code: 'ERR_ENDED' });

    const full = rig();
    fill(full.queue);
    const blocked = full.queue.send(bytes(1), FOREVER);
    full.other.end();
    await assert.rejects(blocked, { code: 'ERR_ENDED' });
  });

  it('end() keeps receivers waiting for open claims, and for the deliveries of others', async () => {
    const { queue, other } = rig();
    const slot = queue.tryClaim(1)!;
    queue.end();
    const waiting = other.take(FOREVER);
    await null;
    slot.bytes[0] = 3;
    slot.commit();
    const delivery = (await waiting)!;
    assert.deepEqual(delivery.value, bytes(3));
    assert.equal(await other.take(FOREVER), undefined, 'its own deliveries are no reason to wait');
    const end = queue.receive(FOREVER);
    await null;
    delivery.release();
    assert.deepEqual(await end, bytes(3));
    assert.equal(await queue.receive(FOREVER), undefined);
  });

  it('cancel() ends both ends at once and answers what nobody will receive', async () => {
    const { queue, other } = rig();
    queue.trySend(bytes(1));
    queue.trySend(bytes(2));
    assert.deepEqual(other.cancel(), [bytes(1), bytes(2)]);
    assert.throws(() => queue.trySend(bytes(3)), { code: 'ERR_ENDED' });
    assert.equal(await queue.receive(), undefined);
    assert.equal(other.stats().cancelled, true);
  });

  it('a sleeping receiver takes over from a consumer that dies, and a producer’s open claim is skipped', async () => {
    const { queue, other, world, memory } = rig();
    const participants = world.spawn();
    const dying = RingQueue.open(memory, undefined, { participants });
    queue.trySend(bytes(1));
    dying.tryTake();
    const waiting = other.take(FOREVER);
    await null;
    world.kill(participants.self);
    const delivery = (await waiting)!;
    assert.deepEqual([delivery.value, delivery.redelivered], [bytes(1), true]);
    delivery.ack();

    const producer = world.spawn();
    RingQueue.open(memory, undefined, { participants: producer }).tryClaim(8);
    queue.trySend(bytes(2));
    const next = other.receive(FOREVER);
    await null;
    world.kill(producer.self);
    assert.deepEqual(await next, bytes(2));
    assert.equal(queue.stats().dropped, 1);
  });

  it('messages() and deliveries() end with the queue', async () => {
    const { queue, other } = rig({ capacity: 8 });
    for (let i = 0; i < 4; i++) queue.trySend(bytes(i));
    queue.end();
    const got: number[] = [];
    for await (const message of other) {
      got.push(message[0]!);
      if (got.length === 2) break;
    }
    for await (const delivery of other.deliveries()) {
      got.push(delivery.value[0]!);
      delivery.ack();
    }
    assert.deepEqual(got, [0, 1, 2, 3]);
  });

  it('a queue for one of each refuses a second while the first lives, and takes over from the dead', () => {
    const { queue, other, world, a } = rig({ capacity: 2, producers: 1, consumers: 1 });
    queue.trySend(bytes(1));
    assert.throws(() => other.trySend(bytes(2)), { code: 'ERR_BUSY', message: /producer.*participant 1/ });
    assert.deepEqual(other.tryReceive(), bytes(1));
    assert.throws(() => queue.tryReceive(), { code: 'ERR_BUSY', message: /consumer.*participant 2/ });
    world.kill(a.self);
    assert.equal(other.trySend(bytes(2)), true);
    other.close();
  });
});
