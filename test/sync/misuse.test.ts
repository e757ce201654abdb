import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Participants } from '../../src/base/participants.ts';
import { MappedView } from '../../src/memory/index.ts';
import {
  AutoResetEvent,
  Condition,
  CountingSemaphore,
  ManualResetEvent,
  Mutex,
  NamedEvent,
  NamedMutex,
  NamedSemaphore,
  RwLock,
  Semaphore,
} from '../../src/sync/index.ts';
import { World } from '../support/participants.ts';
import { uniqueName } from '../support/shared-memory.ts';

type Options = Record<string, unknown>;
const bytes = () => new ArrayBuffer(256);

/** Each primitive with options of any kind. */
const make: Record<string, (options: never) => unknown> = {
  Mutex: (options) => new Mutex(bytes(), 0, options),
  RwLock: (options) => new RwLock(bytes(), 0, options),
  'RwLock.codec': (options) => RwLock.codec(options),
  Semaphore: (options) => new Semaphore(bytes(), 0, options),
  'Semaphore.codec': (options) => Semaphore.codec(options),
  CountingSemaphore: (options) => new CountingSemaphore(bytes(), 0, options),
  'CountingSemaphore.codec': (options) => CountingSemaphore.codec(options),
  AutoResetEvent: (options) => new AutoResetEvent(bytes(), 0, options),
  ManualResetEvent: (options) => new ManualResetEvent(bytes(), 0, options),
  Condition: (options) => new Condition(bytes(), 0, new Mutex(bytes()), options),
  'Condition.codec': (options) => Condition.codec(0, options),
  NamedMutex: (options) => NamedMutex.create(uniqueName('misuse'), options),
  NamedSemaphore: (options) => NamedSemaphore.create(uniqueName('misuse'), options),
  NamedEvent: (options) => NamedEvent.create(uniqueName('misuse'), options),
};

describe('options of the wrong kind', () => {
  for (const [what, primitive] of Object.entries(make)) {
    it(`${what}: a TypeError that says what to pass`, () => {
      for (const options of [null, 'fast', 7]) {
        assert.throws(() => primitive(options as never), {
          name: 'TypeError',
          message: /Cannot use .* as options: pass/,
        });
      }
    });
    if (/codec|Named/.test(what)) continue;
    it(`${what}: participants that are none`, () => {
      for (const participants of [null, 'all', {}]) {
        const options: Options = { participants, permits: 1 };
        assert.throws(() => primitive(options as never), {
          name: 'TypeError',
          message: /as participants: leave them out/,
        });
      }
    });
  }

  it('numbers that are none', () => {
    for (const n of [Number.NaN, 0, 1.5, '3', null, 2 ** 40]) {
      assert.throws(() => new Semaphore(bytes(), 0, { permits: n as never }), RangeError);
      assert.throws(() => new RwLock(bytes(), 0, { readers: n as never }), RangeError);
      assert.throws(() => new Condition(bytes(), 0, new Mutex(bytes()), { places: n as never }), RangeError);
      assert.throws(() => Condition.codec(0, { places: n as never }), RangeError);
      assert.throws(() => RwLock.codec({ readers: n as never }), RangeError);
      assert.throws(() => new CountingSemaphore(bytes(), 0, { maximum: n as never }), RangeError);
      assert.throws(() => CountingSemaphore.codec({ maximum: n as never }), RangeError);
      assert.throws(() => NamedSemaphore.create(uniqueName('misuse'), { maximum: n as never }), RangeError);
      if (n === 0) continue;
      assert.throws(() => new CountingSemaphore(bytes(), 0, { initial: n as never }), RangeError);
    }
  });

  it('a string is shown as one; what must be given is asked for', () => {
    const counting = new CountingSemaphore(bytes());
    assert.throws(() => counting.release('1' as never), { name: 'RangeError', message: /Cannot use count "1":/ });
    assert.throws(() => new Mutex(bytes(), '4' as never), { name: 'RangeError', message: /at offset "4":/ });
    assert.throws(() => new Semaphore(bytes(), 0, undefined as never), {
      message: /without options: pass \{ permits \}/,
    });
    assert.throws(() => Semaphore.codec(undefined as never), { message: /without options: pass \{ permits \}/ });
    for (const offset of [undefined, Number.NaN, 1.5, '8']) {
      assert.throws(() => Condition.codec(offset as never), { name: 'RangeError', message: /mutexOffset/ });
    }
  });

  it('more than the maximum released at once is ERR_LIMIT, in memory and by name', () => {
    const limit = { code: 'ERR_LIMIT' };
    const named = NamedSemaphore.create(uniqueName('misuse'), { maximum: 2 });
    for (const semaphore of [new CountingSemaphore(bytes(), 0, { maximum: 2 }), named]) {
      assert.throws(() => semaphore.release(3), limit);
      assert.equal(semaphore.release(2), 0);
    }
    named.close();
  });

  it('waitFor checks what it got as wait does, whatever its predicate says', async () => {
    const memory = bytes();
    const mutex = new Mutex(memory);
    const condition = new Condition(memory, 64, mutex);
    const guard = mutex.lockSync();
    const both = async (predicate: unknown, options: unknown, expected: object) => {
      assert.throws(() => condition.waitForSync(guard, predicate as never, options as never), expected);
      await assert.rejects(condition.waitFor(guard, predicate as never, options as never), expected);
      assert.equal(guard.held, true);
    };
    for (const options of [{ timeoutMs: -1 }, { timeoutMs: '50' }, { timeoutMs: null }, { timeoutMs: 10n }]) {
      await both(() => true, options, { name: 'RangeError', message: /timeoutMs must be a number/ });
    }
    for (const options of ['x', null]) await both(() => true, options, { message: /pass \{ timeoutMs, signal \}/ });
    await both(null, undefined, { name: 'TypeError', message: /until null: pass a function/ });
    await both(() => true, { signal: AbortSignal.abort() }, { name: 'AbortError' });
    await both(() => false, { timeoutMs: 4 }, { code: 'ERR_TIMEOUT', message: /after 4 ms$/ });
    const own = Object.assign(new Error('mine'), { code: 'ERR_TIMEOUT' });
    const failing = () => {
      throw own;
    };
    await both(failing, { timeoutMs: 4 }, own);
    guard.unlock();
  });

  it('a mutex or a guard that is none', () => {
    assert.throws(() => new Condition(bytes(), 0, null as never), { name: 'TypeError', message: /pass a Mutex/ });
    assert.throws(() => new Condition(bytes(), 0, {} as never), { name: 'TypeError', message: /pass a Mutex/ });
    const condition = new Condition(bytes(), 0, new Mutex(bytes()));
    assert.throws(() => condition.waitSync(undefined as never), { name: 'TypeError', message: /pass the guard/ });
  });
});

