import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MapFile, MappedView, struct, u32 } from '../../src/index.ts';
import { NamedMutex } from '../../src/sync/index.ts';
import { uniqueName } from '../support/names.ts';

const Sensors = struct('sensors', { signature: u32, polls: u32 });

describe('MapFile guarded by a NamedMutex', () => {
  it('opens it by name, holds it while it copies and updates, and closes it', async () => {
    const [name, mutexName] = [uniqueName(), uniqueName('mx')];
    const view = MappedView.create(name, Sensors.byteLength);
    const mutex = NamedMutex.create(mutexName);
    const file = MapFile.open(name, Sensors, { access: 'readwrite', guard: { mutex: mutexName } });
    try {
      assert.equal(await file.update((s) => (s.polls += 1)), 1);
      assert.equal(file.read().polls, 1);
      await Promise.all(Array.from({ length: 20 }, () => file.update((s) => (s.polls += 1))));
      const pending = file.update((s) => (s.polls += 1));
      assert.ok(file.read().polls >= 21);
      assert.equal(await pending, 22);
      file.writeSync({ signature: 1, polls: 2 });
      assert.deepEqual(await file.readLocked({ timeoutMs: 1000 }), { signature: 1, polls: 2 });
      assert.deepEqual(file.readLockedSync({ timeoutMs: 1000 }), { signature: 1, polls: 2 });
    } finally {
      file.close();
      mutex.close();
      view.close();
    }
    assert.throws(() => NamedMutex.open(mutexName), { code: 'ERR_NAME_NOT_FOUND' });
  });

  it('a thread that holds the mutex itself may read and update', () => {
    const [name, mutexName] = [uniqueName(), uniqueName('mx')];
    const view = MappedView.create(name, Sensors.byteLength);
    const mutex = NamedMutex.create(mutexName);
    const file = MapFile.over(view, Sensors, { guard: { mutex } });
    const held = mutex.lockSync();
    assert.equal(
      file.updateSync((s) => (s.polls += 1)),
      1,
    );
    assert.equal(file.read().polls, 1);
    held.unlock();
    file.close();
    mutex.close();
    view.close();
  });
});
