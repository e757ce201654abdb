import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { NamedEvent, NamedMutex, NamedSemaphore } from '../../src/sync/index.ts';
import { Child } from '../support/children.ts';
import { uniqueName } from '../support/shared-memory.ts';

const agent = (name: string) => new Child(new URL('./named-agent.ts', import.meta.url), [name], { silent: true });

describe('NamedMutex', () => {
  it('create() makes, open() finds, openOrCreate() does either; each says whether it created', () => {
    const name = uniqueName('mutex');
    assert.throws(() => NamedMutex.open(name), { code: 'ERR_NAME_NOT_FOUND' });
    const made = NamedMutex.create(name);
    assert.equal(made.created, true);
    assert.throws(() => NamedMutex.create(name), { code: 'ERR_NAME_EXISTS' });
    const opened = NamedMutex.open(name);
    const either = NamedMutex.openOrCreate(name);
    assert.deepEqual([opened.created, either.created], [false, false]);
    for (const mutex of [made, opened, either]) mutex.close();
    assert.throws(() => NamedMutex.open(name), { code: 'ERR_NAME_NOT_FOUND' });
    assert.throws(() => made.tryLock(), { code: 'ERR_CLOSED' });
    made[Symbol.dispose]();
  });

  it('a name of another kind is ERR_WRONG_KIND, whatever asks', () => {
    const name = uniqueName('kind');
    const event = NamedEvent.create(name);
    for (const Kind of [NamedMutex, NamedSemaphore]) {
      assert.throws(() => Kind.open(name), { code: 'ERR_WRONG_KIND' });
      assert.throws(() => Kind.openOrCreate(name), { code: 'ERR_WRONG_KIND' });
    }
    event.close();
  });

  it('locking twice and unlocking twice are errors at once', async () => {
    const mutex = NamedMutex.create(uniqueName('mutex'));
    const guard = mutex.lockSync();
    assert.throws(() => mutex.tryLock(), { code: 'ERR_ALREADY_OWNER' });
    assert.throws(() => mutex.lockSync(), { code: 'ERR_ALREADY_OWNER' });
    await assert.rejects(mutex.lock(), { code: 'ERR_ALREADY_OWNER' });
    const patient = mutex.lock({ sameThread: 'wait' });
    guard.unlock();
    assert.throws(() => guard.unlock(), { code: 'ERR_NOT_OWNER' });
    (await patient).unlock();
    assert.throws(() => mutex.unlock(), { code: 'ERR_NOT_OWNER' });
    mutex.close();
  });

  it('{ recursive: true } may be locked again', () => {
    const mutex = NamedMutex.create(uniqueName('mutex'), { recursive: true });
    const [outer, inner] = [mutex.lockSync(), mutex.lockSync()];
    inner.unlock();
    outer.unlock();
    assert.throws(() => mutex.unlock(), { code: 'ERR_NOT_OWNER' });
    mutex.close();
  });

  it('close() releases what the object has acquired; nobody is told of a death, and the guard says ERR_CLOSED', async () => {
    const name = uniqueName('mutex');
    const other = NamedMutex.create(name);
    const outsider = agent(name);
    for (const recursive of [false, true]) {
      const mutex = NamedMutex.open(name, { recursive });
      const guards = recursive ? [mutex.lockSync(), await mutex.lock()] : [mutex.lockSync()];
      mutex.close();
      for (const guard of guards) {
        assert.equal(guard.held, false);
        assert.throws(() => guard.unlock(), { name: 'TypeError', code: 'ERR_CLOSED' });
        guard[Symbol.dispose]();
      }
      assert.throws(() => mutex.unlock(), { code: 'ERR_CLOSED' });
      await outsider.ask({ op: 'lock' });
      await outsider.ask({ op: 'unlock' });
      const guard = other.lockSync();
      assert.equal(guard.ownerDied, false);
      guard.unlock();
    }
    await outsider.kill();
    other.close();
  });

  it('close() leaves alone what another object of the thread has acquired', () => {
    const name = uniqueName('mutex');
    const [one, other] = [NamedMutex.create(name), NamedMutex.open(name)];
    one.lockSync();
    other.unlock();
    const guard = other.lockSync();
    one.close();
    assert.equal(guard.held, true);
    guard.unlock();
    other.close();
  });

  it('close() while promises wait: they end with ERR_CLOSED and hold nothing', async () => {
    const name = uniqueName('mutex');
    const other = NamedMutex.create(name);
    const outsider = agent(name);
    await outsider.ask({ op: 'lock' });
    const mutex = NamedMutex.open(name);
    const pending = mutex.lock({ timeoutMs: 30_000 });
    await new Promise(setImmediate);
    mutex.close();
    await assert.rejects(pending, { name: 'TypeError', code: 'ERR_CLOSED' });
    await outsider.ask({ op: 'unlock' });
    const early = NamedMutex.open(name);
    const acquired = early.lock(); // held already
    early.close();
    await assert.rejects(acquired, { code: 'ERR_CLOSED' });
    await outsider.ask({ op: 'lock' });
    await outsider.kill();
    other.close();
  });

  it('objects with and without { recursive } go together', () => {
    const name = uniqueName('mutex');
    const [deep, plain] = [NamedMutex.create(name, { recursive: true }), NamedMutex.open(name)];
    const guards = [deep.lockSync(), deep.lockSync()];
    assert.throws(() => plain.tryLock(), { code: 'ERR_ALREADY_OWNER' });
    plain.unlock();
    guards[0]!.unlock();
    assert.throws(() => guards[1]!.unlock(), { code: 'ERR_NOT_OWNER' });
    plain.lockSync().unlock();
    deep.close();
    plain.close();
  });

  it('excludes another process; its death is told once', async () => {
    const name = uniqueName('mutex');
    const mutex = NamedMutex.create(name);
    const other = agent(name);
    await other.ask({ op: 'lock' });
    assert.equal(mutex.tryLock(), undefined);
    const pending = mutex.lock();
    await other.ask({ op: 'unlock' });
    const first = await pending;
    assert.equal(first.ownerDied, false);
    first.unlock();
    await other.ask({ op: 'lock' });
    await other.kill();
    const guard = mutex.lockSync({ timeoutMs: 20_000 });
    assert.equal(guard.ownerDied, true);
    guard.unlock();
    const again = await mutex.lock();
    assert.equal(again.ownerDied, false);
    again.unlock();
    mutex.close();
  });

  it('an aborted wait ends with AbortError and holds nothing', async () => {
    const name = uniqueName('mutex');
    const mutex = NamedMutex.create(name);
    const other = agent(name);
    await other.ask({ op: 'lock' });
    const controller = new AbortController();
    const pending = mutex.lock({ signal: controller.signal });
    controller.abort();
    await assert.rejects(pending, { name: 'AbortError' });
    await other.ask({ op: 'unlock' });
    mutex.lockSync().unlock();
    await other.kill();
    mutex.close();
  });
});

