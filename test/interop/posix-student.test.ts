/** C and Python share memory with MappedView by `shm_open` names. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { char, i32, MappedView, struct } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { root } from '../support/snippets.ts';
import { findCommand, nativeProgram, start } from './native.ts';

const Student = struct('student', { ID: i32, name: char(20) });
const secbug = { ID: 99041232, name: 'SecBug' };
const SHOWN = '99041232 SecBug';

const posix = system === 'linux' || system === 'darwin';
// glibc before 2.34 and musl have shm_open in a library of its own.
const flags = ['-std=gnu11', '-O2', ...(system === 'linux' ? ['-Wl,--no-as-needed', '-lrt'] : [])];
const native = posix ? nativeProgram('posix-student.c', ...flags) : undefined;
const python = posix ? findCommand('python3') : undefined;
const version = python
  ? spawnSync(python, ['-c', 'import sys; print(sys.version_info[1])'], { encoding: 'utf8' })
  : undefined;
const python313 = Number(version?.stdout) >= 13;
const script = join(root, 'test', 'interop', 'posix-student.py');

/** What shows that a name is there without asking ourselves. */
const inShm = (name: string) => existsSync(`/dev/shm/${name}`);

const sides = {
  'a C program': { command: native, first: [] as string[], missing: 'no C compiler' },
  Python: { command: python, first: [script], missing: 'no python3' },
};

/** Runs it to its end: what it printed, and what it complained about. */
function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, shown: stdout.trimEnd(), stderr };
}

for (const [side, { command, first, missing }] of Object.entries(sides)) {
  const skip = posix ? (command ? false : missing) : 'speaks shm_open';
  describe(`${side} and MappedView on POSIX`, { skip }, () => {
    it('reads what MappedView wrote, by the name with any prefix', () => {
      for (const prefix of ['', 'Local\\', 'Global/']) {
        const name = uniqueName();
        const view = MappedView.create(`${prefix}${name}`, Student.byteLength);
        view.write(Student, 0, secbug);
        assert.equal(run(command!, [...first, 'read', name]).shown, SHOWN);
        view.close();
        if (system === 'linux') assert.equal(inShm(name), false);
      }
    });

    it('writes what MappedView reads', () => {
      const name = uniqueName();
      const view = MappedView.create(name, Student.byteLength);
      assert.equal(run(command!, [...first, 'write', name, '-7', 'twenty characters xx']).status, 0);
      assert.deepEqual(view.read(Student), { ID: -7, name: 'twenty characters xx' });
      view.verify();
      view.close();
    });

    it('makes memory of exactly 24 bytes that is opened as it is, and never unlinked by us', async () => {
      const name = uniqueName();
      const program = start(command!, [...first, 'create', name, '99041232', 'SecBug']);
      assert.equal(await program.line(), 'ready');
      const inode = system === 'linux' ? statSync(`/dev/shm/${name}`).ino : 0;
      for (const access of ['read', 'readwrite', 'copy-on-write'] as const) {
        const view = MappedView.open(name, { access });
        assert.deepEqual([view.foreign, view.created, view.byteLength], [true, false, 24]);
        assert.deepEqual(view.read(Student), secbug);
        view.close();
      }
      assert.equal(MappedView.exists(name), true);
      assert.throws(() => MappedView.create(name, 24), { code: 'ERR_NAME_EXISTS' });
      assert.throws(() => MappedView.open(name, { byteLength: 25 }), { code: 'ERR_TOO_SMALL' });
      const view = MappedView.openOrCreate(name, 24);
      assert.equal(view.created, false);
      view.write(Student, 0, { ID: 54321, name: 'from node' });
      if (system === 'linux') assert.deepEqual([statSync(`/dev/shm/${name}`).ino, view.byteLength], [inode, 24]);

      const shown = program.line();
      assert.equal(await program.end(), 0);
      assert.equal(await shown, '54321 from node');
      assert.equal(view.read(Student).name, 'from node');
      view.close();
      // The program has unlinked it.
      assert.equal(MappedView.exists(name), false);
    });
  });
}

describe('a C program that dies', { skip: native ? false : 'no C compiler' }, () => {
  it('leaves its name as it is: nothing of ours tells whether somebody lives', async () => {
    const name = uniqueName();
    const program = spawn(native!, ['create', name, '1', 'left behind'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(program.stdout, 'data');
    program.kill('SIGKILL');
    await once(program, 'exit');
    const view = MappedView.open(name);
    assert.deepEqual([view.foreign, view.read(Student).name], [true, 'left behind']);
    view.close();
    assert.equal(MappedView.exists(name), true);
    assert.throws(() => MappedView.create(name, 24), { code: 'ERR_NAME_EXISTS' });
    assert.throws(() => MappedView.unlink(name), { code: 'ERR_WRONG_KIND', message: /\{ foreign: true \}/ });
    assert.deepEqual([MappedView.unlink(name, { foreign: true }), MappedView.exists(name)], [true, false]);
  });
});

describe("Python's resource tracker", { skip: python ? false : 'no python3' }, () => {
  it('unlinks at exit what Python only attached; the memory stays with who has it', () => {
    const name = uniqueName();
    const view = MappedView.create(name, Student.byteLength);
    view.write(Student, 0, secbug);
    const { shown, stderr } = run(python!, [script, 'read', name]);
    assert.equal(shown, SHOWN);
    assert.match(stderr, /resource_tracker: There appear to be 1 leaked shared_memory objects/);
    assert.equal(MappedView.exists(name), false);
    assert.equal(view.read(Student).ID, secbug.ID);
    // The name is free for a successor, which our close does not disturb.
    const next = MappedView.create(name, Student.byteLength);
    view.close();
    assert.equal(MappedView.exists(name), true);
    next.close();
    assert.equal(MappedView.exists(name), false);
  });

  it(`leaves it alone when told to (${python313 ? 'track=False' : 'unregister'})`, () => {
    const name = uniqueName();
    const view = MappedView.create(name, Student.byteLength, { initial: new Uint8Array([7]) });
    const { shown, stderr } = run(python!, [script, 'untracked', name]);
    assert.deepEqual([shown, stderr], ['7', '']);
    assert.equal(MappedView.exists(name), true);
    view.close();
    assert.equal(MappedView.exists(name), false);
  });
});