describe('waits with options of the wrong kind', () => {
  const mutex = new Mutex(bytes());
  const wrong: [options: unknown, message: RegExp][] = [
    [null, /pass \{ timeoutMs, signal \}/],
    [50, /pass \{ timeoutMs, signal \}/],
    [{ timeoutMs: -1 }, /timeoutMs must be a number/],
    [{ timeoutMs: Number.NaN }, /timeoutMs must be a number/],
    [{ timeoutMs: null }, /timeoutMs must be a number/],
    [{ timeoutMs: '5' }, /timeoutMs must be a number/],
    [{ signal: 'stop' }, /pass an AbortSignal/],
    [{ signal: null }, /pass an AbortSignal/],
  ];
  for (const [options, message] of wrong) {
    it(`${JSON.stringify(options)}`, async () => {
      assert.throws(() => mutex.lockSync(options as never), { message });
      await assert.rejects(mutex.lock(options as never), { message });
      assert.equal(mutex.owner, 0);
    });
  }
  it('sameThread', async () => {
    const bad = { sameThread: 'queue' } as never;
    await assert.rejects(mutex.lock(bad), { name: 'TypeError', message: /pass 'error' or 'wait'/ });
    const rw = new RwLock(bytes());
    await assert.rejects(rw.lockRead(bad), TypeError);
    await assert.rejects(rw.lockWrite(bad), TypeError);
  });
});

describe('one signal for many waits', () => {
  it('prints no warning of a leak, ends them all, and keeps no listener', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = function (this: AbortSignal, ...args: unknown[]) {
      listeners += 1;
      return Reflect.apply(addEventListener, this, args);
    };
    signal.removeEventListener = function (this: AbortSignal, ...args: unknown[]) {
      listeners -= 1;
      return Reflect.apply(removeEventListener, this, args);
    };
    const event = new AutoResetEvent(bytes());
    const named = NamedEvent.create(uniqueName('signal'));
    const begin = () =>
      Array.from({ length: 50 }, (_, i) => (i % 2 ? event : named).wait({ signal, timeoutMs: 120_000 }));
    const first = begin();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(listeners <= 2, true, `${listeners} listeners`);
    for (let i = 0; i < first.length; i++) (i % 2 ? event : named).set();
    const second = begin();
    for (let i = 0; i < 200 && listeners > 0; i++) {
      event.set();
      named.set();
      await new Promise(setImmediate);
    }
    controller.abort(new Error('enough'));
    const results = await Promise.allSettled([...first, ...second]);
    for (const result of results) {
      if (result.status === 'rejected') assert.equal((result.reason as Error).name, 'AbortError');
    }
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.deepEqual(warnings, []);
    named.close();
  });
});

