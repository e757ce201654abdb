import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryRange } from '../../src/base/memory.ts';
import type { Participants } from '../../src/base/participants.ts';
import { i32, struct } from '../../src/codec/index.ts';
import {
  AutoResetEvent,
  Condition,
  CountingSemaphore,
  ManualResetEvent,
  Mutex,
  RwLock,
  Semaphore,
} from '../../src/sync/index.ts';
import { ONE_DEEPER, RECURSIVE } from '../../src/sync/mutex-layout.ts';
import { aside, pointsPassed, run } from '../support/death.ts';
import { type FakeParticipants, World } from '../support/participants.ts';
import { KIND_BYTES, kinds } from './kinds.ts';

/** Two or more mortals over one memory. */
function people<T>(byteLength: number, make: (memory: ArrayBuffer, participants: FakeParticipants) => T, count = 2) {
  const world = new World(11);
  const memory = new ArrayBuffer(byteLength);
  const actors = Array.from({ length: count }, () => world.spawn());
  const [a, b, c] = actors.map((participants) => make(memory, participants)) as [T, T, T];
  return { world, memory, a, b, c, ids: actors.map(({ self }) => self), words: new Int32Array(memory) };
}

describe('Mutex', () => {
  const pair = (recursive = false) =>
    people(Mutex.byteLength, (memory, participants) => new Mutex(memory, 0, { participants, recursive }));

  it('lies in 8 bytes: owner; kind, depth, ticket', () => {
    const { a, words, ids } = pair(true);
    assert.equal(Mutex.byteLength, 8);
    assert.deepEqual([...words], [0, RECURSIVE]);
    const [outer, inner] = [a.lockSync(), a.lockSync()];
    assert.deepEqual([...words], [ids[0], RECURSIVE + ONE_DEEPER + 1]);
    inner.unlock();
    assert.deepEqual([...words], [ids[0], RECURSIVE + 1]);
    outer.unlock();
    assert.equal(words[0], 0);
  });

  it('is of one kind: recursive and plain do not go together', () => {
    for (const recursive of [true, false]) {
      const { memory } = pair(recursive);
      const participants = new World(1).spawn();
      const other = () => new Mutex(memory, 0, { participants, recursive: !recursive });
      assert.throws(other, {
        code: 'ERR_LAYOUT_MISMATCH',
        message: new RegExp(`recursive ${recursive}.*${!recursive}`),
      });
      new Mutex(memory, 0, { participants, recursive }).lockSync().unlock();
    }
  });

  it('a recursive one is held 1024 times at most', () => {
    const { a, b } = pair(true);
    const guards = Array.from({ length: 1024 }, () => a.lockSync());
    assert.throws(() => a.lockSync(), { code: 'ERR_LIMIT', context: { limit: 1024, value: 1025 } });
    for (const guard of guards) guard.unlock();
    assert.ok(b.tryLock());
  });

  it('{ sameThread: "wait" } waits for another task of the thread, also for a recursive one', async () => {
    const { a } = pair(true);
    const guard = a.lockSync();
    let second = false;
    const pending = a.lock({ sameThread: 'wait' }).then((g) => {
      second = true;
      return g;
    });
    await new Promise(setImmediate);
    assert.equal(second, false);
    guard.unlock();
    (await pending).unlock();
  });

  it('a recursive one is free after as many unlocks as locks', () => {
    const { a, b } = pair(true);
    const guards = [a.lockSync(), a.tryLock()!, a.lockSync()];
    for (const guard of guards) {
      assert.equal(b.tryLock(), undefined);
      guard.unlock();
    }
    assert.equal(b.tryLock()?.ownerDied, false);
  });

  it('a recursive one forgets the depth of a dead owner', () => {
    const { world, a, b, ids, words } = pair(true);
    a.lockSync();
    a.lockSync();
    world.kill(ids[0]!);
    const guard = b.lockSync();
    assert.equal(guard.ownerDied, true);
    assert.deepEqual([...words], [ids[1], RECURSIVE + 1]);
    guard.unlock();
    assert.equal(words[0], 0);
  });

  it('a guard unlocks once; dispose after unlock does nothing', () => {
    const { a, b } = pair();
    const guard = a.lockSync();
    guard.unlock();
    const other = b.lockSync();
    guard[Symbol.dispose]();
    assert.throws(() => guard.unlock(), { code: 'ERR_NOT_OWNER', message: /this guard has released it already/ });
    assert.equal(other.held, true);
    assert.throws(() => a.unlock(), { code: 'ERR_NOT_OWNER' });
    other[Symbol.dispose]();
    assert.equal(a.owner, 0);
  });
});

