import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { i32, struct } from '../../src/codec/index.ts';
import { MappedView } from '../../src/memory/index.ts';
import { Condition, type Guard, Mutex, NamedMutex, RwLock, Semaphore } from '../../src/sync/index.ts';
import { TICKET_MASK } from '../../src/sync/ticket-layout.ts';
import { Tickets } from '../../src/sync/tickets.ts';
import { World } from '../support/participants.ts';
import { uniqueName } from '../support/shared-memory.ts';

const late = { code: 'ERR_NOT_OWNER', message: /what this guard acquired has been released already/ };

interface Way {
  acquire(): Guard;
  release(): void;
  /** By another object for the same thing. */
  other: { acquire(): Guard; release(): void };
}

const twice = (make: () => { acquire(): Guard; release(): void }): Way => ({ ...make(), other: make() });
const bytes = () => new ArrayBuffer(256);

const ways: Record<string, () => Way> = {
  Mutex: () => {
    const memory = bytes();
    return twice(() => {
      const lock = new Mutex(memory, 8);
      return { acquire: () => lock.lockSync(), release: () => lock.unlock() };
    });
  },
  'recursive Mutex': () => {
    const memory = bytes();
    return twice(() => {
      const lock = new Mutex(memory, 8, { recursive: true });
      return { acquire: () => lock.lockSync(), release: () => lock.unlock() };
    });
  },
  'RwLock, reading': () => {
    const memory = bytes();
    return twice(() => {
      const lock = new RwLock(memory);
      return { acquire: () => lock.lockReadSync(), release: () => lock.unlockRead() };
    });
  },
  'RwLock, writing': () => {
    const memory = bytes();
    return twice(() => {
      const lock = new RwLock(memory);
      return { acquire: () => lock.lockWriteSync(), release: () => lock.unlockWrite() };
    });
  },
  Semaphore: () => {
    const memory = bytes();
    return twice(() => {
      const semaphore = new Semaphore(memory, 0, { permits: 1 });
      return { acquire: () => semaphore.acquireSync(), release: () => semaphore.release() };
    });
  },
  NamedMutex: () => {
    const name = uniqueName('guards');
    return twice(() => {
      const mutex = NamedMutex.openOrCreate(name);
      return { acquire: () => mutex.lockSync(), release: () => mutex.unlock() };
    });
  },
};

describe('a guard that comes too late releases nothing:', () => {
  for (const [what, make] of Object.entries(ways)) {
    it(what, () => {
      const one = make();
      for (const [first, second] of [
        [one, one],
        [one, one.other],
        [one.other, one],
      ] as const) {
        const early = first.acquire();
        assert.equal(early.held, true);
        second.release();
        assert.equal(early.held, false);
        const guard = second.acquire();
        assert.throws(() => early.unlock(), late);
        early[Symbol.dispose]();
        assert.deepEqual([early.held, guard.held], [false, true]);
        guard.unlock();
        assert.throws(() => guard.unlock(), { code: 'ERR_NOT_OWNER', message: /this guard has released it already/ });
        assert.throws(() => early.unlock(), { code: 'ERR_NOT_OWNER' });
      }
    });
  }

  it('also when a Promise gives it', async () => {
    const mutex = new Mutex(bytes());
    const pending = mutex.lock(); // held from here on
    mutex.unlock();
    const guard = mutex.lockSync();
    const early = await pending;
    assert.equal(early.held, false);
    assert.throws(() => early.unlock(), late);
    guard.unlock();
  });

  it('a promise of a read lock', async () => {
    const lock = new RwLock(bytes());
    const pending = lock.lockRead();
    lock.unlockRead();
    const guard = lock.lockReadSync();
    await assert.rejects(
      pending.then((early) => early.unlock()),
      late,
    );
    guard.unlock();
  });

  it('through two mappings of the same segment', () => {
    const name = uniqueName('guards');
    const one = MappedView.create(name, 4096);
    const other = MappedView.open(name, { access: 'readwrite' });
    const [a, b] = [new Mutex(one, 64), new Mutex(other, 64)];
    const early = a.lockSync();
    b.unlock();
    const guard = b.lockSync();
    assert.throws(() => early.unlock(), late);
    guard.unlock();
    one.close();
    other.close();
  });

  it('tasks of a thread whose writer still waits, wait as well; a blocking one would wait for itself', async () => {
    const world = new World(50);
    const memory = bytes();
    const [a, b] = [world.spawn(), world.spawn()].map((participants) => new RwLock(memory, 0, { participants })) as [
      RwLock,
      RwLock,
    ];
    const reading = b.lockReadSync();
    const pending = a.lockWrite();
    await assert.rejects(a.lockWrite({ timeoutMs: 2 }), { code: 'ERR_TIMEOUT' });
    await assert.rejects(a.lockRead({ timeoutMs: 2 }), { code: 'ERR_TIMEOUT' });
    assert.throws(() => a.lockWriteSync(), { code: 'ERR_ALREADY_OWNER' });
    assert.throws(() => a.lockReadSync(), { code: 'ERR_ALREADY_OWNER' });
    reading.unlock();
    (await pending).unlock();
  });

  it('unlockWrite() while a writer of this thread still waits for readers is ERR_NOT_OWNER', async () => {
    const memory = bytes();
    const lock = new RwLock(memory);
    const reading = lock.lockReadSync();
    const pending = lock.lockWrite({ sameThread: 'wait' });
    assert.notEqual(lock.writer, 0);
    assert.throws(() => lock.unlockWrite(), { code: 'ERR_NOT_OWNER' });
    reading.unlock();
    (await pending).unlock();
  });
});

