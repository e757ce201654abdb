import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryRange, subrange } from '../../src/base/memory.ts';
import { LockWord } from '../../src/sync/lock-word.ts';
import { OWNER_MASK, WAITERS } from '../../src/sync/lock-word-layout.ts';
import { aside, run } from '../support/death.ts';
import { World } from '../support/participants.ts';

const setup = (actors = 2) => {
  const world = new World(7);
  const range = memoryRange(new ArrayBuffer(64));
  const word = new Int32Array(range.dataView.buffer, 8, 1);
  const people = Array.from({ length: actors }, () => {
    const participants = world.spawn();
    return { participants, id: participants.self, lock: new LockWord(range, 8, participants, 'the test lock') };
  });
  return { world, range, word, people, a: people[0]!, b: people[1]! };
};

describe('LockWord', () => {
  it('is free when all zero, and writes its owner into the 4 bytes at its offset', () => {
    const { a, b, word, range } = setup();
    assert.equal(a.lock.owner, 0);
    assert.equal(a.lock.tryAcquire(), 1);
    assert.equal(word[0], a.id);
    assert.equal(b.lock.owner, a.id);
    assert.equal(a.lock.isMine, true);
    assert.equal(b.lock.isMine, false);
    a.lock.release();
    assert.deepEqual([...new Uint8Array(range.dataView.buffer)], new Array(64).fill(0));
  });

  it('excludes: busy for the other, acquired after the release', () => {
    const { a, b } = setup();
    assert.equal(a.lock.acquireSync(), 1);
    assert.equal(b.lock.tryAcquire(), 0);
    assert.throws(() => b.lock.acquireSync({ timeoutMs: 0 }), { code: 'ERR_TIMEOUT', context: { timeoutMs: 0 } });
    a.lock.release();
    assert.equal(b.lock.tryAcquire(), 1);
  });

  it('release() by another or twice is ERR_NOT_OWNER and changes nothing', () => {
    const { a, b, word } = setup();
    a.lock.acquireSync();
    assert.throws(() => b.lock.release(), { code: 'ERR_NOT_OWNER', context: { owner: a.id, self: b.id } });
    assert.equal(word[0], a.id);
    a.lock.release();
    assert.throws(() => a.lock.release(), {
      code: 'ERR_NOT_OWNER',
      context: { owner: 0, self: a.id },
      message: /Cannot release the test lock: nobody holds it/,
    });
  });

  it('acquiring twice is ERR_ALREADY_OWNER in every form, at once', async () => {
    const { a, word } = setup();
    a.lock.acquireSync();
    const error = { code: 'ERR_ALREADY_OWNER', context: { self: a.id } };
    assert.throws(() => a.lock.tryAcquire(), error);
    assert.throws(() => a.lock.acquireSync(), error);
    assert.throws(() => a.lock.acquireSync({ timeoutMs: 10 }), error);
    await assert.rejects(a.lock.acquire(), error);
    assert.equal(word[0], a.id);
  });

  it('acquire({ sameThread: "wait" }) waits for another task of the thread', async () => {
    const { a, word } = setup();
    a.lock.acquireSync();
    let done = false;
    const second = a.lock.acquire({ sameThread: 'wait' }).then((state) => {
      done = true;
      return state;
    });
    await new Promise(setImmediate);
    assert.equal(done, false);
    assert.equal(word[0], a.id | WAITERS);
    a.lock.release();
    assert.equal(await second, 1);
    assert.equal(word[0], a.id);
  });

  it('takes a lock over from a dead owner and tells it once', () => {
    const { world, a, b } = setup();
    a.lock.acquireSync();
    world.kill(a.id);
    assert.equal(b.lock.tryAcquire(), 2);
    b.lock.release();
    assert.equal(b.lock.tryAcquire(), 1);
  });

  it('tells the next one when the taker dies before it has told anybody', () => {
    const { world, people } = setup(3);
    const [a, b, c] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
    a.lock.acquireSync();
    world.kill(a.id);
    assert.equal(b.lock.tryAcquire(), 2);
    world.kill(b.id);
    assert.equal(c.lock.acquireSync(), 2);
  });

  it('acquireSync() learns within a slice that the owner died while it slept', () => {
    const { world, a, b } = setup();
    a.lock.acquireSync();
    world.meanwhile = () => world.kill(a.id);
    assert.equal(b.lock.acquireSync(), 2);
  });

  it('a release rings only if somebody sleeps', () => {
    const { world, a, b, word } = setup();
    a.lock.acquireSync();
    a.lock.release();
    assert.equal(world.rings, 0);
    a.lock.acquireSync();
    world.meanwhile = () => {
      assert.equal(word[0], a.id | WAITERS);
      aside(() => a.lock.release());
    };
    assert.equal(b.lock.acquireSync(), 1);
    assert.equal(world.rings, 1);
    assert.equal(word[0], b.id);
  });

  it('keeps the waiters’ bit through a take-over', () => {
    const { world, a, b, word } = setup();
    a.lock.acquireSync();
    word[0] = a.id | WAITERS;
    world.kill(a.id);
    assert.equal(b.lock.tryAcquire(), 2);
    assert.equal(word[0], b.id | WAITERS);
    b.lock.release();
    assert.equal(world.rings, 1);
  });

  it('acquire() resolves when rung, and an uncontended one has acquired before it returns', async () => {
    const { a, b } = setup();
    const first = a.lock.acquire();
    assert.equal(a.lock.isMine, true);
    assert.equal(await first, 1);
    const second = b.lock.acquire();
    await new Promise(setImmediate);
    a.lock.release();
    assert.equal(await second, 1);
  });

  it('an aborted or timed out acquire() holds nothing and leaves no sleeper', async () => {
    const { world, a, b } = setup();
    a.lock.acquireSync();
    const controller = new AbortController();
    const aborted = b.lock.acquire({ signal: controller.signal });
    const timedOut = b.lock.acquire({ timeoutMs: 5 });
    const reason = new Error('enough');
    await assert.rejects(timedOut, { code: 'ERR_TIMEOUT', message: 'Timed out waiting for the test lock after 5 ms' });
    controller.abort(reason);
    a.lock.release();
    await assert.rejects(aborted, { name: 'AbortError', cause: reason });
    assert.equal(b.lock.owner, 0);
    assert.deepEqual(world.sleepers, []);
    await assert.rejects(b.lock.acquire({ signal: controller.signal }), { name: 'AbortError' });
    assert.throws(() => b.lock.acquireSync({ signal: controller.signal }), { name: 'AbortError' });
  });

  it('refuses a bad place, bad memory and a bad time-out', () => {
    const { a, range } = setup();
    const at = (offset: number, of = range) => new LockWord(of, offset, a.participants);
    assert.throws(() => at(2), RangeError);
    assert.throws(() => at(64), RangeError);
    assert.throws(() => at(-4), RangeError);
    assert.throws(() => at(2, subrange(range, 1, 8)), RangeError);
    assert.doesNotThrow(() => at(3, subrange(range, 1, 8)));
    assert.throws(() => at(0, { ...range, access: 'read' }), { code: 'ERR_READ_ONLY' });
    assert.throws(() => at(0, { ...range, access: 'copy-on-write' }), TypeError);
    assert.throws(() => a.lock.acquireSync({ timeoutMs: -1 }), RangeError);
    assert.throws(() => a.lock.acquireSync({ timeoutMs: Number.NaN }), RangeError);
  });

  it('a death at every store leaves a lock that the next one acquires', () => {
    const life = (dieAt: number) => {
      const { world, a, b, word } = setup(2);
      const other = setup().a; // a second lock, so that a contended release is in the life too
      let held = false;
      const result = run(() => {
        a.lock.acquireSync();
        held = true;
        a.lock.release();
        held = false;
        a.lock.tryAcquire();
        held = true;
        aside(() => {
          word[0]! |= WAITERS;
        });
        a.lock.release();
        held = false;
        other.lock.acquireSync();
        other.lock.release();
      }, dieAt);
      if (result.died) world.kill(a.id);
      const owner = word[0]! & OWNER_MASK;
      const state = b.lock.acquireSync();
      assert.equal(state, owner === a.id ? 2 : 1, `died at ${dieAt}, holding ${held}`);
      b.lock.release();
      return result;
    };
    const { points } = life(0);
    assert.ok(points >= 8, `${points} points`);
    for (let dieAt = 1; dieAt <= points; dieAt++) assert.equal(life(dieAt).died, true);
  });
});