describe('RwLock', () => {
  const three = (readers = 2) =>
    people(
      RwLock.byteLengthFor(readers),
      (memory, participants) => new RwLock(memory, 0, { participants, readers }),
      3,
    );

  it('lets readers in together and writers alone', () => {
    const { a, b, c } = three();
    const [ra, rb] = [a.lockReadSync(), b.lockReadSync()];
    assert.equal(a.readerCount, 2);
    assert.equal(c.tryLockWrite(), undefined);
    ra.unlock();
    rb.unlock();
    const w = c.lockWriteSync();
    assert.equal(a.tryLockRead(), undefined);
    assert.equal(b.tryLockWrite(), undefined);
    w.unlock();
    assert.equal(a.tryLockRead()?.ownerDied, false);
  });

  it('a writer that waits keeps new readers out, but not nested ones', () => {
    const { world, a, b, c } = three();
    const reading = a.lockReadSync();
    world.meanwhile = () => {
      assert.equal(b.tryLockRead(), undefined, 'a new reader waits behind the writer');
      const nested = a.lockReadSync();
      nested.unlock();
      aside(() => reading.unlock());
    };
    c.lockWriteSync().unlock();
  });

  it('a writer whose time is up leaves no trace', () => {
    const { world, a, b, c } = three();
    const reading = a.lockReadSync();
    world.meanwhile = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); // the slice
    assert.throws(() => c.lockWriteSync({ timeoutMs: 1 }), { code: 'ERR_TIMEOUT' });
    assert.equal(c.writer, 0);
    b.lockReadSync().unlock();
    reading.unlock();
  });

  it('a dead reader is not waited for', () => {
    const { world, a, b, ids } = three();
    a.lockReadSync();
    world.kill(ids[0]!);
    const guard = b.tryLockWrite();
    assert.equal(guard?.ownerDied, false);
    assert.equal(b.readerCount, 0);
  });

  it('a dead writer is told to readers until a writer has come', () => {
    const { world, a, b, c, ids } = three();
    a.lockWriteSync();
    world.kill(ids[0]!);
    for (const reader of [b, c]) {
      const guard = reader.lockReadSync();
      assert.equal(guard.ownerDied, true);
      guard.unlock();
    }
    const writing = c.lockWriteSync();
    assert.equal(writing.ownerDied, true);
    writing.unlock();
    assert.equal(b.lockReadSync().ownerDied, false);
  });

  it('the mark of a dead writer survives a writer that gives up', () => {
    const { world, a, b, c, ids } = three();
    a.lockWriteSync();
    world.kill(ids[0]!);
    const reading = b.lockReadSync();
    assert.equal(c.tryLockWrite(), undefined);
    reading.unlock();
    assert.equal(c.lockWriteSync().ownerDied, true);
  });

  it('a writer that dies while it waits for readers has broken nothing, unless one before it had', () => {
    for (const broken of [false, true]) {
      const { world, memory, a, b, c, ids } = three();
      const reading = b.lockReadSync();
      if (broken) {
        const dying = world.spawn();
        const lock = new RwLock(memory, 0, { participants: dying, readers: 2 });
        reading.unlock();
        lock.lockWriteSync();
        world.kill(dying.self);
        assert.equal(b.lockReadSync().ownerDied, true);
      }
      void a.lockWrite();
      assert.equal(a.writer, ids[0]);
      world.kill(ids[0]!);
      assert.equal(c.lockReadSync().ownerDied, broken);
      c.unlockRead();
      b.unlockRead();
      assert.equal(c.lockWriteSync().ownerDied, broken);
    }
  });

  it('a reader without a place waits for one; a dead one’s place is free', () => {
    const { world, a, b, ids } = three(1);
    a.lockReadSync();
    assert.equal(b.tryLockRead(), undefined);
    world.kill(ids[0]!);
    assert.equal(b.tryLockRead()?.ownerDied, false);
  });

  it('waiting for oneself is an error at once', async () => {
    const { a } = three();
    const error = { code: 'ERR_ALREADY_OWNER' };
    const reading = a.lockReadSync();
    assert.throws(() => a.lockWriteSync(), error);
    assert.throws(() => a.tryLockWrite(), error);
    await assert.rejects(a.lockWrite(), error);
    reading.unlock();
    const writing = a.lockWriteSync();
    assert.throws(() => a.lockReadSync(), error);
    assert.throws(() => a.lockWriteSync(), error);
    await assert.rejects(a.lockRead(), error);
    writing.unlock();
    assert.throws(() => a.unlockRead(), { code: 'ERR_NOT_OWNER' });
    assert.throws(() => a.unlockWrite(), { code: 'ERR_NOT_OWNER' });
  });

  it('tasks of one thread take turns with { sameThread: "wait" }', async () => {
    const { a } = three();
    const order: string[] = [];
    const write = async (name: string) => {
      const guard = await a.lockWrite({ sameThread: 'wait' });
      order.push(`${name} in`);
      await new Promise(setImmediate);
      order.push(`${name} out`);
      guard.unlock();
    };
    await Promise.all([write('first'), write('second')]);
    assert.deepEqual(order, ['first in', 'first out', 'second in', 'second out']);
  });

  it('other numbers of readers do not go together', () => {
    const { memory, a } = three(2);
    assert.equal(a.what, 'a reader-writer lock');
    const wrong = () => new RwLock(new Uint8Array(memory), 0, { readers: 1, participants: new World(1).spawn() });
    assert.throws(wrong, { code: 'ERR_LAYOUT_MISMATCH' });
  });
});

