import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { atomic, char, i32, MapFile, struct, structClass, u32 } from '../../src/index.ts';
import {
  AutoResetEvent,
  Condition,
  CountingSemaphore,
  ManualResetEvent,
  Mutex,
  RwLock,
  Semaphore,
} from '../../src/sync/index.ts';
import { uniqueName } from '../support/names.ts';

const destroyed: string[] = [];

class Student extends structClass('student', { ID: i32, name: char(20) }) {
  greet(): string {
    return `hello ${this.name}`;
  }
  [Symbol.dispose](): void {
    destroyed.push(this.greet());
  }
}

describe('MapFile of a class', () => {
  it('get() is an instance in the memory, with its methods, and close() calls the destructor first', () => {
    const name = uniqueName();
    const file = MapFile.create(name, Student, { initial: { ID: 1, name: 'SecBug' } });
    const reader = MapFile.open(name, Student);
    assert.ok(file.get() instanceof Student);
    assert.equal(reader.get().greet(), 'hello SecBug');
    assert.equal(
      file.updateSync((s) => {
        s.name = 'Ann';
        return s.greet();
      }),
      'hello Ann',
    );
    assert.deepEqual(reader.read(), { ID: 1, name: 'Ann' });
    assert.match(inspect(file), /Student \{ ID: 1, name: 'Ann' \}/);
    destroyed.length = 0;
    reader.close();
    assert.deepEqual(destroyed, ['hello Ann']);
    file.writeSync({ ID: 2, name: 'Bob' });
    file.close();
    file.close();
    assert.deepEqual(destroyed, ['hello Ann', 'hello Bob']);
  });

  it('a destructor that throws still unmaps', () => {
    const name = uniqueName();
    class Angry extends structClass('angry', { n: i32 }) {
      [Symbol.dispose](): void {
        throw new RangeError('no');
      }
    }
    const file = MapFile.create(name, Angry);
    assert.throws(() => file.close(), RangeError);
    assert.equal(file.closed, true);
    assert.equal(MapFile.exists(name), false);
  });

  it('an update that is undone leaves atomics and locks as others have made them', () => {
    const Shared = struct('shared', { hits: atomic(u32), total: u32, lock: Mutex.codec });
    const name = uniqueName();
    const file = MapFile.create(name, Shared, { initial: { hits: 5, total: 1 } });
    const other = MapFile.open(name, Shared, { access: 'readwrite' });
    assert.throws(
      () =>
        file.updateSync((s) => {
          s.total = 100;
          other.get().hits.add(1);
          other.get().lock.lockSync();
          throw new RangeError('undo');
        }),
      RangeError,
    );
    assert.deepEqual(file.read(), { hits: 6, total: 1 });
    assert.equal(file.get().lock.isMine, true);
    file.writeSync({ hits: 7, total: 2 });
    assert.equal(other.get().lock.isMine, true);
    const described = MapFile.open(name, undefined, { access: 'readwrite' });
    assert.deepEqual(described.read(), { hits: 7, total: 2 });
    described.writeSync({ hits: 8, total: 3 });
    assert.equal((described.get().lock as Mutex).isMine, true);
    described.close();
    other.get().lock.unlock();
    other.close();
    file.close();
  });

  it('locks of every kind are known to an object that describes itself', () => {
    const Locks = struct('locks', {
      semaphore: Semaphore.codec({ permits: 3 }),
      counting: CountingSemaphore.codec({ initial: 2, maximum: 9 }),
      readers: RwLock.codec({ readers: 4 }),
      mutex: Mutex.codec,
      condition: Condition.codec(-8),
      auto: AutoResetEvent.codec,
      manual: ManualResetEvent.codec,
      n: u32,
    });
    const name = uniqueName();
    const file = MapFile.create(name, Locks, { initial: { n: 1 } });
    const held = file.get().semaphore.tryAcquire();
    const described = MapFile.open(name, undefined, { access: 'readwrite' });
    assert.deepEqual(described.read(), { n: 1 });
    described.writeSync({ n: 2 });
    assert.ok(described.get().counting instanceof CountingSemaphore);
    assert.ok(held);
    held.unlock();
    assert.equal(file.read().n, 2);
    described.close();
    file.close();
  });
});
