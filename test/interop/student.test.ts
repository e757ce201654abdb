/** Seed of the package: `struct { long ID; char name[20]; }` under one name, a native program on one side, MapFile on the other. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { char, i32, MapFile, struct } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { nativeProgram, run, start } from './native.ts';

const student =
  system === 'windows'
    ? nativeProgram('windows-student.cpp', '-std=c++17', '-municode', '-static')
    : nativeProgram('posix-student.c', '-std=gnu11', '-O2', ...(system === 'linux' ? ['-lrt'] : []));
const skip = student ? false : 'no compiled program and no compiler';

const Student = struct('student', { ID: i32, name: char(20) });
const secbug = { ID: 99041232, name: 'SecBug' };

describe('a native program and MapFile', { skip }, () => {
  it('the program reads what MapFile created and updated', () => {
    const name = uniqueName();
    const file = MapFile.create(name, Student, { initial: secbug });
    assert.equal(run(student!, ['read', name]), '99041232 SecBug');
    file.updateSync((s) => (s.ID += 1));
    assert.equal(run(student!, ['read', name]), '99041233 SecBug');
    file.close();
    assert.throws(() => run(student!, ['read', name]));
  });

  it('MapFile reads what the program wrote, goes on updating, and notices its writes', async () => {
    const name = uniqueName();
    const file = MapFile.create(name, Student, { initial: secbug });
    const changes = file.changes({ intervalMs: 5 });
    assert.deepEqual((await changes.next()).value, secbug);
    const pending = changes.next();
    assert.equal(run(student!, ['write', name, '-7', 'twenty characters xx']), '-7 twenty characters xx');
    assert.deepEqual(file.read(), { ID: -7, name: 'twenty characters xx' });
    assert.deepEqual((await pending).value, { ID: -7, name: 'twenty characters xx' });
    assert.equal(
      file.updateSync((s) => (s.ID += 1)),
      -6,
    );
    assert.equal(file.version, 1);
    file.close();
  });

  it('MapFile waits for the program, and reads and writes its memory of exactly 24 bytes', async () => {
    const name = uniqueName();
    const waiting = MapFile.waitFor(name, Student, { access: 'readwrite', valid: (s) => s.ID !== 0 });
    const native = start(student!, ['create', name, '99041232', 'SecBug']);
    assert.equal(await native.line(), 'ready');
    const file = await waiting;
    assert.equal(file.foreign, true);
    assert.deepEqual(file.read(), secbug);
    assert.throws(() => file.updateSync(() => 1), /no lock to agree on/);
    file.writeSync({ ID: 1, name: 'from node' });
    const last = native.line();
    assert.equal(await native.end(), 0);
    assert.equal(await last, '1 from node');
    file.close();
  });
});