describe('memory that is closed', () => {
  const kinds: Record<string, (view: MappedView<'readwrite'>) => [use: () => unknown, wait: () => Promise<unknown>]> = {
    Mutex: (view) => {
      const mutex = new Mutex(view, 0);
      return [() => mutex.tryLock(), () => mutex.lock()];
    },
    RwLock: (view) => {
      const lock = new RwLock(view, 0);
      return [() => lock.tryLockRead(), () => lock.lockWrite()];
    },
    Semaphore: (view) => {
      const semaphore = new Semaphore(view, 0, { permits: 1 });
      return [() => semaphore.available, () => semaphore.acquire()];
    },
    CountingSemaphore: (view) => {
      const semaphore = new CountingSemaphore(view, 0);
      return [() => semaphore.release(), () => semaphore.acquire()];
    },
    AutoResetEvent: (view) => {
      const event = new AutoResetEvent(view, 0);
      return [() => event.set(), () => event.wait()];
    },
    ManualResetEvent: (view) => {
      const event = new ManualResetEvent(view, 0);
      return [() => event.reset(), () => event.wait()];
    },
  };
  const closed = { name: 'TypeError', code: 'ERR_CLOSED' };
  for (const [what, parts] of Object.entries(kinds)) {
    it(`${what}: ERR_CLOSED, in every form and while one waits`, async () => {
      const view = MappedView.create(uniqueName('closed'), 4096);
      const [use, wait] = parts(view);
      let pending: Promise<unknown> | undefined;
      if (/Counting|Event/.test(what)) {
        pending = wait();
        await new Promise((resolve) => setTimeout(resolve, 5)); // polled, and asleep or soon
      }
      view.close();
      if (pending) await assert.rejects(pending, closed);
      assert.throws(use, closed);
      await assert.rejects(wait(), closed);
    });
  }

  it('a guard and a condition: ERR_CLOSED', () => {
    const view = MappedView.create(uniqueName('closed'), 4096);
    const mutex = new Mutex(view, 0);
    const condition = new Condition(view, 64, mutex);
    const guard = mutex.lockSync();
    view.close();
    assert.throws(() => guard.unlock(), closed);
    assert.throws(() => condition.waitSync(guard), closed);
    assert.throws(() => condition.notifyOne(), closed);
  });

  it('a writer that still waited for readers is in nobody’s way', async () => {
    const { one, other, a, b, c } = threeOverTwoViews((view, participants) => new RwLock(view, 0, { participants }));
    const reading = a.lockReadSync();
    const pending = b.lockWrite();
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(c.tryLockRead(), undefined, 'the writer keeps new readers out');
    other.close();
    assert.equal(c.writer, 0);
    c.lockReadSync().unlock();
    reading.unlock();
    await assert.rejects(pending, closed);
    one.close();
  });

  it('a waiter of a condition is not notified; with the mutex elsewhere, that is held again', async () => {
    const elsewhere = new ArrayBuffer(8);
    const { one, other, a, b } = threeOverTwoViews((view, participants) => {
      const mutex = new Mutex(elsewhere, 0, { participants });
      return { mutex, condition: new Condition(view, 64, mutex, { participants }) };
    });
    const guard = b.mutex.lockSync();
    const pending = b.condition.wait(guard);
    await new Promise(setImmediate);
    other.close();
    assert.equal(a.condition.notifyOne(), false);
    await assert.rejects(pending, closed);
    assert.equal(b.mutex.isMine, true);
    guard.unlock();
    one.close();
  });

  it('a condition whose mutex is closed meanwhile: the wait and the guard say ERR_CLOSED', async () => {
    const view = MappedView.create(uniqueName('closed'), 4096);
    const mutex = new Mutex(view, 0);
    const condition = new Condition(bytes(), 0, mutex);
    const guard = mutex.lockSync();
    const pending = condition.wait(guard);
    await new Promise(setImmediate);
    view.close();
    condition.notifyOne();
    await assert.rejects(pending, closed);
    assert.throws(() => guard.unlock(), closed);
    assert.equal(guard.held, false);
  });
});

/** Three mortals: the first and the third over one view of a segment, the second over another. */
function threeOverTwoViews<T>(make: (view: MappedView<'readwrite'>, participants: Participants) => T) {
  const world = new World(100);
  const name = uniqueName('closed');
  const one = MappedView.create(name, 4096);
  const other = MappedView.open(name, { access: 'readwrite' });
  const [a, b, c] = [one, other, one].map((view) => make(view, world.spawn())) as [T, T, T];
  return { one, other, a, b, c };
}
