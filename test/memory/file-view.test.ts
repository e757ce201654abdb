import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { MappedView } from '../../src/index.ts';
import { os } from '../../src/os/current.ts';
import { assertHoldsNoMore, held } from '../support/resources.ts';

let folder: string;
let count = 0;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'mapfile-files-'));
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** The path of a new file with these contents. */
function file(contents: Uint8Array | string): string {
  const path = join(folder, `file-${count++}`);
  writeFileSync(path, contents);
  return path;
}

const missing = () => join(folder, `missing-${count++}`);

describe('MappedView.openFile()', () => {
  it('says whether it made the file', () => {
    const path = missing();
    const made = [1, 2].map(() => {
      const view = MappedView.openFile(path, { create: true, access: 'readwrite', byteLength: 8 });
      view.close();
      return view.created;
    });
    assert.deepEqual(made, [true, false]);
  });

  it('reads a file as it is', () => {
    const path = file('hello');
    const view = MappedView.openFile(path);
    assert.equal(Buffer.from(view.toBytes()).toString(), 'hello');
    assert.deepEqual(
      [view.byteLength, view.access, view.created, view.foreign, view.name],
      [5, 'read', false, true, path],
    );
    view.verify();
    view.close();
  });

  it('writes into the file, and nothing else', async () => {
    const path = file('hello');
    const view = MappedView.openFile(path, { access: 'readwrite' });
    view.bytes()[0] = 'J'.charCodeAt(0);
    view.flushSync();
    await view.flush({ byteOffset: 1, byteLength: 2 });
    view.close();
    assert.equal(readFileSync(path, 'utf8'), 'Jello');
  });

  it('keeps the writes of copy-on-write to itself', () => {
    const path = file('hello');
    const view = MappedView.openFile(path, { access: 'copy-on-write' });
    view.fill(0);
    assert.equal(view.toBytes()[0], 0);
    view.close();
    assert.equal(readFileSync(path, 'utf8'), 'hello');
  });

  it('maps a part at any offset', () => {
    const contents = Uint8Array.from({ length: 200_000 }, (_, i) => i % 253);
    const path = file(contents);
    for (const byteOffset of [1, 4097, 65_537, 199_990]) {
      const view = MappedView.openFile(path, { byteOffset, byteLength: 10 });
      assert.deepEqual([...view.toBytes()], [...contents.subarray(byteOffset, byteOffset + 10)]);
      view.close();
    }
  });

  it('maps offsets beyond 4 GiB', () => {
    const path = file('');
    const far = 5 * 2 ** 30 + 12_345;
    truncateSync(path, far + 100);
    const view = MappedView.openFile(path, { access: 'readwrite', byteOffset: far, byteLength: 4 });
    view.typedArray(Uint8Array).set([1, 2, 3, 4]);
    view.close();
    const near = MappedView.openFile(path, { byteOffset: far - 2 ** 32, byteLength: 4 });
    assert.deepEqual([...near.toBytes()], [0, 0, 0, 0]);
    near.close();
    const again = MappedView.openFile(path, { byteOffset: far - 1 });
    assert.equal(again.byteLength, 101);
    assert.deepEqual([...again.toBytes({ byteLength: 6 })], [0, 1, 2, 3, 4, 0]);
    again.close();
    rmSync(path);
  });

  it('makes a missing file with create, and grows a short one', () => {
    const path = missing();
    const made = MappedView.openFile(path, { access: 'readwrite', create: true, byteLength: 10 });
    made.fill(1);
    made.close();
    assert.deepEqual([...readFileSync(path)], new Array(10).fill(1));
    const grown = MappedView.openFile(path, { access: 'readwrite', create: true, byteOffset: 8, byteLength: 6 });
    assert.deepEqual([...grown.toBytes()], [1, 1, 0, 0, 0, 0]);
    grown.close();
    assert.equal(statSync(path).size, 14);
    const whole = MappedView.openFile(path, { access: 'readwrite', create: true });
    assert.equal(whole.byteLength, 14);
    whole.close();
  });

  it('refuses what it cannot map, and leaves nothing open', () => {
    const short = file('hello');
    const empty = file('');
    const directory = join(folder, `directory-${count++}`);
    mkdirSync(directory);
    const before = held();
    const none = missing();
    assert.throws(() => MappedView.openFile(none), { code: 'ERR_NAME_NOT_FOUND', context: { name: none } });
    assert.throws(() => MappedView.openFile(empty), {
      code: 'ERR_TOO_SMALL',
      context: { name: empty, byteLength: 0, needed: 1 },
    });
    assert.throws(() => MappedView.openFile(short, { byteLength: 6 }), { code: 'ERR_TOO_SMALL' });
    assert.throws(() => MappedView.openFile(short, { byteOffset: 5 }), { code: 'ERR_TOO_SMALL' });
    assert.throws(() => MappedView.openFile(short, { byteOffset: 2 ** 40 }), { code: 'ERR_TOO_SMALL' });
    assert.throws(() => MappedView.openFile(directory), { code: 'ERR_WRONG_KIND' });
    assert.throws(() => MappedView.openFile(directory, { access: 'readwrite' }), { code: 'ERR_WRONG_KIND' });
    assert.throws(() => MappedView.openFile(missing(), { access: 'readwrite', create: true }), {
      code: 'ERR_TOO_SMALL',
    });
    assert.throws(
      () => MappedView.openFile(join(short, 'below')),
      (error: { code: string }) => error.code.startsWith('ERR_'),
    );
    assertHoldsNoMore(before);
    assert.equal(readFileSync(short, 'utf8'), 'hello');
  });
});

