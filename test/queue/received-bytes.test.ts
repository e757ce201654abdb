import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { detach } from '../../src/ffi/external-memory.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { World } from '../support/participants.ts';

const bytes = (value: number) => new Uint8Array(8).fill(value);

function rig() {
  const capacity = 4;
  const world = new World();
  const queue = RingQueue.create(new ArrayBuffer(RingQueue.byteLength(8, { capacity })), 8, {
    capacity,
    participants: world.spawn(),
  });
  const pass = (value: number) => {
    queue.trySend(bytes(value));
    return queue.tryReceive()!;
  };
  return { queue, pass };
}

/** As ArrayBuffer.prototype.transfer does in Node 22; from Node 24 on, what is marked stays where it is. */
function detachAllTheSame(message: Uint8Array): void {
  try {
    detach(message.buffer as ArrayBuffer);
  } catch (error) {
    assert.match((error as Error).message, /not detachable/);
    assert.equal(message.length, 8);
  }
}

describe('the bytes of received messages', () => {
  it('stay with the others when one of them is to be transferred', () => {
    const { pass } = rig();
    const [first, second] = [pass(1), pass(2)];
    assert.equal(first.buffer, second.buffer);
    const { port1 } = new MessageChannel();
    for (const transfer of [
      () => structuredClone(first.buffer, { transfer: [first.buffer as ArrayBuffer] }),
      () => port1.postMessage(first, [first.buffer as ArrayBuffer]),
    ]) {
      try {
        transfer(); // a copy, in Node 20
      } catch (error) {
        assert.equal((error as Error).name, 'DataCloneError');
      }
      assert.deepEqual([first, second, pass(3)], [bytes(1), bytes(2), bytes(3)]);
    }
    port1.close();
  });

  it('are transferred when they have been copied', () => {
    const { pass } = rig();
    const [first, second] = [pass(1), pass(2)];
    const mine = first.slice();
    const moved = structuredClone(mine, { transfer: [mine.buffer] });
    assert.deepEqual([moved, mine.length, second], [bytes(1), 0, bytes(2)]);
  });

  it('are found elsewhere once their memory was detached all the same', () => {
    const { pass } = rig();
    detachAllTheSame(pass(1));
    assert.deepEqual([pass(2), pass(3)], [bytes(2), bytes(3)]);
  });

  it('are no longer needed by what waits to be sent', async () => {
    const { queue, pass } = rig();
    const received = pass(1);
    while (queue.trySend(bytes(3)));
    const waiting = queue.send(bytes(9), { timeoutMs: 20_000 });
    detachAllTheSame(received);
    let last: Uint8Array | undefined;
    for (let got = queue.tryReceive(); got; got = queue.tryReceive()) last = got;
    await waiting;
    last = queue.tryReceive();
    assert.deepEqual(last, bytes(9));
  });
});
