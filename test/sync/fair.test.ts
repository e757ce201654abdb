import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AutoResetEvent, type Guard, Mutex, NamedMutex, RwLock, Semaphore } from '../../src/sync/index.ts';
import { type FakeParticipants, World } from '../support/participants.ts';
import { uniqueName } from '../support/shared-memory.ts';

const turn = () => new Promise(setImmediate);
const owner = { code: 'ERR_ALREADY_OWNER' };

/** The same lock as two threads see it. */
function two<T>(make: (memory: ArrayBuffer, participants: FakeParticipants) => T): [T, T] {
  const world = new World(21);
  const memory = new ArrayBuffer(256);
  return [make(memory, world.spawn()), make(memory, world.spawn())];
}

const locks: Record<string, () => [lock: (how?: { sameThread: 'wait' }) => Promise<Guard>, hold: () => Guard]> = {
  Mutex: () => {
    const [a, b] = two((memory, participants) => new Mutex(memory, 0, { participants }));
    return [(how) => a.lock(how), () => b.lockSync()];
  },
  'recursive Mutex': () => {
    const [a, b] = two((memory, participants) => new Mutex(memory, 0, { participants, recursive: true }));
    return [(how) => a.lock(how), () => b.lockSync()];
  },
  'RwLock, writing': () => {
    const [a, b] = two((memory, participants) => new RwLock(memory, 0, { participants, readers: 2 }));
    return [(how) => a.lockWrite(how), () => b.lockReadSync()];
  },
  Semaphore: () => {
    const [a, b] = two((memory, participants) => new Semaphore(memory, 0, { participants, permits: 1 }));
    return [(how) => a.acquire(how), () => b.acquireSync()];
  },
};

describe('promises of one thread that wait for another’s lock', () => {
  for (const [what, make] of Object.entries(locks)) {
    it(`${what}: all get it, in the order of their calls, none is refused late`, async () => {
      const [lock, hold] = make();
      const held = hold();
      const order: number[] = [];
      let inside = 0;
      const tasks = Array.from({ length: 8 }, async (_, i) => {
        const guard = await lock(i % 2 === 0 ? undefined : { sameThread: 'wait' });
        assert.equal(++inside, 1, 'alone');
        order.push(i);
        await turn();
        inside -= 1;
        guard.unlock();
      });
      await delay(120); // more than two slices: each has had to sleep anew
      held.unlock();
      await Promise.all(tasks);
      assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7]);
    });

    it(`${what}: a task that unlocks and locks again does not get before one that waits`, async () => {
      const [lock] = make();
      let mine = await lock();
      let done = false;
      const waiting = lock({ sameThread: 'wait' }).then((guard) => {
        done = true;
        guard.unlock();
      });
      let rounds = 0;
      for (; rounds < 50 && !done; rounds++) {
        mine.unlock();
        mine = await lock({ sameThread: 'wait' });
        await turn();
      }
      mine.unlock();
      await waiting;
      assert.equal(rounds, 1);
    });
  }

  it('a NamedMutex: both tasks get it, one after the other', async () => {
    const mutex = NamedMutex.openOrCreate(uniqueName('fair'));
    const order: number[] = [];
    const held = mutex.lockSync();
    const tasks = [0, 1, 2, 3].map(async (i) => {
      const guard = await mutex.lock({ sameThread: 'wait' });
      order.push(i);
      await turn();
      guard.unlock();
    });
    await delay(60);
    held.unlock();
    await Promise.all(tasks);
    assert.deepEqual(order, [0, 1, 2, 3]);
    mutex.close();
  });

  it('one that gives up lets the next one on, and one that only tries is not behind anybody', async () => {
    const [a, b] = two((memory, participants) => new Mutex(memory, 0, { participants }));
    const held = b.lockSync();
    const controller = new AbortController();
    const aborted = a.lock({ signal: controller.signal });
    const inLine = a.lock({ timeoutMs: 20 });
    const last = a.lock();
    await assert.rejects(inLine, { code: 'ERR_TIMEOUT' });
    controller.abort();
    await assert.rejects(aborted, { name: 'AbortError' });
    held.unlock();
    const guard = await last;
    const waiting = a.lock({ sameThread: 'wait' });
    guard.unlock();
    (await a.lock({ timeoutMs: 0 })).unlock();
    (await waiting).unlock();
  });

  it('signals reach promises in the order of their calls', async () => {
    const [a, b] = two((memory, participants) => new AutoResetEvent(memory, 0, { participants }));
    const order: number[] = [];
    const waits = [0, 1, 2, 3].map((i) => a.wait().then(() => order.push(i)));
    await delay(60);
    for (const _ of waits) {
      b.set();
      await turn();
      await turn();
    }
    await Promise.all(waits);
    assert.deepEqual(order, [0, 1, 2, 3]);
  });
});