describe('Semaphore', () => {
  const pair = (permits: number) =>
    people(Semaphore.byteLengthFor(permits), (m, participants) => new Semaphore(m, 0, { permits, participants }));

  it('gives out its permits and gets those of the dead back', () => {
    const { world, a, b, ids } = pair(3);
    a.acquireSync();
    a.acquireSync();
    const third = b.acquireSync();
    assert.equal(b.tryAcquire(), undefined);
    assert.equal(b.available, 0);
    world.kill(ids[0]!);
    assert.deepEqual([b.tryAcquire()?.ownerDied, b.tryAcquire()?.ownerDied, b.tryAcquire()], [true, true, undefined]);
    third.unlock();
    assert.equal(b.available, 1);
  });

  it('release() without a permit is ERR_NOT_OWNER', () => {
    const { a, b } = pair(1);
    const guard = a.acquireSync();
    assert.throws(() => b.release(), { code: 'ERR_NOT_OWNER' });
    a.release();
    assert.equal(b.available, 1);
    const other = b.acquireSync();
    assert.throws(() => guard.unlock(), { code: 'ERR_NOT_OWNER' }, 'released behind its back, and another’s now');
    other.unlock();
  });
});

describe('CountingSemaphore', () => {
  const pair = (initial: number, maximum: number) =>
    people(CountingSemaphore.byteLength, (m, p) => new CountingSemaphore(m, 0, { initial, maximum, participants: p }));

  it('all zero is the initial count; anybody raises it, up to the maximum', () => {
    const { a, b } = pair(2, 3);
    assert.equal(a.count, 2);
    a.acquireSync();
    assert.equal(b.release(2), 1);
    assert.throws(() => a.release(), { code: 'ERR_LIMIT', context: { limit: 3, value: 4 } });
    assert.throws(() => a.release(0), RangeError);
    for (let i = 0; i < 3; i++) assert.equal(a.tryAcquire(), true);
    assert.equal(a.tryAcquire(), false);
    assert.equal(b.count, 0);
  });
});

