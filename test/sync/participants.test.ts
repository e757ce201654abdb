import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { system } from '../../src/base/host.ts';
import type { ParticipantId } from '../../src/base/participants.ts';
import { currentParticipants } from '../../src/os/current-participants.ts';
import { bloomBit, idAfter } from '../../src/os/participants-layout.ts';
import { AutoResetEvent, Mutex } from '../../src/sync/index.ts';
import { Child, nodeOptions } from '../support/children.ts';
import { removeSharedMemory, sharedMemory, uniqueName } from '../support/shared-memory.ts';
import { startWorker } from '../support/workers.ts';
import { KIND_BYTES } from './kinds.ts';

const name = uniqueName('participants');
const agent = () => new Child(new URL('./agent.ts', import.meta.url), [name, String(KIND_BYTES)], { silent: true });
after(() => removeSharedMemory(name));

describe('idAfter()', () => {
  const TICK = 1000 / 64;
  const COMES_ROUND = 2 ** 30;

  it('is the clock, 64 ticks a second, if that is later', () => assert.equal(idAfter(5, 1000 * TICK), 1000));
  it('is one more than the last if the clock is behind', () => assert.equal(idAfter(2000, 1000 * TICK), 2001));
  it('comes round to 1 and never answers 0', () => {
    assert.equal(idAfter(COMES_ROUND - 1, 0), 1);
    assert.equal(idAfter(COMES_ROUND - 1, (COMES_ROUND - 1) * TICK), 1);
    assert.equal(idAfter(COMES_ROUND - 10, (COMES_ROUND + 3) * TICK), 3);
  });
  it('stays within 30 bits', () => {
    for (const now of [Date.now(), Date.now() * 3]) assert.ok(idAfter(0, now) > 0 && idAfter(0, now) < COMES_ROUND);
  });
});

describe('bloomBit()', () => {
  it('spreads the keys of neighbouring words', () => {
    const bits = new Set(Array.from({ length: 64 }, (_, i) => bloomBit(0x1234_5678 + i * 4)));
    assert.ok(bits.size > 32, `${bits.size} bits for 64 keys`);
    for (const key of [0, 1, -1, 0xffff_ffff]) assert.ok(bloomBit(key) >= 0 && bloomBit(key) < 256);
  });
});

describe('currentParticipants()', () => {
  const me = currentParticipants();

  it('gives this thread one identity, alive, of 30 bits', () => {
    assert.equal(currentParticipants(), me);
    assert.ok(me.self > 0 && me.self < 2 ** 30);
    assert.equal(me.isAlive(me.self), true);
    assert.equal(me.isAlive(((me.self + 77) % 2 ** 30) as ParticipantId), false);
  });

  it('sees another process live and die, and never gives its id again', async () => {
    const [a, b] = [agent(), agent()];
    const [{ self: idA }, { self: idB }] = await Promise.all([a.ask({ op: 'hello' }), b.ask({ op: 'hello' })]);
    assert.notEqual(idA, idB);
    assert.equal(me.isAlive(idA as ParticipantId), true);
    await a.kill();
    assert.equal(me.isAlive(idA as ParticipantId), false);
    assert.equal(me.isAlive(idB as ParticipantId), true);
    await b.kill();
    const c = agent();
    const { self: idC } = await c.ask({ op: 'hello' });
    assert.equal(new Set([idA, idB, idC, me.self]).size, 4);
    await c.kill();
  });

  it('a ring between the announcement and the sleep is not lost', () => {
    const start = performance.now();
    // Our own ring stands for another's; what counts is the order: announced, asked, and only then asleep.
    me.sleepSync(42, () => false, 10_000);
    assert.ok(performance.now() - start < 9000);
  });

  it('is woken by another process, blocking and not', async () => {
    const memory = sharedMemory(name, KIND_BYTES);
    const mutex = new Mutex(memory, 0);
    const other = agent();
    for (const wait of [() => mutex.lockSync({ timeoutMs: 20_000 }), () => mutex.lock({ timeoutMs: 20_000 })]) {
      await other.ask({ op: 'hold', kind: 'Mutex', at: 0 });
      const released = other.ask({ op: 'release' });
      (await wait()).unlock();
      await released;
    }
    await other.kill();
  });
});

describe('a thousand promises wait', () => {
  it('while files, names and hashes go on', async (t) => {
    const memory = new ArrayBuffer(4000);
    const events = Array.from({ length: 1000 }, (_, i) => new AutoResetEvent(memory, i * 4));
    const waits = events.map((event) => event.wait());
    // If one of them took a thread of libuv's pool of four, none of these would ever end.
    const start = performance.now();
    await Promise.all([
      readFile(fileURLToPath(import.meta.url)),
      lookup('localhost'),
      promisify(pbkdf2)('password', 'salt', 1000, 32, 'sha256'),
    ]);
    t.diagnostic(`file, name and hash took ${(performance.now() - start).toFixed(1)} ms`);
    for (const event of events) event.set();
    await Promise.all(waits);
    assert.ok(events.every((event) => !event.isSet));
  });

  it('for one mutex, and each gets it once', async () => {
    const mutex = new Mutex(new ArrayBuffer(Mutex.byteLength));
    let inside = 0;
    let count = 0;
    await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const guard = await mutex.lock({ sameThread: 'wait' });
        assert.equal(++inside, 1);
        await undefined;
        inside -= 1;
        count += 1;
        guard.unlock();
      }),
    );
    assert.equal(count, 1000);
  });

  it('ten thousand aborted leave no thread, handle or descriptor', {
    skip: system === 'windows' && 'no /proc',
  }, async () => {
    const event = new AutoResetEvent(new ArrayBuffer(4));
    const count = () => ({
      threads: system === 'linux' ? readdirSync('/proc/self/task').length : 0,
      descriptors: system === 'linux' ? readdirSync('/proc/self/fd').length : 0,
      handles: process.getActiveResourcesInfo().length,
    });
    const before = count();
    const noMore = () => {
      const now = count();
      return now.threads <= before.threads && now.descriptors <= before.descriptors && now.handles <= before.handles;
    };
    for (let round = 0; round < 10; round++) {
      const controller = new AbortController();
      const waits = Array.from({ length: 1000 }, () => event.wait({ signal: controller.signal }));
      await new Promise(setImmediate);
      controller.abort();
      for (const { status } of await Promise.allSettled(waits)) assert.equal(status, 'rejected');
    }
    // The waiting thread ends by itself when nobody has waited for a second.
    for (let i = 0; i < 400 && !noMore(); i++) await new Promise((resolve) => setTimeout(resolve, 25));
    assert.ok(noMore(), `${JSON.stringify(before)} before, ${JSON.stringify(count())} after`);
    event.set();
    assert.equal(event.tryWait(), true, 'no aborted wait used the signal up');
  });
});

