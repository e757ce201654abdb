/** Objects in memory of the caller's. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { char, i32, i64, MapFile, MappedView, struct } from '../../src/index.ts';
import { aside, run } from '../support/death.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';
import { type Child, killAll, start } from '../support/processes.ts';
import { Ledger, ledgerHolds, post } from './ledger.ts';

const Student = struct('student', { ID: i32, name: char(20) });
const Wrong = struct('student', { ID: i64, name: char(20) });
const secbug = { ID: 99041232, name: 'SecBug' };
const FOOTER = 64;

const folder = mkdtempSync(join(tmpdir(), 'mapfile-view-'));
after(async () => {
  await killAll();
  rmSync(folder, { recursive: true });
});

const actor = async (name: string, byteOffset: number): Promise<Child> => {
  const child = start('./children/view-actor.ts', { from: import.meta.url, args: [name, String(byteOffset)] });
  await child.next('ready');
  return child;
};

/** The bytes that a Student takes with its end part. */
function bytesNeeded(): number {
  try {
    MapFile.create(new ArrayBuffer(0), Student);
  } catch (error) {
    return (error as { context: { needed: number } }).context.needed;
  }
  throw new Error('A struct fits into nothing');
}

describe('MapFile in plain memory', () => {
  it('stands raw at byte 0, ends in the last bytes, and leaves what is between', async () => {
    const memory = new ArrayBuffer(4096);
    new Uint8Array(memory).fill(0xee, 24, 1024);
    const file = MapFile.create(memory, Student, { initial: secbug });
    const bytes = new Uint8Array(memory);
    assert.equal(Buffer.from(memory, 4088).toString('latin1'), 'mapfile\0');
    assert.deepEqual(Student.read(memory, 0), secbug);
    assert.ok(bytes.subarray(24, 1024).every((byte) => byte === 0xee));
    assert.deepEqual([file.created, file.foreign, file.access, file.byteLength], [true, false, 'readwrite', 24]);
    assert.deepEqual([file.name, file.version], [undefined, 0]);

    const other = MapFile.open(memory, Student);
    assert.deepEqual([other.created, other.foreign, other.access], [false, false, 'readwrite']);
    assert.equal(await other.update((s) => (s.ID += 1)), 99041233);
    assert.throws(
      () =>
        other.updateSync((s) => {
          s.ID = 0;
          assert.equal(file.read().ID, 99041233);
          throw new RangeError('undo');
        }),
      RangeError,
    );
    assert.deepEqual(file.read(), { ID: 99041233, name: 'SecBug' });
    assert.equal(file.version, 1);
    await file.flush();
    file.flushSync();
    file.close();
    assert.throws(() => file.read(), { code: 'ERR_CLOSED' });
    assert.equal(other.read().ID, 99041233);
    other.close();
    assert.match(inspect(other), /closed/);
  });

  it('any memory will do, of any length that suffices', () => {
    const needed = bytesNeeded();
    assert.equal(needed % 64, 0);
    for (const length of [needed, needed + 1, needed + 63, needed + 64]) {
      const buffer = new SharedArrayBuffer(length + 16);
      const first = MapFile.openOrCreate(new Uint8Array(buffer, 8, length), Student, { initial: secbug });
      const second = MapFile.openOrCreate(new DataView(buffer, 8, length), Student, { initial: { ID: 1 } });
      assert.deepEqual([first.created, second.created], [true, false]);
      second.assignSync({ name: 'two' });
      assert.deepEqual(first.read(), { ID: 99041232, name: 'two' });
      const bytes = new Uint8Array(buffer);
      assert.ok(bytes.subarray(0, 8).every((byte) => byte === 0));
      assert.ok(bytes.subarray(8 + length).every((byte) => byte === 0));
    }
  });

  it('too small a view is ERR_TOO_SMALL with the bytes needed, and stays as it is', () => {
    const needed = bytesNeeded();
    for (const length of [0, 24, 64, 127, needed - 1]) {
      const memory = new ArrayBuffer(length);
      for (const make of [MapFile.create, MapFile.openOrCreate]) {
        assert.throws(() => make(memory, Student), {
          code: 'ERR_TOO_SMALL',
          context: { name: '', byteLength: length, needed },
        });
      }
      assert.ok(new Uint8Array(memory).every((byte) => byte === 0));
    }
    MapFile.create(new ArrayBuffer(needed), Student).close();
    assert.throws(() => MapFile.create(new ArrayBuffer(needed), Student, { byteLength: 4000 }), {
      code: 'ERR_TOO_SMALL',
    });
  });

  it('create() where an object stands is ERR_NAME_EXISTS, until the memory is cleared', () => {
    const memory = new ArrayBuffer(2048);
    const file = MapFile.create(memory, Student, { initial: secbug });
    assert.throws(() => MapFile.create(memory, Student), { code: 'ERR_NAME_EXISTS', context: { name: '' } });
    assert.throws(() => MapFile.create(memory, Wrong), { code: 'ERR_NAME_EXISTS' });
    assert.deepEqual(file.read(), secbug);
    file.close();
    new Uint8Array(memory).fill(0);
    assert.deepEqual(MapFile.create(memory, Wrong).read(), { ID: 0n, name: '' });
  });

  it('another layout is ERR_LAYOUT_MISMATCH; without a codec the layout is the creator’s', () => {
    const memory = new ArrayBuffer(2048);
    MapFile.create(memory, Student, { initial: secbug }).close();
    assert.throws(() => MapFile.open(memory, Wrong), { code: 'ERR_LAYOUT_MISMATCH' });
    assert.throws(() => MapFile.openOrCreate(memory, Wrong), { code: 'ERR_LAYOUT_MISMATCH' });
    const described = MapFile.open(memory);
    described.updateSync((s) => {
      s.ID = 5;
    });
    assert.deepEqual(described.read(), { ID: 5, name: 'SecBug' });
  });

  it('memory without an object is foreign to open(), a broken footer is ERR_CORRUPT', () => {
    const memory = new ArrayBuffer(2048);
    assert.throws(() => MapFile.open(memory), /without a codec/);
    const foreign = MapFile.open(memory, Student, { byteOffset: 4 });
    foreign.writeSync(secbug);
    assert.equal(foreign.foreign, true);
    assert.equal(Student.read(memory, 4).ID, secbug.ID);
    assert.throws(() => foreign.updateSync(() => 1), /no lock to agree on/);
    assert.throws(() => MapFile.open(new ArrayBuffer(23), Student), { code: 'ERR_TOO_SMALL' });

    MapFile.create(memory, Student).close();
    assert.throws(() => MapFile.open(memory, Student, { guard: { counter: 'ID' } }), /leave it out/);
    new Uint8Array(memory)[2048 - FOOTER] = 25;
    assert.throws(() => MapFile.open(memory, Student), { code: 'ERR_CORRUPT' });
    assert.throws(() => MapFile.openOrCreate(memory, Student), { code: 'ERR_CORRUPT' });
    assert.throws(() => MapFile.create(memory, Student), { code: 'ERR_NAME_EXISTS' });
  });

  it('an initial that fails leaves no object, zeros, and a free lock', () => {
    const memory = new ArrayBuffer(2048);
    const failure = new Error('no');
    const initial = (s: { ID: number }) => {
      s.ID = 3;
      throw failure;
    };
    assert.throws(() => MapFile.create(memory, Student, { initial }), failure);
    assert.throws(() => MapFile.create(memory, Student, { initial: (async () => {}) as never }), /asynchronously/);
    assert.throws(() => MapFile.create(memory, Student, { initial: { ID: 'x' as never } }), TypeError);
    assert.equal(MapFile.open(memory, Student).foreign, true);
    assert.deepEqual(Student.read(memory, 0), { ID: 0, name: '' });
    const nested = (): void => void MapFile.openOrCreate(memory, Student);
    assert.throws(() => MapFile.create(memory, Student, { initial: nested }), { code: 'ERR_ALREADY_OWNER' });
    assert.equal(MapFile.create(memory, Student, { initial: secbug }).read().ID, secbug.ID);
  });

  it('refuses options that are the memory’s affair, crooked places, and what is no memory', () => {
    const memory = new ArrayBuffer(2048);
    for (const options of [{ share: 'everyone' }, { mode: 0o600 }, { sddl: 'D:' }, { persistent: true }]) {
      assert.throws(() => MapFile.create(memory, Student, options as never), /the memory's affair/);
      assert.throws(() => MapFile.openOrCreate(memory, Student, options as never), TypeError);
    }
    assert.throws(() => MapFile.open(memory, Student, { access: 'read' } as never), /with access/);
    assert.throws(() => MapFile.open(memory, Student, { reopen: true } as never), /with reopen/);
    assert.throws(() => MapFile.create(new Uint8Array(memory, 4), Student), RangeError);
    assert.throws(() => MapFile.create(memory, Student, { byteLength: 23 }), RangeError);
    for (const nothing of [undefined, null, 7, {}]) {
      assert.throws(() => MapFile.create(nothing as never, Student), TypeError);
      assert.throws(() => MapFile.open(nothing as never, Student), TypeError);
    }
    assert.ok(new Uint8Array(memory).every((byte) => byte === 0));
  });

  it('death at every store of the making leaves nothing or all, and the next one makes it', (t) => {
    let [points, made] = [0, 0];
    for (let dieAt = 1, died = true; died; dieAt++) {
      const world = new World();
      const [victim, survivor] = [world.spawn(), world.spawn()];
      const memory = new SharedArrayBuffer(2048);
      died = run(() => void MapFile.create(memory, Student, { initial: secbug, participants: victim }), dieAt).died;
      if (died) world.kill(victim.self);
      const before = MapFile.open(memory, Student, { participants: survivor });
      if (!before.foreign) assert.deepEqual(before.read(), secbug);
      const next = MapFile.openOrCreate(memory, Student, { initial: { ID: 2 }, participants: survivor });
      assert.equal(next.created, before.foreign);
      assert.deepEqual(next.read(), before.foreign ? { ID: 2, name: '' } : secbug);
      next.updateSync((s) => (s.ID = 7));
      assert.deepEqual([next.read().ID, next.version], [7, 1]);
      points = dieAt;
      made += before.foreign ? 0 : 1;
    }
    t.diagnostic(`${points} points, ${made} with the object`);
    assert.ok(points > 10 && made > 1 && made < points / 2);
  });

  it('at every store of the making others see none or all of it', () => {
    let stores = 0;
    for (let at = 1, seen = true; seen; at++) {
      stores = at;
      const [a] = [new World().spawn()];
      const memory = new SharedArrayBuffer(2048);
      seen = false;
      const look = (): 'live' => {
        seen = true;
        aside(() => {
          const file = MapFile.open(memory, Student, { participants: a });
          if (!file.foreign) assert.deepEqual(file.read(), secbug);
        });
        return 'live';
      };
      run(() => void MapFile.create(memory, Student, { initial: secbug, participants: a }), at, look);
    }
    assert.ok(stores > 10);
  });
});

describe('MapFile in a MappedView', () => {
  it('takes its access, keeps its name, and leaves it open', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 4096);
    const reading = MappedView.open(name);
    const cow = MappedView.open(name, { access: 'copy-on-write' });
    const part = view.subview(1024, 2048);
    const file = MapFile.create(part, Student, { initial: secbug });
    const reader = MapFile.open(reading.subview(1024, 2048), Student);
    try {
      assert.deepEqual([file.name, reader.name, reader.access, reader.foreign], [name, name, 'read', false]);
      file.updateSync((s) => (s.ID = 1));
      assert.deepEqual([reader.read().ID, reader.version], [1, 1]);
      assert.throws(() => (reader as unknown as typeof file).updateSync(() => 1), { code: 'ERR_READ_ONLY' });
      assert.throws(() => ((reader.get() as { ID: number }).ID = 1), { code: 'ERR_READ_ONLY' });
      assert.throws(() => MapFile.create(reading as never, Student), { code: 'ERR_READ_ONLY' });
      assert.throws(() => MapFile.openOrCreate(reading as never, Student), { code: 'ERR_READ_ONLY' });
      for (const use of [MapFile.create, MapFile.open]) {
        assert.throws(() => use(cow as never, Student), /copy-on-write/);
      }
      assert.throws(() => MapFile.create(part, Student), { code: 'ERR_NAME_EXISTS', context: { name } });
      assert.throws(() => MapFile.create(view.subview(0, 64), Student), { code: 'ERR_TOO_SMALL' });
      file.close();
      reader.close();
      assert.equal(view.closed, false);
      assert.equal(Student.read(view, 1024).ID, 1);
      assert.ok(
        view
          .toBytes()
          .subarray(0, 1024)
          .every((byte) => byte === 0),
      );
      assert.ok(
        view
          .toBytes()
          .subarray(3072)
          .every((byte) => byte === 0),
      );
      const again = MapFile.open(part, Student);
      view.close();
      assert.throws(() => again.read(), TypeError);
      assert.throws(() => again.updateSync(() => 1), TypeError);
      assert.throws(() => MapFile.open(view, Student), { code: 'ERR_CLOSED' });
    } finally {
      for (const each of [cow, reading, view]) each.close();
    }
  });

  it('in the view of a whole raw file it is what openFile() opens', async () => {
    const path = join(folder, 'raw');
    const view = MappedView.createFile(path, 4096);
    const file = MapFile.create(view, Student, { initial: secbug });
    await file.update((s) => (s.ID = 5));
    await file.flush();
    file.flushSync();
    await view.flush();
    file.close();
    view.close();
    assert.equal(readFileSync(path).readInt32LE(0), 5);
    const opened = MapFile.openFile(path, Student);
    assert.deepEqual([opened.read().ID, opened.version, opened.foreign], [5, 1, false]);
    opened.close();
    const reading = MappedView.openFile(path);
    const described = MapFile.open(reading);
    assert.deepEqual(described.read(), { ID: 5, name: 'SecBug' });
    reading.close();
  });

  it('processes race to make it: one does, and none of their updates is lost', async () => {
    const name = uniqueName();
    const byteOffset = 640;
    const view = MappedView.create(name, 8192);
    try {
      const children = await Promise.all(Array.from({ length: 4 }, () => actor(name, byteOffset)));
      for (const child of children) child.send({ type: 'race' });
      const made = await Promise.all(
        children.map((child) => child.next<{ created: boolean; holds: boolean; count: number }>('done')),
      );
      assert.equal(made.filter(({ created }) => created).length, 1);
      assert.ok(made.every(({ holds, count }) => holds && count === 1));
      const file = MapFile.open(view.subview(byteOffset), Ledger);
      assert.equal(file.foreign, false);
      for (const child of children) child.send({ type: 'increment', times: 2000 });
      for (let i = 0; i < 2000; i++) await file.update(post);
      await Promise.all(children.map((child) => child.next('done')));
      const value = file.read();
      assert.deepEqual([value.count, file.version], [10_001, 10_000]);
      assert.ok(ledgerHolds(value));
      for (const child of children) child.send({ type: 'leave' });
      await Promise.all(children.map((child) => child.ended));
    } finally {
      view.close();
    }
  });

  it('changes() hears of another process', async () => {
    const name = uniqueName();
    const view = MappedView.create(name, 4096);
    const file = MapFile.create(view, Ledger);
    try {
      const child = await actor(name, 0);
      const changes = file.changes();
      const first = await changes.next();
      assert.equal((first.value as { count: number }).count, 0);
      child.send({ type: 'increment', times: 1 });
      assert.equal(((await changes.next()).value as { count: number }).count, 1);
      child.send({ type: 'leave' });
      await child.ended;
    } finally {
      file.close();
      view.close();
    }
  });

  it('a process that is killed in the making blocks nobody', async () => {
    const name = uniqueName();
    const view = MappedView.create(name, 4096);
    try {
      const child = await actor(name, 0);
      child.send({ type: 'fall' });
      await child.ended;
      assert.equal(MapFile.open(view, Ledger).foreign, true);
      const file = MapFile.create(view, Ledger, { initial: post });
      assert.equal(file.read().count, 1);
    } finally {
      view.close();
    }
  });
});