describe('NamedSemaphore', () => {
  it('counts between the initial count and the maximum', async () => {
    const semaphore = NamedSemaphore.create(uniqueName('semaphore'), { initial: 1, maximum: 2 });
    assert.equal(semaphore.tryAcquire(), true);
    assert.equal(semaphore.tryAcquire(), false);
    assert.throws(() => semaphore.acquireSync({ timeoutMs: 5 }), { code: 'ERR_TIMEOUT' });
    await assert.rejects(semaphore.acquire({ timeoutMs: 5 }), { code: 'ERR_TIMEOUT' });
    assert.equal(semaphore.release(2), 0);
    assert.throws(() => semaphore.release(), { code: 'ERR_LIMIT' });
    await semaphore.acquire();
    semaphore.acquireSync();
    assert.equal(semaphore.tryAcquire(), false);
    semaphore.close();
  });

  it('whoever opens it finds the limits it was made with', () => {
    const name = uniqueName('semaphore');
    const made = NamedSemaphore.create(name, { initial: 3, maximum: 3 });
    const opened = NamedSemaphore.openOrCreate(name, { initial: 1, maximum: 9 });
    assert.throws(() => opened.release(), { code: 'ERR_LIMIT' });
    for (let i = 0; i < 3; i++) assert.equal(opened.tryAcquire(), true);
    assert.equal(made.tryAcquire(), false);
    made.close();
    opened.close();
  });

  it('promises get one permit each, aborted ones none', async () => {
    const semaphore = NamedSemaphore.create(uniqueName('semaphore'));
    const controller = new AbortController();
    const aborted = Array.from({ length: 20 }, () => semaphore.acquire({ signal: controller.signal }));
    const wanted = Array.from({ length: 20 }, () => semaphore.acquire({ timeoutMs: 20_000 }));
    semaphore.release(5);
    controller.abort();
    const results = await Promise.allSettled(aborted);
    const taken = results.filter(({ status }) => status === 'fulfilled').length;
    semaphore.release(15 + taken);
    await Promise.all(wanted);
    // What a waiting thread may have taken for an aborted wait comes back.
    assert.throws(() => semaphore.acquireSync({ timeoutMs: 200 }), { code: 'ERR_TIMEOUT' });
    semaphore.close();
  });
});

describe('NamedEvent', () => {
  it('auto-reset lets one through for each set, manual-reset all until reset', async () => {
    const auto = NamedEvent.create(uniqueName('event'), { initiallySet: true });
    assert.deepEqual([auto.tryWait(), auto.tryWait()], [true, false]);
    const name = uniqueName('event');
    const manual = NamedEvent.create(name, { manualReset: true });
    const opened = NamedEvent.open(name);
    const waits = [manual.wait(), opened.wait()];
    manual.set();
    await Promise.all(waits);
    assert.deepEqual([manual.tryWait(), opened.tryWait()], [true, true]);
    opened.reset();
    assert.equal(manual.tryWait(), false);
    await assert.rejects(manual.wait({ timeoutMs: 5 }), { code: 'ERR_TIMEOUT' });
    for (const event of [auto, manual, opened]) event.close();
  });

  it('a hundred events are waited for at once', async () => {
    const events = Array.from({ length: 100 }, () => NamedEvent.create(uniqueName('event')));
    const waits = events.map((event) => event.wait({ timeoutMs: 30_000 }));
    await new Promise(setImmediate);
    for (const event of events.reverse()) event.set();
    await Promise.all(waits);
    assert.deepEqual(
      events.map((event) => event.tryWait()),
      events.map(() => false),
    );
    for (const event of events) event.close();
  });

  it('a wait whose event is closed ends', async () => {
    const event = NamedEvent.create(uniqueName('event'));
    const pending = event.wait();
    await new Promise(setImmediate);
    event.close();
    await assert.rejects(pending, { name: 'TypeError', code: 'ERR_CLOSED' });
  });

  it('reaches another process, both ways', async () => {
    const name = uniqueName('event');
    const event = NamedEvent.create(name);
    const other = agent(name);
    const { started, done } = other.request({ op: 'wait for event' });
    await started;
    event.set();
    await done;
    const pending = event.wait();
    await other.ask({ op: 'set event' });
    await pending;
    await other.kill();
    event.close();
  });
});

it('nothing of theirs is left', { skip: system !== 'linux' && 'where it would be seen' }, () => {
  const mine = readdirSync('/dev/shm').filter((file) => file.includes(`-${process.pid}-`));
  assert.deepEqual(mine, []);
});