describe('with waits pending, the end comes at once:', () => {
  const ways = [
    'natural exit, waits without ref',
    'natural exit, the last wait is over',
    'process.exit',
    'a throw',
    'worker.terminate',
    'worker.terminate, nested',
  ];
  for (const way of ways) {
    it(way, { timeout: 90_000 }, async (t) => {
      const program = fileURLToPath(new URL('./ending.ts', import.meta.url));
      const child = spawn(process.execPath, [...nodeOptions, program, way], { stdio: ['ignore', 'pipe', 'pipe'] });
      const watchdog = setTimeout(() => child.kill('SIGKILL'), 80_000);
      let out = '';
      let err = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
      });
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      const code = await new Promise((resolve) => child.on('close', resolve));
      const end = Date.now();
      clearTimeout(watchdog);
      assert.equal(code, way === 'a throw' ? 1 : 0, err);
      t.diagnostic(`${end - (JSON.parse(out) as { ending: number }).ending} ms`);
    });
  }
});

describe('the registry', { skip: system !== 'linux' && 'Linux keeps it in a file' }, () => {
  const path = `/dev/shm/.mapfile-participants-v1.${process.getuid?.()}`;

  it('is private to the user and there while somebody is', () => {
    currentParticipants();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is removed by the last one to leave, also when the others were killed', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async () => {
    // A user that nobody is: these participants are ours alone.
    const uid = 1_000_000_000 + Math.floor(Math.random() * 1e9);
    const file = `/dev/shm/.mapfile-participants-v1.${uid}`;
    const join = () => new Child(new URL('./registry-agent.ts', import.meta.url), [String(uid)], { silent: true });
    const [a, b] = [join(), join()];
    const ids = [(await a.ask({ op: 'id' })).self as number, (await b.ask({ op: 'id' })).self as number];
    assert.equal(statSync(file).uid, uid, 'it belongs to the user, though root made it');
    const bells = () => readdirSync('/dev/shm').filter((name) => name.startsWith(`.mapfile-bell-v1.${uid}.`));
    for (const waiter of [a, b]) await waiter.ask({ op: 'wait' });
    assert.equal(bells().length, 2);
    for (const bell of bells()) {
      const { mode, uid: owner } = statSync(`/dev/shm/${bell}`);
      assert.deepEqual([mode, owner], [0o010600, uid], 'a FIFO of the user alone');
    }
    await a.kill();
    await b.kill();
    assert.equal(bells().length, 2);
    assert.ok(existsSync(file), 'nobody was left to remove it');
    const c = join();
    ids.push((await c.ask({ op: 'id' })).self as number);
    assert.ok(ids[0] !== ids[1] && ids[2]! > Math.max(ids[0]!, ids[1]!), `ids go on where they were: ${ids}`);
    assert.equal(bells().length, 1, 'who takes a dead one’s place removes its bell');
    void c.ask({ op: 'leave' });
    await c.ended;
    assert.equal(existsSync(file), false);
    assert.deepEqual(bells(), [], 'the last one to leave removes all');
  });

  it('is removed with its bells at the end of a process whose Worker was terminated while it waited', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async () => {
    const uid = 1_000_000_000 + Math.floor(Math.random() * 1e9);
    const agent = new Child(new URL('./registry-agent.ts', import.meta.url), [String(uid)], { silent: true });
    const left = () => readdirSync('/dev/shm').filter((name) => name.includes(`-v1.${uid}`));
    await agent.ask({ op: 'id' });
    await agent.ask({ op: 'terminate' });
    assert.equal(left().length, 2, 'the file and the bell of the terminated');
    void agent.ask({ op: 'leave' });
    await agent.ended;
    assert.deepEqual(left(), []);
  });

  it('leaves one mapping without memory behind each Worker that was the last, in a process that lives on', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, async () => {
    const uid = 1_000_000_000 + Math.floor(Math.random() * 1e9);
    for (let i = 0; i < 3; i++) await once(startWorker(new URL('./registry-worker.ts', import.meta.url), uid), 'exit');
    assert.equal(existsSync(`/dev/shm/.mapfile-participants-v1.${uid}`), false);
    const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-)/m);
    const left = mappings.filter((each) => each.includes(`-v1.${uid}`)).map((each) => /^Rss:\s+(.*)$/m.exec(each)?.[1]);
    assert.deepEqual(left, ['0 kB', '0 kB', '0 kB']);
  });

  it('everyone’s has a file of its own', () => {
    const everyone = currentParticipants('everyone');
    assert.notEqual(everyone, currentParticipants());
    assert.equal(statSync('/dev/shm/.mapfile-participants-v1.everyone').mode & 0o777, 0o666);
  });
});
