import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RingQueue } from '../../src/queue/index.ts';
import { uniqueName } from '../support/names.ts';
import { type PlainScript, plainScript } from '../support/plain-script.ts';
import { type Child, killAll, start } from '../support/processes.ts';
import { Journal } from './journal.ts';

const seconds = Number(process.env.MAPFILE_STRESS_SECONDS ?? 3);
/** More than there will be: a start takes a tenth of a second. */
const LIVES = 64 + 8 * seconds;
let script: PlainScript;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Actor {
  readonly role: 'produce' | 'receive' | 'take';
  readonly life: number;
  readonly child: Child;
}

describe(`four processes at one queue for ${seconds} s, killed at any moment`, () => {
  before(() => {
    script = plainScript(new URL('./stress-actor.ts', import.meta.url));
  });
  after(async () => {
    await killAll();
    script.dispose();
  });

  for (const consumer of ['receive', 'take'] as const) {
    const claim = consumer === 'take' ? 'nothing is lost' : 'nothing is delivered twice';
    it(`${claim} with ${consumer}()`, { timeout: 120_000 + seconds * 5000 }, async (t) => {
      const [queueName, journalName] = [uniqueName('queue'), uniqueName('journal')];
      const queue = RingQueue.create(queueName, 256, { capacity: 24 });
      const journal = Journal.create(journalName, LIVES);
      let lives = 0;
      const enter = (role: Actor['role']): Actor => {
        const life = lives++;
        const args = [role, queueName, journalName, String(life)];
        return { role, life, child: start(script.url, { args }) };
      };
      const actors = [enter('produce'), enter(consumer), enter('produce'), enter(consumer)];
      await Promise.all(actors.map(({ child }) => child.next('ready')));
      const killed = { produce: 0, receive: 0, take: 0 };
      const end = performance.now() + seconds * 1000;
      for (let turn = 0; turn < 4 || performance.now() < end; turn++) {
        assert.ok(lives < LIVES, 'more lives than there are rows in the journal');
        await wait(30 + Math.random() * 100);
        const victim = actors[turn % 4]!;
        await victim.child.kill();
        killed[victim.role] += 1;
        const next = enter(victim.role);
        actors[turn % 4] = next;
        await next.child.next('ready');
      }
      journal.stop();
      await Promise.all(actors.filter(({ role }) => role === 'produce').map(({ child }) => child.ended));
      queue.end();
      for (const { child } of actors) {
        const { code, stderr } = await child.ended;
        assert.equal(code, 0, stderr);
      }
      const missing: string[] = [];
      let sent = 0;
      for (let life = 0; life < lives; life++) {
        const count = journal.sentBy(life);
        sent += count;
        for (let seq = 0; seq < count; seq++) if (journal.seen(life, seq) === 0) missing.push(`${life}:${seq}`);
      }
      t.diagnostic(
        `${sent} sent, ${journal.received} received, ${journal.redelivered} redelivered, ${missing.length} lost; ` +
          `killed: ${killed.produce} producers, ${killed[consumer]} consumers`,
      );
      assert.ok(sent > 0);
      assert.equal(journal.violations, 0, 'torn, or delivered twice without being marked');
      // A receiver that is killed takes with it what it had just received, and nothing else.
      assert.ok(missing.length <= killed.receive, `lost: ${missing}`);
      assert.equal(queue.stats().usedBytes, 0);
      queue.close();
      journal.close();
    });
  }
});
