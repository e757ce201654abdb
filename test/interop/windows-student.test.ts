import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { MappedView } from '../../src/memory/mapped-view.ts';
import { nativeProgram, run, start } from './native.ts';

const flags = ['-std=c++17', '-municode', '-static'];
const student = system === 'windows' ? nativeProgram('windows-student.cpp', ...flags) : undefined;
const skip =
  system !== 'windows' ? 'the C++ program runs on Windows only' : student ? false : 'no compiled program and no g++';

const LENGTH = 24;
let count = 0;
const uniqueName = () => `mapfile-student-${process.pid}-${++count}-${Math.random().toString(36).slice(2)}`;

/** The struct of the C++ program by hand: `long ID` at 0, `char name[20]` at 4. */
function fill(view: MappedView<'readwrite'>, id: number, name: string): void {
  view.dataView().setInt32(0, id, true);
  view.bytes().fill(0, 4).set(Buffer.from(name), 4);
}

function shown(view: MappedView): string {
  const bytes = Buffer.from(view.toBytes());
  const end = bytes.indexOf(0, 4);
  return `${bytes.readInt32LE(0)} ${bytes.toString('latin1', 4, end < 0 ? LENGTH : end)}`;
}

describe('a C++ program and MappedView on Windows', { skip }, () => {
  it('C++ reads what MappedView wrote', () => {
    const name = uniqueName();
    const view = MappedView.create(name, LENGTH);
    fill(view, 99_041_232, 'SecBug');
    assert.equal(run(student!, ['read', name]), '99041232 SecBug');
    assert.equal(run(student!, ['read', `Local\\${name}`]), '99041232 SecBug');
    view.close();
  });

  it('MappedView reads what C++ wrote into its memory', () => {
    const name = uniqueName();
    const view = MappedView.create(name, LENGTH);
    assert.equal(run(student!, ['write', name, '-7', 'twenty characters xx']), '-7 twenty characters xx');
    assert.equal(shown(view), '-7 twenty characters xx');
    view.close();
    assert.throws(() => run(student!, ['read', name]), /OpenFileMappingW: error 2/);
  });

  it('both see each other in a section of exactly 24 bytes that C++ created', async () => {
    const name = uniqueName();
    const native = start(student!, ['create', name, '12345', 'native']);
    assert.equal(await native.line(), 'ready');
    const view = MappedView.open(name, { access: 'readwrite', byteLength: LENGTH });
    assert.equal(view.foreign, true);
    assert.equal(view.created, false);
    assert.equal(shown(view), '12345 native');
    fill(view, 54_321, 'from node');
    const last = native.line();
    assert.equal(await native.end(), 0);
    assert.equal(await last, '54321 from node');
    view.close();
  });

  it('a whole foreign section is known by its page', async () => {
    const name = uniqueName();
    const native = start(student!, ['create', name, '1', 'page']);
    assert.equal(await native.line(), 'ready');
    const view = MappedView.open(`Local\\${name}`);
    assert.equal(view.byteLength, 4096);
    assert.throws(() => MappedView.create(name, LENGTH), { code: 'ERR_NAME_EXISTS' });
    view.close();
    assert.equal(await native.end(), 0);
    assert.equal(MappedView.exists(name), false);
  });

  it('a Global name is the same on both sides', () => {
    const name = `Global\\${uniqueName()}`;
    const view = MappedView.create(name, LENGTH);
    fill(view, 5, 'all sessions');
    assert.equal(run(student!, ['read', name]), '5 all sessions');
    view.close();
  });
});
