import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { uniqueName } from '../support/names.ts';
import { type PlainScript, plainScript } from '../support/plain-script.ts';
import { killAll, start } from '../support/processes.ts';
import { decode, encode, Journal } from './journal.ts';

const KILLS = Number(process.env.MAPFILE_SIGKILLS ?? (system === 'windows' ? 4 : 300));
const LANES = 2;

let actor: PlainScript;

interface Fate {
  readonly killed: boolean;
  /** How many stores there were, if it lived to the end. */
  readonly points: number;
}

/** Runs the script in a process that kills itself at a store, 0: at none, and looks at what it leaves behind. */
async function die(dieAt: number): Promise<Fate> {
  const [queueName, journalName] = [uniqueName('queue'), uniqueName('journal')];
  const queue = RingQueue.create(queueName, 256, { capacity: 4 });
  const journal = Journal.create(journalName, 1, 1000);
  try {
    const child = start(actor.url, { args: [queueName, journalName, String(dieAt)] });
    const told = child.next<{ points: number }>('points').catch(() => ({ points: 0 }));
    const { code, stderr } = await child.ended;
    assert.equal(stderr, '');
    const { points } = await told;
    assert.equal(code === 0, points > 0);
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
    return { killed: points === 0, points };
  } finally {
    queue.close();
    journal.close();
  }
}

describe('RingQueue when a process is killed at a store', () => {
  before(() => {
    actor = plainScript(new URL('./sigkill-actor.ts', import.meta.url));
  });
  after(async () => {
    await killAll();
    actor.dispose();
  });

  it(`goes on, with nothing torn or delivered twice, after each of ${KILLS} kills`, {
    timeout: 60_000 + KILLS * 10_000,
  }, async (t) => {
    const { points } = await die(0);
    t.diagnostic(`${KILLS} of ${points} stores`);
    assert.ok(points > 200);
    assert.ok(points >= KILLS, 'each at another store');
    const lane = async (first: number) => {
      for (let i = first; i < KILLS; i += LANES) {
        // What looks at the clock stores now and then once less; then the last stores are not reached.
        for (let at = 1 + Math.floor((i * points) / KILLS); !(await die(at)).killed; at -= 7);
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, i) => lane(i)));
  });
});
