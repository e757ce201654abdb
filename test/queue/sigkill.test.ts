import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';
import { decode, encode, Journal } from './journal.ts';

const KILLS = Number(process.env.MAPFILE_SIGKILLS ?? (system === 'windows' ? 4 : 12));

/** Runs the script in a process that kills itself at a store; answers how many stores there are if it lives to the end. */
async function die(dieAt: number): Promise<number> {
  const [queueName, journalName] = [uniqueName('queue'), uniqueName('journal')];
  const queue = RingQueue.create(queueName, 256, { capacity: 4 });
  const journal = Journal.create(journalName);
  try {
    const child = start('./sigkill-actor.ts', { from: import.meta.url, args: [queueName, journalName, String(dieAt)] });
    const points = dieAt === 0 ? (await child.next<{ points: number }>('points')).points : 0;
    const { code, stderr } = await child.ended;
    assert.equal(code === 0, dieAt === 0, stderr);
    const received = journal.received;
    for (let delivery = queue.tryTake(); delivery; delivery = queue.tryTake()) {
      const message = decode(delivery.value);
      assert.ok(message, 'torn');
      journal.got(message.life, message.seq, delivery.redelivered);
      delivery.ack();
    }
    const sent = journal.sentBy(0);
    const missing = Array.from({ length: sent }, (_, seq) => seq).filter((seq) => journal.seen(0, seq) === 0);
    assert.ok(missing.length <= 1, `lost: ${missing}, sent ${sent}, received ${received}`);
    assert.equal(journal.violations, 0);
    assert.equal(queue.stats().usedBytes, 0);
    let room = 0;
    while (queue.trySend(encode(1, room))) room += 1;
    for (let seq = 0; seq < room; seq++) assert.deepEqual(queue.tryReceive(), encode(1, seq));
    assert.ok(room >= 4);
    return points;
  } finally {
    queue.close();
    journal.close();
  }
}

describe('RingQueue when a process is killed at a store', () => {
  after(killAll);

  it(`goes on, with nothing torn or delivered twice, after each of ${KILLS} kills`, {
    timeout: 60_000 + KILLS * 20_000,
  }, async (t) => {
    const points = await die(0);
    t.diagnostic(`${KILLS} of ${points} stores`);
    assert.ok(points > 200);
    for (let i = 0; i < KILLS; i += 2) {
      const at = (n: number) => 1 + Math.floor((n * points) / KILLS);
      await Promise.all([die(at(i)), die(at(i + 1))]);
    }
  });
});
