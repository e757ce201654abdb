import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { system } from '../../src/base/host.ts';
import { char, i32, i64, MapFile, MappedView, struct } from '../../src/index.ts';
import { run } from '../support/death.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';

const Student = struct('student', { ID: i32, name: char(20) });
const Wrong = struct('student', { ID: i64, name: char(20) });
const secbug = { ID: 99041232, name: 'SecBug' };

const folder = mkdtempSync(join(tmpdir(), 'mapfile-object-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** The two homes of an object: a name, and a file. */
const homes = {
  'a name': {
    fresh: () => uniqueName(),
    create: MapFile.create,
    open: MapFile.open,
    raw: (name: string) => {
      const view = MappedView.open(name);
      try {
        return view.toBytes();
      } finally {
        view.close();
      }
    },
  },
  'a file': {
    fresh: () => join(folder, `object-${++files}`),
    create: MapFile.createFile,
    open: MapFile.openFile,
    raw: (path: string) => new Uint8Array(readFileSync(path)),
  },
} as const;

for (const [home, { fresh, create, open, raw }] of Object.entries(homes)) {
  describe(`MapFile under ${home}`, () => {
    it('is made with its first value, raw at offset 0, and read by another opener', () => {
      const name = fresh();
      const file = create(name, Student, { initial: secbug });
      const reader = open(name, Student);
      try {
        assert.deepEqual(reader.read(), secbug);
        assert.deepEqual([file.created, reader.created, file.foreign, reader.foreign], [true, false, false, false]);
        assert.deepEqual([file.access, reader.access, reader.byteLength], ['readwrite', 'read', 24]);
        assert.equal(reader.name, name);
        const expected = new Uint8Array(24);
        Student.write(expected, 0, secbug);
        assert.deepEqual(raw(name).subarray(0, 24), expected);
      } finally {
        reader.close();
        file.close();
      }
    });

    it('update, write and assign are seen by a reader, each as one version', async () => {
      const name = fresh();
      const file = create(name, Student);
      const reader = open(name, Student);
      try {
        assert.equal(reader.version, 0);
        assert.equal(await file.update((s) => (s.ID = 5)), 5);
        assert.equal(
          file.updateSync((s) => {
            s.name = 'five';
            return reader.read().name;
          }),
          '',
        );
        assert.deepEqual(reader.read(), { ID: 5, name: 'five' });
        await file.write(secbug);
        assert.deepEqual(reader.read(), secbug);
        file.writeSync({ ID: 1, name: 'one' });
        await file.assign({ ID: 2 });
        file.assignSync({ name: 'two' });
        assert.deepEqual(reader.read(), { ID: 2, name: 'two' });
        assert.equal(reader.version, 6);
        assert.equal(file.lastRecovery, undefined);
      } finally {
        reader.close();
        file.close();
      }
    });

    it('a value that cannot be stored changes nothing, not even the version', async () => {
      const name = fresh();
      const file = create(name, Student, { initial: secbug });
      try {
        assert.throws(() => file.writeSync({ ID: 2 ** 31, name: 'x' }), RangeError);
        await assert.rejects(file.assign({ ID: 1, name: 'x'.repeat(21) }), RangeError);
        await assert.rejects(
          file.update((s) => {
            s.ID = 7;
            s.name = 7 as never;
          }),
          TypeError,
        );
        assert.deepEqual(file.read(), secbug);
        assert.equal(file.version, 0);
      } finally {
        file.close();
      }
    });

    it('a read-only object reads, and refuses every way of writing with ERR_READ_ONLY', async () => {
      const name = fresh();
      const file = create(name, Student, { initial: secbug });
      const reader = open(name, Student);
      const forced = reader as unknown as typeof file;
      const readOnly = { code: 'ERR_READ_ONLY' };
      try {
        assert.equal(reader.get().ID, secbug.ID);
        assert.throws(() => ((forced.get() as { ID: number }).ID = 1), readOnly);
        assert.throws(() => forced.get().assign({ ID: 1 }), readOnly);
        assert.throws(() => forced.writeSync(secbug), readOnly);
        assert.throws(() => forced.updateSync(() => 1), readOnly);
        await assert.rejects(
          forced.update(() => 1),
          readOnly,
        );
        await assert.rejects(forced.assign({ ID: 1 }), readOnly);
        assert.deepEqual(file.read(), secbug);
      } finally {
        reader.close();
        file.close();
      }
    });

    it('another layout under the name is ERR_LAYOUT_MISMATCH with both tables', () => {
      const name = fresh();
      const file = create(name, Student);
      try {
        assert.throws(
          () => open(name, Wrong),
          (error: { code: string; message: string; context: { expected: string; actual: string } }) => {
            assert.equal(error.code, 'ERR_LAYOUT_MISMATCH');
            assert.match(error.context.expected, /i64/);
            assert.match(error.context.actual, /i32/);
            assert.match(error.message, /i64[\s\S]*i32|i32[\s\S]*i64/);
            return true;
          },
        );
      } finally {
        file.close();
      }
    });

    it('opened without a codec, it is decoded by the layout that its creator left', () => {
      const name = fresh();
      const file = create(name, Student, { initial: secbug });
      try {
        const described = open(name);
        assert.deepEqual(described.read(), secbug);
        assert.match(inspect(described), /student \{ ID: 99041232, name: 'SecBug' \}/);
        described.close();
        const writer = open(name, undefined, { access: 'readwrite' });
        writer.updateSync((s) => {
          s.ID = 3;
        });
        writer.close();
        assert.equal(file.read().ID, 3);
      } finally {
        file.close();
      }
    });

    it('initial may be partial, or a function that is given the live object', () => {
      const [first, second, third] = [fresh(), fresh(), fresh()];
      const partial = create(first, Student, { initial: { name: 'x' } });
      const filled = create(second, Student, {
        initial: (s) => {
          s.ID = 8;
        },
      });
      assert.deepEqual(partial.read(), { ID: 0, name: 'x' });
      assert.deepEqual(filled.read(), { ID: 8, name: '' });
      partial.close();
      filled.close();
      const failure = new Error('no');
      assert.throws(
        () =>
          create(third, Student, {
            initial: () => {
              throw failure;
            },
          }),
        failure,
      );
      assert.throws(() => create(third, Student, { initial: (async () => {}) as never }), /asynchronously/);
      assert.throws(() => create(third, Student, { initial: { ID: 'x' as never } }), TypeError);
      assert.throws(() => open(third, Student), { code: 'ERR_NAME_NOT_FOUND' });
    });

    it('after close() the live object throws, and so does everything else', () => {
      const name = fresh();
      const file = create(name, Student);
      const live = file.get();
      file.close();
      assert.throws(() => live.ID, TypeError);
      assert.throws(() => (live.ID = 1), TypeError);
      assert.throws(() => file.read(), { code: 'ERR_CLOSED' });
      assert.equal(file.closed, true);
    });

    it('close() inside an update is a TypeError, and the update goes on', () => {
      const name = fresh();
      const file = create(name, Student);
      file.updateSync((s) => {
        assert.throws(() => file.close(), TypeError);
        s.ID = 4;
      });
      assert.equal(file.read().ID, 4);
      file.close();
    });

    it('create() of what exists is ERR_NAME_EXISTS', () => {
      const name = fresh();
      const file = create(name, Student, { initial: secbug });
      assert.throws(() => create(name, Student), { code: 'ERR_NAME_EXISTS' });
      assert.deepEqual(file.read(), secbug);
      file.close();
    });

    it('a lost right is typed: bad access and bad length are refused', () => {
      const name = fresh();
      assert.throws(() => open(name, Student, { access: 'copy-on-write' as never }), TypeError);
      assert.throws(() => create(name, Student, { byteLength: 23 }), RangeError);
      assert.throws(() => open(name, Student), { code: 'ERR_NAME_NOT_FOUND' });
    });
  });
}

describe('MapFile', () => {
  it('openOrCreate() opens what is there, and makes what is not', () => {
    const name = uniqueName();
    const first = MapFile.openOrCreate(name, Student, { initial: secbug });
    const second = MapFile.openOrCreate(name, Student, { initial: { ID: 1 } });
    assert.deepEqual([first.created, second.created], [true, false]);
    second.updateSync((s) => (s.ID += 1));
    assert.deepEqual(first.read(), { ID: 99041233, name: 'SecBug' });
    assert.throws(() => MapFile.openOrCreate(name, Wrong), { code: 'ERR_LAYOUT_MISMATCH' });
    first.close();
    assert.equal(MapFile.exists(name), true);
    second.close();
    assert.equal(MapFile.exists(name), false);
  });

  it('waitFor() resolves once the name lives, and gives up when told to', async () => {
    const name = uniqueName();
    const waiting = MapFile.waitFor(name, Student);
    await assert.rejects(MapFile.waitFor(name, Student, { timeoutMs: 1 }), { code: 'ERR_TIMEOUT' });
    const abort = new AbortController();
    const aborted = MapFile.waitFor(name, Student, { signal: abort.signal });
    abort.abort('enough');
    await assert.rejects(aborted, { name: 'AbortError', cause: 'enough' });
    const file = MapFile.create(name, Student, { initial: secbug });
    const reader = await waiting;
    assert.deepEqual(reader.read(), secbug);
    reader.close();
    file.close();
  });

  it('memory without our end part is foreign: read and written, never outside the struct', () => {
    const path = join(folder, 'foreign');
    writeFileSync(path, Buffer.alloc(64, 0xee));
    const file = MapFile.openFile(path, Student, { access: 'readwrite', byteOffset: 4 });
    assert.equal(file.foreign, true);
    file.writeSync(secbug);
    file.flushSync();
    assert.throws(() => file.updateSync(() => 1), /no lock to agree on/);
    assert.throws(() => MapFile.openFile(path), /without a codec/);
    assert.throws(() => MapFile.openFile(path, Student, { byteOffset: 41 }), { code: 'ERR_TOO_SMALL' });
    file.close();
    const bytes = readFileSync(path);
    assert.equal(bytes.readInt32LE(4), secbug.ID);
    assert.ok(bytes.subarray(28).every((b) => b === 0xee));
  });

  it('a file keeps its value and its version, and nothing but the file is left', async () => {
    const path = join(folder, 'kept');
    const file = MapFile.createFile(path, Student, { initial: secbug });
    await file.update((s) => (s.ID = 1));
    await file.flush();
    file.close();
    const again = MapFile.openFile(path, Student, { access: 'readwrite' });
    assert.equal(again.version, 1);
    assert.equal(
      again.updateSync((s) => (s.ID += 1)),
      2,
    );
    again.close();
    assert.ok(existsSync(path));
    assert.deepEqual(
      readdirSync(folder).filter((entry) => entry.endsWith('.tmp')),
      [],
    );
  });

  it('an object of ours refuses what only foreign memory needs', () => {
    const name = uniqueName();
    const file = MapFile.create(name, Student);
    assert.throws(() => MapFile.open(name, Student, { guard: { counter: 'ID' } }), /leave it out/);
    assert.throws(() => MapFile.open(name, Student, { byteOffset: 4 }), /ERR_TOO_SMALL|begins at 0|needed/);
    assert.deepEqual(file.read(), { ID: 0, name: '' });
    file.close();
  });

  it('an object laid by hand in a view that MappedView made is opened unguarded', () => {
    const name = uniqueName();
    const view = MappedView.create(name, 24);
    Student.write(view, 0, secbug);
    const file = MapFile.open(name, Student);
    assert.deepEqual(file.read(), secbug);
    assert.equal(file.foreign, true);
    file.close();
    const over = MapFile.over(view, Student);
    over.writeSync({ ID: 2, name: 'over' });
    assert.equal(Student.read(view, 0).name, 'over');
    view.close();
    assert.throws(() => over.read(), TypeError);
  });

  it('an update that still waits when the object is closed rejects with ERR_CLOSED', async () => {
    const name = uniqueName();
    const world = new World();
    const [a, b] = [world.spawn(), world.spawn()];
    const file = MapFile.create(name, Student, { participants: a });
    const other = MapFile.open(name, Student, { access: 'readwrite', participants: b });
    let pending: Promise<unknown> | undefined;
    file.updateSync(() => {
      pending = other.update(() => 1);
      other.close();
    });
    await assert.rejects(pending!, { code: 'ERR_CLOSED' });
    file.close();
  });

  it('an onRecovery that throws does not spoil the update that called it', (t) => {
    const name = uniqueName();
    const world = new World();
    const [a, b] = [world.spawn(), world.spawn()];
    const failure = new Error('thrown for the test');
    const file = MapFile.create(name, Student, { participants: a });
    const onRecovery = () => {
      throw failure;
    };
    const other = MapFile.open(name, Student, { access: 'readwrite', participants: b, onRecovery });
    run(() => file.updateSync((s) => s.assign(secbug)), 12);
    world.kill(a.self);
    const nextTick = t.mock.method(process, 'nextTick', () => {});
    assert.equal(
      other.updateSync((s) => (s.ID = 1)),
      1,
    );
    nextTick.mock.restore();
    const [later] = nextTick.mock.calls[0]!.arguments as unknown as [() => void];
    assert.throws(later, failure);
    assert.equal(other.read().ID, 1);
    other.close();
    file.close();
  });

  it('unlink() takes the name away where the system can', { skip: system === 'windows' }, () => {
    const name = uniqueName();
    const file = MapFile.create(name, Student, { persistent: true });
    file.close();
    assert.equal(MapFile.exists(name), true);
    assert.equal(MapFile.unlink(name), true);
    assert.equal(MapFile.unlink(name), false);
  });
});