describe('MappedView.createFile()', () => {
  it('makes a file, and no second one', () => {
    const path = missing();
    const view = MappedView.createFile(path, 6, { initial: new Uint8Array([1, 2]) });
    assert.deepEqual([view.created, view.access, view.byteLength], [true, 'readwrite', 6]);
    assert.throws(() => MappedView.createFile(path, 6), { code: 'ERR_NAME_EXISTS', context: { name: path } });
    view.close();
    assert.deepEqual([...readFileSync(path)], [1, 2, 0, 0, 0, 0]);
  });

  it('leaves no file when it fails', () => {
    const path = missing();
    assert.throws(() => MappedView.createFile(path, 0), RangeError);
    assert.throws(() => MappedView.createFile(path, 2, { initial: new Uint8Array(3) }), RangeError);
    assert.throws(() => statSync(path), { code: 'ENOENT' });
  });
});

describe('resize() of a file', () => {
  it('gives file and view the new length, and empties what was handed out', () => {
    const path = file('hello');
    const view = MappedView.openFile(path, { access: 'readwrite' });
    const old = view.bytes();
    view.resize(10_000);
    assert.deepEqual([old.length, view.byteLength, statSync(path).size], [0, 10_000, 10_000]);
    assert.equal(Buffer.from(view.toBytes({ byteLength: 6 })).toString(), 'hello\0');
    view.bytes()[9999] = 1;
    view.resize(2);
    assert.equal(view.bytes().length, 2);
    view.close();
    assert.equal(readFileSync(path, 'utf8'), 'he');
  });

  it('keeps the offset of a part', () => {
    const path = file('hello');
    const view = MappedView.openFile(path, { access: 'readwrite', byteOffset: 3 });
    view.resize(4);
    assert.equal(Buffer.from(view.toBytes()).toString(), 'lo\0\0');
    view.close();
    assert.equal(statSync(path).size, 7);
  });

  it('is not for subviews', () => {
    const view = MappedView.openFile(file('hello'), { access: 'readwrite' });
    assert.throws(() => view.subview(1).resize(1), { code: 'ERR_PLATFORM_UNSUPPORTED' });
    view.close();
  });
});

describe('hints', () => {
  it('are taken for files, as far as the system has them', () => {
    const view = MappedView.openFile(file(new Uint8Array(100_000)));
    for (const hint of os.capabilities.advice) view.advise({ byteOffset: 3, byteLength: 70_000 }, hint);
    view.prefetch({ byteOffset: 70_000 });
    view.close();
  });
});
