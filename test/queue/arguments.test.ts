import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { u32 } from '../../src/codec/index.ts';
import { SharedHeap } from '../../src/heap/index.ts';
import type { QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { HEADER, HEADER_BYTES, VERSION } from '../../src/queue/queue-layout.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';

const SHAPES: QueueShape[] = [{ capacity: 4 }, { capacity: 4, producers: 1, consumers: 1 }];
const bad = <T>(value: T) => value as never;
const participants = new World().spawn();
const shape = { capacity: 2, participants };
const memory = () => new ArrayBuffer(4096);
const queueIn = (where: ArrayBuffer) => RingQueue.create(where, 8, shape);

describe('RingQueue over memory that holds something else', () => {
  const wrong = (verb: string) => ({
    code: 'ERR_WRONG_KIND',
    message: new RegExp(`Cannot ${verb} the queue: this memory holds something else, \\w+`),
    context: { name: 'the queue', expected: 'queue' },
  });
  const refusedIn = (where: ArrayBuffer) => {
    const before = new Uint8Array(where.slice(0));
    const options = { ...shape, name: 'the queue' };
    assert.throws(() => RingQueue.create(where, 8, options), wrong('create'));
    assert.throws(() => RingQueue.openOrCreate(where, 8, options), wrong('create'));
    assert.throws(() => RingQueue.open(where, 8, { participants, name: 'the queue' }), wrong('open'));
    assert.deepEqual(new Uint8Array(where), before);
  };

  it('refuses it, and leaves it as it was', () => {
    const where = new ArrayBuffer(65_536);
    const heap = SharedHeap.create(where, undefined, { participants });
    const block = heap.allocate(16);
    refusedIn(where);
    heap.free(block);
    refusedIn(new Uint8Array(4096).fill(7).buffer);
    for (const offset of [HEADER.magic, HEADER.version, HEADER.capacity, HEADER.stage, HEADER.tail, HEADER.dropped]) {
      const words = new Uint8Array(4096);
      words[offset] = 7;
      refusedIn(words.buffer);
    }
  });

  it('makes one where a maker died, after whichever of its stores', () => {
    const whole = memory();
    queueIn(whole).close();
    const header = new DataView(whole);
    const half = new DataView(memory());
    const lock = new World(700).spawn().self;
    half.setInt32(HEADER.formatLock, lock, true);
    const words = [HEADER.version, HEADER.ringBytes, HEADER.maxMessageBytes, HEADER.capacity, HEADER.flags];
    for (const word of [HEADER.formatLock, ...words]) {
      if (word !== HEADER.formatLock) half.setInt32(word, header.getInt32(word, true), true);
      const where = half.buffer.slice(0) as ArrayBuffer;
      assert.throws(() => RingQueue.open(where, 8, { participants }), { code: 'ERR_NAME_NOT_FOUND' });
      const queue = RingQueue.openOrCreate(where, 8, shape);
      assert.equal(queue.created, true);
      queue.close();
    }
    assert.equal(half.getInt32(HEADER.version, true), VERSION);
  });

  it('says of zeros that no queue is there, and of too little that it is too little', () => {
    assert.throws(() => RingQueue.open(memory(), 8, { participants }), { code: 'ERR_NAME_NOT_FOUND' });
    assert.throws(() => RingQueue.open(new ArrayBuffer(HEADER_BYTES - 8)), { code: 'ERR_TOO_SMALL' });
  });

  it('refuses what is said about names', () => {
    for (const option of [{ persistent: true }, { share: 'everyone' as const }, { mode: 0o600 }, { sddl: 'D:' }]) {
      const refused = {
        name: 'TypeError',
        message: new RegExp(`with ${Object.keys(option)[0]}: .* by name, leave it`),
      };
      assert.throws(() => RingQueue.create(memory(), 8, { ...shape, ...option }), refused);
      assert.throws(() => RingQueue.openOrCreate(memory(), 8, { ...shape, ...option }), refused);
    }
  });
});

describe('RingQueue with values that cannot be', () => {
  it('shows them', () => {
    const queue = queueIn(memory());
    const raw = /^Cannot use (NaN|-1|10000000000|1\.5) as the largest number of raw bytes/;
    for (const bytes of [Number.NaN, -1, 1e10, 1.5]) {
      assert.throws(() => RingQueue.open(uniqueName('queue'), bytes), { name: 'RangeError', message: raw });
    }
    const values = [null, 'x', [1], { length: 1 }, new ArrayBuffer(1)];
    const shown = /^Cannot send (null|"x"|an array of 1|an object \(\w+\)): this queue carries raw bytes/;
    for (const value of values) {
      assert.throws(() => queue.trySend(bad(value)), { name: 'TypeError', message: shown });
    }
    for (const bytes of ['4', Symbol('s'), -1, 1n]) {
      const refused = { name: 'RangeError', message: /("4"|Symbol\(s\)|-1|1n) bytes/ };
      assert.throws(() => queue.tryClaim(bad(bytes)), refused);
      const slot = queue.tryClaim(4)!;
      assert.throws(() => slot.commit(bad(bytes)), refused);
      slot.abort();
    }
    const slot = queue.tryClaim(4)!;
    assert.throws(() => slot.commit(5), { name: 'RangeError', message: /commit 5 bytes: this slot has 4, claim more/ });
    slot.abort();
  });

  it('refuses a message that was transferred, and sends an empty one', async () => {
    const queue = queueIn(memory());
    const message = new Uint8Array(4);
    structuredClone(message, { transfer: [message.buffer] });
    const refused = { name: 'TypeError', message: /whose buffer was detached: send it before/ };
    assert.throws(() => queue.trySend(message), refused);
    await assert.rejects(queue.send(message), refused);
    assert.equal(queue.trySend(new Uint8Array(0)), true);
    assert.equal(queue.tryReceive()?.length, 0);
  });

  it('is not made by its constructor', () => {
    for (const args of [[], [{}, {}], [null]]) {
      assert.throws(() => Reflect.construct(RingQueue, args), {
        name: 'TypeError',
        message: /call RingQueue.create, open/,
      });
    }
  });
});

for (const ends of SHAPES) {
  describe(`RingQueue whose memory was transferred, ${JSON.stringify(ends)}`, () => {
    it('is closed', async () => {
      const where = memory();
      const queue = RingQueue.create(where, u32, { ...ends, participants: new World().spawn() });
      queue.trySend(1);
      queue.trySend(2);
      const [delivery, seen] = [queue.tryTake()!, queue.tryTake()!];
      assert.equal(seen.value, 2);
      const slot = queue.tryClaim()!;
      const waiting = queue.receive();
      structuredClone(where, { transfer: [where] });
      const uses = [
        () => delivery.value,
        () => delivery.live,
        () => delivery.ack(),
        () => delivery.release(),
        () => slot.live,
        () => slot.bytes,
        () => slot.dataView,
        () => slot.commit(),
        () => slot.abort(),
      ];
      for (const use of uses) assert.throws(use, { name: 'TypeError', code: 'ERR_CLOSED' });
      assert.equal(seen.value, 2);
      slot[Symbol.dispose]();
      delivery[Symbol.dispose]();
      assert.equal(queue.closed, true);
      queue.close();
      await assert.rejects(waiting, { code: 'ERR_CLOSED' });
    });

    it('says so whatever is called first', () => {
      const uses: ((queue: RingQueue<number, unknown>) => unknown)[] = [
        (queue) => queue.trySend(3),
        (queue) => queue.sendSync(3),
        (queue) => queue.tryClaim(),
        (queue) => queue.tryReceive(),
        (queue) => queue.receiveSync(),
        (queue) => queue.tryTake(),
        (queue) => queue.cancel(),
        (queue) => queue.ended,
        (queue) => queue.stats(),
      ];
      for (const use of uses) {
        const where = memory();
        const queue = RingQueue.create(where, u32, { ...ends, participants: new World().spawn() });
        queue.trySend(1);
        structuredClone(where, { transfer: [where] });
        assert.throws(() => use(queue), { name: 'TypeError', code: 'ERR_CLOSED' }, String(use));
        queue.close();
      }
    });
  });
}

it('a RingQueue shows what is in it, and whether it is closed', () => {
  const queue = RingQueue.create(memory(), 8, { ...shape, name: 'the queue' });
  queue.trySend(new Uint8Array(1));
  queue.tryClaim(1);
  const shown =
    "RingQueue { name: 'the queue', capacity: 2, ready: 1, claimed: 1, delivered: 0, received: 0, ended: false }";
  assert.equal(inspect(queue, { breakLength: Number.POSITIVE_INFINITY }), shown);
  queue.close();
  assert.equal(inspect(queue), 'RingQueue { closed }');
});
