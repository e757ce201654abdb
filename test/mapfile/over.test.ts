import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { array, char, f32, i32, struct, u32 } from '../../src/codec/index.ts';
import { MapFile } from '../../src/mapfile/map-file.ts';
import type { GuardMutex } from '../../src/mapfile/read-guard.ts';

const Student = struct('student', { ID: i32, name: char(20) });
const Telemetry = struct('telemetry', { tick: u32, speed: array(f32, 4), busy: u32, end: u32 });

/** A mutex that a test holds and frees; counts how often it was taken. */
class FakeMutex implements GuardMutex {
  held = false;
  taken = 0;
  tryLock(): { unlock(): void } | undefined {
    if (this.held) return undefined;
    this.held = true;
    this.taken += 1;
    return { unlock: () => (this.held = false) };
  }
  lockSync(): { unlock(): void } {
    const guard = this.tryLock();
    if (!guard) throw new Error('would block');
    return guard;
  }
  async lock(): Promise<{ unlock(): void }> {
    while (this.held) await new Promise(setImmediate);
    return this.lockSync();
  }
}

describe('MapFile.over()', () => {
  it('is the struct at an offset of any memory, and touches nothing else', () => {
    const bytes = new Uint8Array(64).fill(0xee);
    const file = MapFile.over(bytes, Student, { byteOffset: 8 });
    file.writeSync({ ID: 99041232, name: 'SecBug' });
    assert.deepEqual(file.read(), { ID: 99041232, name: 'SecBug' });
    assert.equal(new DataView(bytes.buffer).getInt32(8, true), 99041232);
    assert.ok(bytes.subarray(0, 8).every((b) => b === 0xee) && bytes.subarray(32).every((b) => b === 0xee));
    assert.equal(file.foreign, true);
    assert.equal(file.created, false);
    assert.equal(file.version, undefined);
    assert.equal(file.get().ID, 99041232);
    assert.equal(file.get(), file.get());
    file.get().ID = 5;
    assert.equal(file.read().ID, 5);
  });

  it('refuses memory that is too short, and offsets that are none', () => {
    assert.throws(() => MapFile.over(new ArrayBuffer(23), Student), {
      code: 'ERR_TOO_SMALL',
      context: { byteLength: 23, needed: 24 },
    });
    assert.throws(() => MapFile.over(new ArrayBuffer(64), Student, { byteOffset: 41 }), { code: 'ERR_TOO_SMALL' });
    assert.throws(() => MapFile.over(new ArrayBuffer(64), Student, { byteOffset: -1 }), RangeError);
    assert.throws(() => MapFile.over(new ArrayBuffer(64), Student, { byteOffset: 0.5 }), RangeError);
  });

  it('assignSync() stores what is given, and a wrong member stores nothing', () => {
    const file = MapFile.over(new ArrayBuffer(24), Student);
    file.writeSync({ ID: 1, name: 'one' });
    file.assignSync({ name: 'two' });
    assert.deepEqual(file.read(), { ID: 1, name: 'two' });
    assert.throws(() => file.assignSync({ ID: 7, name: 7 as never }), /student\.name/);
    assert.throws(() => file.writeSync({ ID: 2 ** 40, name: 'x' }), /student\.ID/);
    assert.deepEqual(file.read(), { ID: 1, name: 'two' });
  });

  it('after close() everything throws ERR_CLOSED, and inspect says so', async () => {
    const file = MapFile.over(new ArrayBuffer(24), Student);
    file.close();
    file.close();
    const closed = { code: 'ERR_CLOSED' };
    for (const use of [
      () => file.get(),
      () => file.read(),
      () => file.version,
      () => file.writeSync({ ID: 1, name: '' }),
      () => file.updateSync(() => 1),
      () => file.changes(),
      () => file.flushSync(),
    ]) {
      assert.throws(use, closed);
    }
    await assert.rejects(
      file.update(() => 1),
      closed,
    );
    await assert.rejects(file.readLocked(), closed);
    await assert.rejects(file.flush(), closed);
    assert.equal(inspect(file), 'MapFile (closed)');
  });

  it('inspect shows access, version and members', () => {
    const file = MapFile.over(new ArrayBuffer(24), Student);
    file.writeSync({ ID: 7, name: 'seven' });
    assert.equal(inspect(file), "MapFile (readwrite, foreign) student { ID: 7, name: 'seven' }");
  });

  describe('with a guard', () => {
    const setup = (guard: Parameters<typeof MapFile.over<typeof Telemetry>>[2]) => {
      const memory = new ArrayBuffer(Telemetry.byteLength + 8);
      return { memory, file: MapFile.over(memory, Telemetry, guard), live: Telemetry.live(memory) };
    };

    it('{ sequence } refuses an odd number with ERR_BUSY, and gives the counter as version', () => {
      const { file, live } = setup({ guard: { sequence: 'tick' } });
      live.tick = 4;
      assert.equal(file.read().tick, 4);
      assert.equal(file.version, 4);
      live.tick = 5;
      assert.throws(() => file.read(), { code: 'ERR_BUSY' });
      assert.throws(() => file.readLockedSync({ timeoutMs: 2 }), { code: 'ERR_TIMEOUT' });
      assert.match(inspect(file), /ERR_BUSY/);
    });

    it('{ begin, end } compares both, by field or by offset in a block before the struct', () => {
      const { file, live } = setup({ guard: { begin: 'tick', end: 'end' } });
      live.tick = 3;
      assert.throws(() => file.read(), { code: 'ERR_BUSY' });
      live.end = 3;
      assert.equal(file.read().end, 3);
      const block = new Uint32Array(16);
      const behind = MapFile.over(block, Student, { byteOffset: 8, guard: { begin: 0, end: 4 } });
      assert.equal(behind.read().ID, 0);
      block[0] = 1;
      assert.throws(() => behind.read(), { code: 'ERR_BUSY' });
      block[1] = 1;
      assert.equal(behind.read().ID, 0);
      assert.equal(behind.version, 1);
    });

    it('{ busy } refuses while it is not 0', () => {
      const { file, live } = setup({ guard: { busy: 'busy' } });
      assert.equal(file.read().busy, 0);
      live.busy = 1;
      assert.throws(() => file.read(), { code: 'ERR_BUSY' });
    });

    it('{ counter } promises nothing and gives the version', () => {
      const { file, live } = setup({ guard: { counter: 'tick' } });
      live.tick = 77;
      assert.equal(file.read().tick, 77);
      assert.equal(file.version, 77);
    });

    it('a function may say that the program is writing', () => {
      const { file, live } = setup({ guard: (h) => (h.busy ? undefined : h.tick) });
      live.tick = 8;
      assert.equal(file.read().tick, 8);
      assert.equal(file.version, 8);
      live.busy = 1;
      assert.throws(() => file.read(), { code: 'ERR_BUSY' });
    });

    it('a copy during which the guard moves is made again', () => {
      // The writer acts between the two questions of the guard, twice.
      let asked = 0;
      let memory = new ArrayBuffer(0);
      const guard = (h: { tick: number }) => {
        asked += 1;
        if (asked === 2 || asked === 4) new Uint32Array(memory)[0]! += 1;
        return h.tick;
      };
      memory = new ArrayBuffer(Telemetry.byteLength);
      assert.equal(MapFile.over(memory, Telemetry, { guard }).read().tick, 2);
      assert.equal(asked, 6);
    });

    it('{ mutex } is held for each read and each update; read() does not wait for it', async () => {
      const mutex = new FakeMutex();
      const { file } = setup({ guard: { mutex } });
      assert.equal(file.read().tick, 0);
      assert.equal(mutex.taken, 1);
      assert.equal(
        file.updateSync((t) => {
          assert.ok(mutex.held);
          assert.throws(() => file.updateSync(() => 0), { name: 'TypeError', message: /inside an update of it/ });
          assert.throws(() => file.close(), TypeError);
          t.tick = 9;
          return file.read().tick;
        }),
        9,
      );
      assert.equal(mutex.held, false);
      assert.throws(
        () =>
          file.updateSync((t) => {
            t.tick = 10;
            throw new RangeError('undo');
          }),
        RangeError,
      );
      assert.equal(file.read().tick, 9);
      mutex.held = true;
      assert.throws(() => file.read(), { code: 'ERR_BUSY' });
      const later = file.readLocked();
      mutex.held = false;
      assert.equal((await later).tick, 9);
      await file.write({ tick: 1, speed: [1, 2, 3, 4], busy: 0, end: 0 });
      assert.equal(file.readLockedSync().tick, 1);
      assert.equal(mutex.held, false);
    });

    it('update() without a mutex is a clear TypeError', async () => {
      const { file } = setup({ guard: { sequence: 'tick' } });
      assert.throws(() => file.updateSync(() => 1), { name: 'TypeError', message: /no lock to agree on/ });
      await assert.rejects(
        file.update(() => 1),
        { name: 'TypeError' },
      );
      await file.write({ tick: 2, speed: [0, 0, 0, 0], busy: 0, end: 0 });
      await file.assign({ busy: 1 });
      assert.deepEqual({ ...file.read(), speed: 0 }, { tick: 2, speed: 0, busy: 1, end: 0 });
    });

    it('refuses guards that are none, and fields that are no integers', () => {
      const make = (guard: unknown) => () => setup({ guard: guard as never });
      assert.throws(make({ sequence: 'nope' }), /nope/);
      assert.throws(make({ sequence: 'speed' }), /no integer/);
      assert.throws(make({ sequence: 1000 }), RangeError);
      assert.throws(make({ color: 1 }), /Cannot use this as a guard/);
    });
  });

  it('valid decides what read() may give', () => {
    const memory = new ArrayBuffer(Telemetry.byteLength);
    const file = MapFile.over(memory, Telemetry, { valid: (h) => h.tick !== 0xdead });
    assert.equal(file.read().tick, 0);
    new Uint32Array(memory)[0] = 0xdead;
    assert.throws(() => file.read(), { code: 'ERR_NOT_VALID', message: /not valid/ });
    assert.throws(() => file.readLockedSync(), { code: 'ERR_NOT_VALID' });
    new Uint32Array(memory)[0] = 3;
    assert.equal(file.read().tick, 3);
  });
});
