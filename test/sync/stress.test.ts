import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { memoryRange } from '../../src/base/memory.ts';
import { Child } from '../support/children.ts';
import { removeSharedMemory, sharedMemory, uniqueName } from '../support/shared-memory.ts';
import { kinds } from './kinds.ts';
import { STRESS_BYTES, stressWords } from './stress-layout.ts';

const seconds = Number(process.env.MAPFILE_STRESS_SECONDS ?? 2);
const PROCESSES = system === 'windows' ? 3 : 8;

describe(`${PROCESSES} processes use all primitives for ${seconds} s`, () => {
  const name = uniqueName('stress');
  after(() => removeSharedMemory(name));
  const agent = () => new Child(new URL('./stress-agent.ts', import.meta.url), [name], { silent: true });

  it('and every invariant holds, though some are killed at any moment', {
    timeout: 120_000 + seconds * 4000,
  }, async (t) => {
    const memory = sharedMemory(name, STRESS_BYTES);
    const words = stressWords(memoryRange(memory).dataView);
    const agents = Array.from({ length: PROCESSES }, agent);
    await Promise.all(agents.map((child) => child.ask({ op: 'ready' })));
    const until = Date.now() + seconds * 1000;
    const totals: Record<string, number> = {};
    let killed = 0;
    const live = async (child: Child): Promise<void> => {
      const result = child.ask({ op: 'run', until }).then(
        (answer) => {
          for (const [key, count] of Object.entries(answer.counts as object)) totals[key] = (totals[key] ?? 0) + count;
          assert.deepEqual(answer.broken, []);
        },
        () => assert.fail('an agent failed'),
      );
      await Promise.race([result, child.ended]);
    };
    const lives = agents.map(live);
    // Half of them are killed, each at a moment of its own, and replaced.
    const killings = agents.slice(0, PROCESSES / 2).map(async (victim, i) => {
      await new Promise((resolve) => setTimeout(resolve, (seconds * 1000 * (i + 1)) / PROCESSES + Math.random() * 50));
      await victim.kill();
      killed += 1;
      const next = agent();
      agents.push(next);
      await next.ask({ op: 'ready' });
      await live(next);
    });
    await Promise.all([...lives, ...killings]);
    await Promise.all(agents.map((child) => child.kill()));
    t.diagnostic(`${killed} killed; ${JSON.stringify(totals)}`);
    for (const count of Object.values(totals)) assert.ok(count > 0);
    // Everything can be had afterwards.
    assert.ok(words.items[0]! >= 0 && words.items[0]! <= 5);
    for (const [i, kind] of Object.values(kinds).entries()) {
      const guard = kind.waiter(memory, 1024 + i * 256).acquireSync({ timeoutMs: 10_000 });
      guard.unlock();
    }
  });
});

describe('two PID namespaces that share /dev/shm', () => {
  const possible = system === 'linux' && spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
  const name = uniqueName('pidns');
  after(() => removeSharedMemory(name));

  it('a holder is killed in one, the other recovers', {
    skip: !possible && 'unshare needs root',
    timeout: 60_000,
  }, async () => {
    const memory = sharedMemory(name, 256);
    const holder = new Child(new URL('./agent.ts', import.meta.url), [name, '256'], { silent: true, namespace: true });
    const other = new Child(new URL('./agent.ts', import.meta.url), [name, '256'], { silent: true, namespace: true });
    const [mine, theirs] = await Promise.all([holder.ask({ op: 'hello' }), other.ask({ op: 'hello' })]);
    assert.equal(mine.pid, theirs.pid, 'PIDs say nothing here');
    assert.notEqual(mine.self, theirs.self);
    await holder.ask({ op: 'hold', kind: 'Mutex', at: 0 });
    const waiting = other.request({ op: 'acquire', kind: 'Mutex', at: 0 });
    await waiting.started;
    await assert.rejects(kinds.Mutex!.waiter(memory, 0).acquire({ timeoutMs: 300 }), { code: 'ERR_TIMEOUT' });
    await holder.kill();
    assert.equal((await waiting.done).ownerDied, true);
    await other.kill();
  });
});
