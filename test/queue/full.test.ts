import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryRange } from '../../src/base/memory.ts';
import { OneGate } from '../../src/queue/gate.ts';
import type { BytesQueue, QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { HEADER } from '../../src/queue/queue-layout.ts';
import { IN_THE_WAY, NOT_YET, WaitLine } from '../../src/queue/wait-line.ts';
import { LockWord } from '../../src/sync/lock-word.ts';
import { World } from '../support/participants.ts';
import { Restless, TOO_MANY } from './restless.ts';

const BYTES = 24;
const PATIENT = { timeoutMs: 20_000 };
const message = (value: number) => new Uint8Array(BYTES).fill(value);
const turn = () => new Promise((resolve) => setImmediate(resolve));

function rig(shape: QueueShape) {
  const world = new World();
  const memory = new ArrayBuffer(RingQueue.byteLength(BYTES, shape));
  const spawn = () => new Restless(world, world.spawn().self);
  const join = (participants = spawn()) =>
    RingQueue.openOrCreate(memory, BYTES, { ...shape, participants, name: 'the queue' });
  /** A claim of somebody else's, at the head of a full queue. */
  const fillBehindClaim = (queue: BytesQueue) => {
    const claimer = spawn();
    const slot = join(claimer).tryClaim(BYTES)!;
    while (queue.trySend(message(1)));
    return { slot, die: () => world.kill(claimer.self) };
  };
  return { world, memory, spawn, join, fillBehindClaim };
}

for (const shape of [{ capacity: 2 }, { capacity: 2, consumers: 1 }] as const) {
  describe(`a full RingQueue whose oldest claim comes to nothing, ${JSON.stringify(shape)}`, () => {
    for (const end of ['aborted', 'dead']) {
      it(`lets send() wait until there is room: ${end}`, async () => {
        const { join, fillBehindClaim } = rig(shape);
        const queue = join();
        const { slot, die } = fillBehindClaim(queue);
        if (end === 'dead') die();
        else slot.abort();
        const sent = queue.send(message(9), PATIENT);
        await turn();
        const consumer = join();
        for (let got: number | undefined; got !== 9; ) got = (await consumer.receive(PATIENT))![0];
        await sent;
        assert.equal(queue.stats().dropped, end === 'dead' ? 1 : 0);
      });
    }

    it('lets send() and sendSync() sleep as long as somebody else stands at the receiving end', async () => {
      const { world, memory, spawn, join, fillBehindClaim } = rig(shape);
      const queue = join();
      fillBehindClaim(queue).slot.abort();
      // Its only consumer, or one of many that was stopped inside the gate.
      const gate = new LockWord(memoryRange(memory), HEADER.consumersLock, spawn());
      gate.acquireSync();
      const abort = new AbortController();
      const aborted = queue.send(message(8), { signal: abort.signal });
      await turn();
      abort.abort();
      await assert.rejects(aborted, { name: 'AbortError' });
      await assert.rejects(queue.send(message(8), { timeoutMs: 5 }), { code: 'ERR_TIMEOUT' });
      world.meanwhile = () => {
        gate.release();
        join().tryReceive();
        world.meanwhile = () => assert.fail('there is room');
      };
      queue.sendSync(message(9), PATIENT);
      assert.equal(queue.stats().ready > 0, true);
    });

    it('frees its room when it is the consumer, too', () => {
      const { join, fillBehindClaim } = rig(shape);
      const queue = join();
      assert.equal(queue.tryReceive(), undefined);
      const { die } = fillBehindClaim(queue);
      die();
      assert.equal(queue.trySend(message(9)), true);
    });
  });
}

it('a wait that always loses leaves the event loop its turns', async () => {
  const participants = new World().spawn();
  const line = new WaitLine(new Int32Array(2), 0, 1, participants);
  const gate = new OneGate(new LockWord(memoryRange(new ArrayBuffer(8)), 0, participants), 'consumer', 'the queue');
  for (const outcome of [NOT_YET, IN_THE_WAY] as const) {
    const abort = new AbortController();
    let attempts = 0;
    const waiting = line.wait(
      {
        what: 'luck',
        gate,
        attempt: () => {
          attempts += 1;
          if (attempts > TOO_MANY) throw new Error('It stops the event loop');
          return outcome;
        },
        looksReady: () => true,
        isReady: () => true,
      },
      { signal: abort.signal },
    );
    await turn();
    abort.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  }
});
