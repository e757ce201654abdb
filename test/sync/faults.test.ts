import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { Child } from '../support/children.ts';
import { removeSharedMemory, sharedMemory, uniqueName } from '../support/shared-memory.ts';
import { KIND_BYTES, kinds } from './kinds.ts';

const name = uniqueName('faults');
const BYTES = 128 * KIND_BYTES;
const agent = () => new Child(new URL('./agent.ts', import.meta.url), [name, String(BYTES)], { silent: true });
const names = Object.keys(kinds);
const offsetOf = (fault: number, kind: string) => (fault * names.length + names.indexOf(kind)) * KIND_BYTES;

/** Ways to end while one holds every primitive; answers when. */
const faults: Record<string, (holder: Child) => Promise<number>> = {
  'kill -9': async (holder) => {
    await holder.kill();
    return (await holder.ended).now;
  },
  'process.exit': async (holder) => {
    void holder.ask({ op: 'exit' });
    const end = await holder.ended;
    assert.equal(end.code, 3);
    return end.now;
  },
  'an uncaught exception': async (holder) => {
    void holder.ask({ op: 'throw' });
    const end = await holder.ended;
    assert.notEqual(end.code, 0);
    return end.now;
  },
  'the natural exit': async (holder) => {
    void holder.ask({ op: 'disconnect' });
    const end = await holder.ended;
    assert.equal(end.code, 0);
    return end.now;
  },
};

describe('a participant ends while it holds', () => {
  let survivor: Child;
  let memory: ReturnType<typeof sharedMemory>;
  before(() => {
    memory = sharedMemory(name, BYTES);
    survivor = agent();
  });
  after(async () => {
    await survivor.kill();
    removeSharedMemory(name);
  });

  for (const [index, [fault, end]] of Object.entries(faults).entries()) {
    it(`every primitive: ${fault}`, async (t) => {
      const holder = agent();
      await holder.ask({ op: 'hold all', at: offsetOf(index, names[0]!) });
      // The first three wait in this process by promises, all at once; the survivor blocks on the others, one by one.
      const [here, there] = [names.slice(0, 3), names.slice(3)];
      const mine = here.map(async (kind) => {
        const guard = await kinds[kind]!.waiter(memory, offsetOf(index, kind)).acquire();
        const now = performance.timeOrigin + performance.now();
        guard.unlock();
        return { kind, ownerDied: guard.ownerDied, now };
      });
      const first = survivor.request({ op: 'acquireSync', kind: there[0], at: offsetOf(index, there[0]!) });
      await first.started;
      const ended = await end(holder);
      const results = await Promise.all(mine);
      results.push({ kind: there[0]!, ...((await first.done) as never as { ownerDied: boolean; now: number }) });
      for (const kind of there.slice(1)) {
        const answer = await survivor.ask({ op: 'acquireSync', kind, at: offsetOf(index, kind) });
        assert.equal(answer.ownerDied, kinds[kind]!.tells, kind);
      }
      for (const { kind, ownerDied } of results) assert.equal(ownerDied, kinds[kind]!.tells, kind);
      t.diagnostic(
        `acquired ${Math.max(...results.map(({ now }) => now - ended)).toFixed(0)} ms after the end at the latest`,
      );
      for (const kind of names) {
        const guard = kinds[kind]!.waiter(memory, offsetOf(index, kind)).acquireSync();
        // Told once; a reader that is told leaves the mark for a writer, who repairs.
        assert.equal(guard.ownerDied, kind === 'RwLock, writer before reader', `${kind} told twice`);
        guard.unlock();
      }
    });
  }

  it('every primitive: kill -9 in a loop of lock and unlock', async (t) => {
    const kills = 2 * Number(process.env.MAPFILE_STRESS_SECONDS ?? (system === 'windows' ? 1 : 2));
    let told = 0;
    let latest = 0;
    for (let i = 0; i < kills; i++) {
      const victim = agent();
      await victim.ask({ op: 'loop', at: offsetOf(8, names[0]!) });
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20));
      await victim.kill();
      const { now } = await victim.ended;
      for (const kind of names) {
        const guard = kinds[kind]!.waiter(memory, offsetOf(8, kind)).acquireSync({ timeoutMs: 20_000 });
        if (guard.ownerDied) told += 1;
        guard.unlock();
      }
      latest = Math.max(latest, performance.timeOrigin + performance.now() - now);
    }
    assert.ok(told <= kills * 2, 'a process dies in one primitive at a time; a dead writer is told to a reader too');
    t.diagnostic(
      `${kills} kills, ${told} of them told, all acquired ${latest.toFixed(0)} ms after the end at the latest`,
    );
  });

  it('every primitive: worker.terminate, while the process lives on', async () => {
    const holder = agent();
    const { started, done } = holder.request({ op: 'hold in a worker that ends', at: offsetOf(5, names[0]!) });
    await started;
    for (const kind of names) {
      const guard = await kinds[kind]!.waiter(memory, offsetOf(5, kind)).acquire({ timeoutMs: 20_000 });
      assert.equal(guard.ownerDied, kinds[kind]!.tells, kind);
      guard.unlock();
    }
    await done;
    await holder.kill();
  });

  it('a participant that dies while it waits is in nobody’s way', async () => {
    for (const op of ['acquireSync', 'acquire']) {
      const waiter = agent();
      const at = offsetOf(6, 'Mutex');
      const guard = kinds.Mutex!.holder(memory, at).acquireSync();
      await waiter.request({ op, kind: 'Mutex', at }).started;
      await waiter.kill();
      guard.unlock();
      const { ownerDied } = await survivor.ask({ op: 'acquireSync', kind: 'Mutex', at });
      assert.equal(ownerDied, false);
    }
  });

  it('a stopped owner is not taken for dead', { skip: system === 'windows' && 'no SIGSTOP' }, async () => {
    const holder = agent();
    const at = offsetOf(7, 'Mutex');
    await holder.ask({ op: 'hold', kind: 'Mutex', at });
    holder.process.kill('SIGSTOP');
    const seconds = Number(process.env.MAPFILE_STRESS_SECONDS ?? 1);
    const wait = kinds.Mutex!.waiter(memory, at).acquire({ timeoutMs: seconds * 1000 });
    await assert.rejects(wait, { code: 'ERR_TIMEOUT' });
    holder.process.kill('SIGCONT');
    await holder.ask({ op: 'release' });
    assert.equal(kinds.Mutex!.waiter(memory, at).acquireSync().ownerDied, false);
    await holder.kill();
  });
});

it('leaves no registry behind', { skip: system !== 'linux' && 'Linux only' }, async () => {
  // This process still takes part; a process that joins and ends last is another one's test. Here: no drafts.
  assert.ok(existsSync('/dev/shm'));
  assert.deepEqual(
    readdirSync('/dev/shm').filter((file) => file.startsWith('.mapfile-participants') && file.split('.').length > 3),
    [],
  );
});
