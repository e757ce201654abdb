import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { NamedEvent, NamedMutex, NamedSemaphore } from '../../src/sync/index.ts';
import { uniqueName } from '../support/shared-memory.ts';
import { nativeProgram, start } from './native.ts';

const skip = system !== 'windows' && 'the kernel objects of Windows';
const program = skip ? '' : nativeProgram('windows-sync.cpp', '-static');
const native = (...args: string[]) => start(program!, args);

describe('a C++ program', { skip: skip || (!program && 'no compiler') }, () => {
  it('holds CreateMutex(L"Local\\\\X") and NamedMutex waits for it, in every form', async () => {
    const name = `Local\\${uniqueName('mutex')}`;
    const other = native('mutex', name, 'hold');
    assert.equal(await other.line(), 'created');
    assert.equal(await other.line(), 'acquired');
    const mutex = NamedMutex.open(name);
    assert.equal(mutex.tryLock(), undefined);
    assert.throws(() => mutex.lockSync({ timeoutMs: 20 }), { code: 'ERR_TIMEOUT' });
    const pending = mutex.lock({ timeoutMs: 30_000 });
    assert.equal(await other.end(), 0);
    const guard = await pending;
    assert.equal(guard.ownerDied, false);
    guard.unlock();
    mutex.close();
  });

  it('waits for a mutex that NamedMutex holds', async () => {
    const name = uniqueName('mutex');
    const mutex = NamedMutex.create(name);
    const guard = mutex.lockSync();
    const other = native('mutex', name, 'once');
    assert.equal(await other.line(), 'opened');
    guard.unlock();
    assert.equal(await other.line(), 'acquired');
    assert.equal(await other.line(), 'released');
    assert.equal(await other.end(), 0);
    mutex.close();
  });

  it('dies with the mutex: the guard says so, once', async () => {
    const name = uniqueName('mutex');
    const mutex = NamedMutex.create(name);
    const other = native('mutex', name, 'die');
    await other.line();
    assert.equal(await other.line(), 'acquired');
    assert.equal(await other.line(), undefined, 'it has ended');
    const guard = await mutex.lock({ timeoutMs: 30_000 });
    assert.equal(guard.ownerDied, true);
    guard.unlock();
    const again = mutex.lockSync();
    assert.equal(again.ownerDied, false);
    again.unlock();
    mutex.close();
  });

  it('signals a semaphore and an event that promises wait for', async () => {
    const [semaphoreName, eventName] = [uniqueName('semaphore'), uniqueName('event')];
    const semaphore = NamedSemaphore.create(semaphoreName, { maximum: 5 });
    const event = NamedEvent.create(eventName);
    const waits = [semaphore.acquire({ timeoutMs: 30_000 }), event.wait({ timeoutMs: 30_000 })];
    for (const [kind, name] of [
      ['semaphore', semaphoreName],
      ['event', eventName],
    ] as const) {
      const other = native(kind, name, 'signal');
      assert.equal(await other.line(), 'opened');
      assert.equal(await other.line(), 'signaled');
      await other.end();
    }
    await Promise.all(waits);
    semaphore.close();
    event.close();
  });
});