describe('a guard in closed memory', () => {
  it('is not held, and the end of its block says nothing', () => {
    const view = MappedView.create(uniqueName('guards'), 4096);
    const guards = [
      new Mutex(view, 0).lockSync(),
      new Mutex(view, 8, { recursive: true }).lockSync(),
      new RwLock(view, 512).lockReadSync(),
      new RwLock(view, 1024).lockWriteSync(),
      new Semaphore(view, 2048, { permits: 1 }).acquireSync(),
    ];
    view.close();
    for (const guard of guards) {
      assert.equal(guard.held, false);
      guard[Symbol.dispose]();
      assert.throws(() => guard.unlock(), { code: 'ERR_CLOSED' });
    }
  });
});

describe('Tickets', () => {
  it('come round without a 0', () => {
    const tickets = new Tickets();
    let last = 0;
    for (let i = 0; i < TICKET_MASK; i++) last = tickets.next();
    assert.equal(last, TICKET_MASK);
    assert.equal(tickets.next(), 1);
  });
});

describe('Condition and the mutex that it shares memory with', () => {
  const Box = struct('box', { lock: Mutex.codec, filled: Condition.codec(-8, { places: 2 }), n: i32 });

  it('as fields of a struct', async () => {
    const box = Box.live(new DataView(new ArrayBuffer(Box.byteLength)), 0);
    const taken = (async () => {
      const guard = await box.lock.lock();
      await box.filled.waitFor(guard, () => box.n > 0);
      assert.equal(guard.held, true);
      guard.unlock();
      return box.n;
    })();
    await new Promise(setImmediate);
    const guard = box.lock.lockSync();
    box.n = 7;
    assert.equal(box.filled.notifyOne(), true);
    guard.unlock();
    assert.equal(await taken, 7);
  });

  it('with a recursive mutex, whichever is touched first', () => {
    const Deep = struct('deep', {
      lock: Mutex.codecWith({ recursive: true }),
      filled: Condition.codec(-8, { places: 2 }),
    });
    const deep = Deep.live(new DataView(new ArrayBuffer(Deep.byteLength)), 0);
    assert.equal(deep.filled.notifyOne(), false);
    const [outer, inner] = [deep.lock.lockSync(), deep.lock.lockSync()];
    assert.throws(() => deep.filled.waitSync(inner, { timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
    inner.unlock();
    assert.equal(deep.lock.isMine, true);
    outer.unlock();
    assert.equal(deep.lock.owner, 0);
  });

  it('through another mapping of the same segment', () => {
    const name = uniqueName('condition');
    const one = MappedView.create(name, 4096);
    const other = MappedView.open(name, { access: 'readwrite' });
    const guard = new Mutex(one, 0).lockSync();
    const condition = new Condition(other, 64, new Mutex(other, 0));
    assert.throws(() => condition.waitSync(guard, { timeoutMs: 1 }), { code: 'ERR_TIMEOUT' });
    guard.unlock();
    one.close();
    other.close();
  });

  it('but not a guard of another lock at hand, nor a released one', () => {
    const memory = bytes();
    const mutex = new Mutex(memory, 0);
    const condition = new Condition(memory, 128, mutex);
    const wrong = { code: 'ERR_NOT_OWNER', message: /the guard does not hold a mutex/ };
    const guard = mutex.lockSync();
    for (const other of [new Mutex(memory, 8).lockSync(), new Semaphore(memory, 16, { permits: 1 }).acquireSync()]) {
      assert.throws(() => condition.waitSync(other, { timeoutMs: 0 }), wrong);
    }
    guard.unlock();
    assert.throws(() => condition.waitSync(guard, { timeoutMs: 0 }), wrong);
  });

  it('the guard of a wait that pends is lent to it', async () => {
    const memory = bytes();
    const mutex = new Mutex(memory, 0);
    const condition = new Condition(memory, 128, mutex);
    const guard = mutex.lockSync();
    const pending = condition.wait(guard);
    assert.equal(guard.held, false);
    assert.throws(() => guard[Symbol.dispose](), { code: 'ERR_NOT_OWNER', message: /await the wait first/ });
    assert.throws(() => guard.unlock(), { code: 'ERR_NOT_OWNER', message: /await the wait first/ });
    await assert.rejects(condition.wait(guard), { code: 'ERR_NOT_OWNER' });
    condition.notifyAll();
    await pending;
    assert.equal(guard.held, true);
    guard.unlock();
    assert.equal(mutex.owner, 0);
  });
});