describe('a Semaphore of which this thread holds every permit', () => {
  it('refuses one more at once', async () => {
    const [a, b] = two((memory, participants) => new Semaphore(memory, 0, { participants, permits: 2 }));
    const guards = [a.acquireSync(), a.acquireSync()];
    assert.throws(() => a.acquireSync(), owner);
    assert.throws(() => a.acquireSync({ timeoutMs: 5 }), owner);
    await assert.rejects(a.acquire(), owner);
    assert.equal(a.tryAcquire(), undefined);
    const waiting = a.acquire({ sameThread: 'wait' });
    await turn();
    guards[0]!.unlock();
    (await waiting).unlock();
    const other = b.acquireSync();
    assert.throws(() => a.acquireSync({ timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
    other.unlock();
    guards[1]!.unlock();
    assert.equal(a.available, 2);
  });
});

describe('RwLock, a thread whose tasks read one after the other without a gap', () => {
  const pair = () => two((memory, participants) => new RwLock(memory, 0, { participants, readers: 2 }));

  it('does not keep a writer out', async () => {
    const [a, b] = pair();
    let wrote = false;
    let reads = 0;
    const task = async () => {
      while (!wrote && reads < 400) {
        const guard = await a.lockRead();
        reads += 1;
        await delay(10);
        guard.unlock();
      }
    };
    const first = task();
    await delay(5);
    const second = task();
    await delay(15);
    const guard = await b.lockWrite();
    wrote = true;
    guard.unlock();
    await Promise.all([first, second]);
    assert.ok(reads < 100, `${reads} reads`);
  });

  it('nor if each read takes longer than the writer is given way to at first', async () => {
    const [a, b] = pair();
    let wrote = false;
    let reads = 0;
    const task = async () => {
      while (!wrote && reads < 60) {
        const guard = await a.lockRead();
        reads += 1;
        await delay(120);
        guard.unlock();
      }
    };
    const first = task();
    await delay(60);
    const second = task();
    await delay(10);
    const guard = await b.lockWrite();
    wrote = true;
    guard.unlock();
    await Promise.all([first, second]);
    assert.ok(reads < 30, `${reads} reads`);
  });

  it('a nested read gets in although a writer waits, of another thread or its own', async () => {
    for (const own of [false, true]) {
      const [a, b] = pair();
      const outer = await a.lockRead();
      const writing = (own ? a : b).lockWrite({ sameThread: 'wait' });
      await turn();
      a.lockReadSync().unlock();
      a.tryLockRead()!.unlock();
      await assert.rejects(a.lockRead({ timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
      const [inner, innermost] = [await a.lockRead(), await a.lockRead()];
      innermost.unlock();
      inner.unlock();
      outer.unlock();
      (await writing).unlock();
    }
  });

  it('a reader of the thread is not starved by its writers', async () => {
    const [a] = pair();
    let mine = await a.lockWrite();
    let read = false;
    const reading = a.lockRead({ sameThread: 'wait' }).then((guard) => {
      read = true;
      guard.unlock();
    });
    let rounds = 0;
    for (; rounds < 50 && !read; rounds++) {
      mine.unlock();
      mine = await a.lockWrite({ sameThread: 'wait' });
      await turn();
    }
    mine.unlock();
    await reading;
    assert.equal(rounds, 1);
  });
});

describe('a thousand promises that wait', () => {
  /** How many sleeps they begin beyond the first ones, and how many milliseconds that took. */
  async function sleeps(keyOf: (i: number) => number): Promise<[sleeps: number, ms: number]> {
    const world = new World(31);
    const participants = world.spawn();
    let count = 0;
    const counting = Object.assign(Object.create(participants) as FakeParticipants, {
      self: participants.self,
      sleep: (...args: Parameters<FakeParticipants['sleep']>) => {
        count += 1;
        return participants.sleep(...args);
      },
    });
    const memory = new ArrayBuffer(4096);
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal); // the fake ones listen each for itself
    const since = performance.now();
    const waits = Array.from({ length: 1000 }, (_, i) =>
      new AutoResetEvent(memory, keyOf(i), { participants: counting }).wait({ signal }),
    );
    await delay(300);
    const result: [number, number] = [count, performance.now() - since];
    controller.abort();
    const outcomes = await Promise.allSettled(waits);
    assert.ok(outcomes.every(({ status }) => status === 'rejected'));
    return result;
  }

  it('each for something else: ask some two times a millisecond, all together', async () => {
    const [count, ms] = await sleeps((i) => i * 4);
    assert.ok(count <= 1000 + 4 * ms, `${count} sleeps in ${ms} ms`);
  });

  it('for the same thing: only the first of them asks', async () => {
    const [count] = await sleeps(() => 0);
    assert.ok(count < 50, `${count} sleeps`);
  });
});