describe('events', () => {
  it('AutoResetEvent lets one through for a set', () => {
    const { a, b } = people(4, (m, participants) => new AutoResetEvent(m, 0, { participants }));
    a.set();
    a.set();
    assert.deepEqual([b.tryWait(), a.tryWait()], [true, false]);
    a.set();
    b.reset();
    assert.equal(a.isSet, false);
  });

  it('ManualResetEvent lets everybody through, also when reset at once', async () => {
    const { a, b } = people(4, (m, participants) => new ManualResetEvent(m, 0, { participants }));
    const waits = [b.wait(), b.wait()];
    await new Promise(setImmediate);
    a.set();
    a.reset();
    await Promise.all(waits);
    assert.equal(b.tryWait(), false);
    a.set();
    b.waitSync();
    await b.wait();
  });
});

describe('Condition', () => {
  const pair = () =>
    people(
      128,
      (memory, participants) => {
        const mutex = new Mutex(memory, 0, { participants, recursive: true });
        return { mutex, condition: new Condition(memory, 8, mutex, { participants, places: 3 }), participants };
      },
      3,
    );

  it('notifyOne() wakes exactly one, in turn; notifyAll() the rest', async () => {
    const { a, b, c } = pair();
    const woken: string[] = [];
    const wait = async ({ mutex, condition }: typeof a, name: string) => {
      const guard = mutex.lockSync();
      await condition.wait(guard);
      woken.push(name);
      guard.unlock();
    };
    const waits = [wait(a, 'a'), wait(b, 'b'), wait(c, 'c')];
    assert.equal(a.condition.notifyOne(), true);
    await waits[0];
    assert.deepEqual(woken, ['a']);
    assert.equal(a.condition.notifyAll(), 2);
    await Promise.all(waits);
    assert.deepEqual(woken.sort(), ['a', 'b', 'c']);
    assert.equal(a.condition.notifyOne(), false);
  });

  it('releases a recursive mutex fully and restores its depth', () => {
    const { world, a, b } = pair();
    const [outer, inner] = [a.mutex.lockSync(), a.mutex.lockSync()];
    world.meanwhile = () => {
      const guard = aside(() => b.mutex.lockSync());
      b.condition.notifyOne();
      guard.unlock();
    };
    a.condition.waitSync(inner);
    inner.unlock();
    assert.equal(b.mutex.tryLock(), undefined);
    outer.unlock();
    assert.equal(a.mutex.owner, 0);
  });

  it('after a time-out or an abort the mutex is held again and the place is free', async () => {
    const { a, world } = pair();
    const guard = a.mutex.lockSync();
    world.meanwhile = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); // the slice
    assert.throws(() => a.condition.waitSync(guard, { timeoutMs: 1 }), { code: 'ERR_TIMEOUT' });
    assert.equal(a.mutex.isMine, true);
    await assert.rejects(a.condition.wait(guard, { timeoutMs: 1 }), { code: 'ERR_TIMEOUT' });
    const controller = new AbortController();
    const pending = a.condition.waitFor(guard, () => false, { signal: controller.signal });
    controller.abort();
    await assert.rejects(pending, { name: 'AbortError' });
    assert.equal(a.mutex.isMine, true);
    assert.equal(a.condition.notifyOne(), false);
    guard.unlock();
  });

  it('a guard of another mutex, or none, is ERR_NOT_OWNER', () => {
    const { a, b } = pair();
    const guard = b.mutex.lockSync();
    assert.throws(() => a.condition.waitSync(guard), { code: 'ERR_NOT_OWNER' });
    guard.unlock();
    assert.throws(() => b.condition.waitSync(guard), { code: 'ERR_NOT_OWNER' });
  });

  it('a waiter that died makes room, and is not notified', async () => {
    const { world, a, b, ids } = pair();
    const guard = a.mutex.lockSync();
    void a.condition.wait(guard);
    world.kill(ids[0]!);
    assert.equal(b.condition.notifyOne(), false);
    const many = [b, b, b].map(async ({ mutex, condition }) => {
      const g = mutex.lockSync();
      await condition.wait(g);
      g.unlock();
    });
    assert.throws(() => b.condition.waitSync(b.mutex.lockSync()), { code: 'ERR_TABLE_FULL' });
    b.mutex.unlock();
    assert.equal(b.condition.notifyAll(), 3);
    await Promise.all(many);
  });
});

describe('a death at every store', () => {
  for (const [name, kind] of Object.entries(kinds)) {
    it(`${name}: the survivor acquires, told if the dead one held it`, () => {
      const life = (dieAt: number) => {
        const world = new World(5);
        const memory = new ArrayBuffer(KIND_BYTES);
        const [a, b] = [world.spawn(), world.spawn()];
        const survivor = kind.waiter(memory, 0, b as Participants);
        const victim = kind.holder(memory, 0, a as Participants);
        let held = false;
        let acquired = 0;
        const result = run(() => {
          const guard = victim.acquireSync();
          held = true;
          acquired = pointsPassed();
          guard.unlock();
          held = false;
        }, dieAt);
        if (result.died) world.kill(a.self);
        const guard = survivor.tryAcquire();
        assert.ok(guard, `died at ${dieAt}`);
        if (!kind.tells || !result.died) assert.equal(guard.ownerDied, false);
        // At the first store of its unlock it is still held; once that store is done it is not.
        else if (held) assert.equal(guard.ownerDied, dieAt <= acquired + 1, `died at ${dieAt}`);
        guard.unlock();
        return result;
      };
      const { points } = life(0);
      assert.ok(points >= 2);
      for (let dieAt = 1; dieAt <= points; dieAt++) assert.equal(life(dieAt).died, true);
    });
  }
});

describe('in a struct', () => {
  it('primitives are fields without a value', () => {
    const Shared = struct('shared', {
      lock: Mutex.codec,
      turn: AutoResetEvent.codec,
      rw: RwLock.codec({ readers: 1 }),
      n: i32,
    });
    assert.equal(Shared.byteLength, 8 + 4 + RwLock.byteLengthFor(1) + 4);
    assert.equal(Shared.offsetOf('n'), Shared.byteLength - 4);
    const live = Shared.live(new DataView(new ArrayBuffer(Shared.byteLength)), 0);
    const guard = live.lock.lockSync();
    assert.throws(() => live.lock.lockSync(), { code: 'ERR_ALREADY_OWNER' });
    guard.unlock();
    live.turn.set();
    assert.equal(live.turn.tryWait(), true);
    const value: { n: number } = Shared.read(new DataView(new ArrayBuffer(Shared.byteLength)), 0);
    assert.deepEqual(value, { n: 0 });
  });

  it('refuse read-only memory', () => {
    const range = { ...memoryRange(new ArrayBuffer(8)), access: 'read' as const };
    assert.throws(() => new Mutex({ get: range } as never), TypeError);
  });
});

// Compile-only: wrong use is a compile error.
export function types(mutex: Mutex, memory: ArrayBuffer): void {
  // @ts-expect-error the number of permits is not optional
  new Semaphore(memory, 0, {});
  // @ts-expect-error a guard is not made by hand out of nothing
  mutex.lockSync().unlock(1);
  // @ts-expect-error a condition needs its mutex
  new Condition(memory, 0);
  // @ts-expect-error Promise forms give Promises
  mutex.lock().unlock();
  // @ts-expect-error the owner is not set by hand
  mutex.owner = 3;
}
