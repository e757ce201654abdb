import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Access } from '../../src/base/memory.ts';
import * as k from '../../src/ffi/kernel32.ts';
import type { OpenFile } from '../../src/os/contract.ts';
import { windowsSystem as os } from '../../src/os/windows.ts';
import { leavesNoHandle, must, onWindows } from '../kernel32/support.ts';

const code = (expected: string) => (error: Error & { code?: string }) => {
  assert.equal(error.code, expected, error.stack);
  return true;
};

const open = (path: string, access: Access, more: Partial<OpenFile> = {}) =>
  os.openFile(path, { access, create: 'never', security: { share: 'user' }, ...more });

let folder = '';
let count = 0;

function file(contents: string | Uint8Array): string {
  count += 1;
  const path = join(folder, `file-${count}`);
  writeFileSync(path, contents);
  return path;
}

describe('files on Windows', onWindows, () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'mapfile-os-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('maps any offset; reads, writes, flushes', async () => {
    const path = file(Buffer.alloc(200_000, 'a'));
    const opened = open(path, 'readwrite');
    assert.equal(opened.byteLength, 200_000);
    const region = opened.map(70_001, 3, 'readwrite');
    assert.equal(region.byteLength, 3);
    region.copyIn(0, Buffer.from('xyz'));
    region.flushSync(0, 3);
    await region.flush(1, 2);
    const other = open(path, 'read');
    assert.equal(other.originKey, opened.originKey);
    const seen = other.map(70_000, 5, 'read');
    assert.equal(Buffer.from(seen.buffer).toString(), 'axyza');
    for (const item of [region, seen]) item.unmap();
    for (const item of [opened, other]) item.close();
    assert.equal(readFileSync(path, 'latin1').slice(70_000, 70_005), 'axyza');
  });

  it('regions outlive close(), and the last one frees the file', () => {
    const path = file('0123456789');
    leavesNoHandle(() => {
      const opened = open(path, 'readwrite');
      const region = opened.map(2, 4, 'readwrite');
      opened.close();
      new Uint8Array(region.buffer)[0] = 0x58;
      region.flushSync(0, 4);
      assert.throws(() => opened.map(0, 1, 'read'), code('ERR_CLOSED'));
      const view = region.buffer;
      region.unmap();
      region.unmap();
      assert.equal(view.byteLength, 0);
      assert.throws(() => region.copyOut(0, 1), code('ERR_CLOSED'));
    });
    assert.equal(readFileSync(path, 'latin1'), '01X3456789');
  });

  it('an unmap during a flush detaches at once', async () => {
    const opened = open(file(Buffer.alloc(1 << 20)), 'readwrite');
    const region = opened.map(0, 1 << 20, 'readwrite');
    const view = new Uint8Array(region.buffer);
    view.fill(1);
    const flushed = region.flush(0, 1 << 20);
    region.unmap();
    assert.equal(view.length, 0);
    opened.close();
    await flushed;
  });

  it('a copy-on-write region changes no file', () => {
    const path = file('original');
    const opened = open(path, 'copy-on-write');
    assert.equal(opened.writable, false);
    const region = opened.map(0, 8, 'copy-on-write');
    new Uint8Array(region.buffer).fill(0x2a);
    region.flushSync(0, 8);
    assert.equal(Buffer.from(region.copyOut(0, 8)).toString(), '********');
    region.unmap();
    opened.close();
    assert.equal(readFileSync(path, 'latin1'), 'original');
  });

  it('creates and grows', () => {
    const path = join(folder, 'grown');
    const made = open(path, 'readwrite', { create: 'new', byteLength: 100_000 });
    assert.equal(made.byteLength, 100_000);
    assert.throws(() => open(path, 'readwrite', { create: 'new' }), code('ERR_NAME_EXISTS'));
    const same = open(path, 'readwrite', { create: 'missing', byteLength: 10 });
    assert.equal(same.byteLength, 100_000);
    same.close();
    const region = made.map(99_999, 1, 'readwrite');
    new Uint8Array(region.buffer)[0] = 1;
    assert.throws(() => made.resize(10), code('ERR_BUSY'));
    region.unmap();
    made.resize(10);
    assert.equal(made.byteLength, 10);
    made.resize(0x1_0000_0010);
    const far = made.map(0x1_0000_0001, 8, 'read');
    assert.deepEqual([...far.copyOut(0, 8)], [0, 0, 0, 0, 0, 0, 0, 0]);
    far.unmap();
    made.resize(1);
    made.close();
    assert.equal(statSync(path).size, 1);
  });

  it('a read-only file opens for reading and for a private copy only', () => {
    const path = file('fixed');
    must(k.SetFileAttributesW(path, k.FILE_ATTRIBUTE_READONLY));
    // Under Wine as root the attribute keeps nobody from writing: the raw call says what this system does.
    const raw = k.CreateFileW(path, k.GENERIC_WRITE, 7, null, k.OPEN_EXISTING, 0, null);
    if (raw === k.INVALID_HANDLE_VALUE) assert.throws(() => open(path, 'readwrite'), code('ERR_ACCESS_DENIED'));
    else must(k.CloseHandle(raw));
    for (const access of ['read', 'copy-on-write'] as const) {
      const opened = open(path, access);
      const region = opened.map(0, 5, access);
      assert.equal(Buffer.from(region.copyOut(0, 5)).toString(), 'fixed');
      region.unmap();
      opened.close();
    }
    must(k.SetFileAttributesW(path, k.FILE_ATTRIBUTE_NORMAL));
  });

  it('says what is wrong, and leaves nothing open', () => {
    const path = file('12345678');
    const locked = file('locked');
    const holder = k.CreateFileW(locked, k.GENERIC_READ, 0, null, k.OPEN_EXISTING, 0, null);
    leavesNoHandle(() => {
      assert.throws(() => open(join(folder, 'missing'), 'read'), code('ERR_NAME_NOT_FOUND'));
      assert.throws(() => open(join(folder, 'no', 'such'), 'read'), code('ERR_NAME_NOT_FOUND'));
      assert.throws(() => open(folder, 'read'), code('ERR_WRONG_KIND'));
      assert.throws(() => open(folder, 'readwrite', { create: 'missing' }), code('ERR_WRONG_KIND'));
      assert.throws(() => open('\\\\.\\NUL', 'read'), code('ERR_WRONG_KIND'));
      assert.throws(() => open('a\0b', 'read'), TypeError);
      assert.throws(() => open(locked, 'read'), code('ERR_BUSY'));
      const opened = open(path, 'read');
      assert.throws(() => opened.map(1, 8, 'read'), code('ERR_TOO_SMALL'));
      assert.throws(() => opened.map(0, 8, 'readwrite'), code('ERR_ACCESS_DENIED'));
      opened.close();
    });
    must(k.CloseHandle(holder));
  });

  it('a creation that cannot have its length leaves no file', () => {
    const path = join(folder, 'huge');
    assert.throws(
      () => open(path, 'readwrite', { create: 'new', byteLength: 2 ** 62 }),
      (error: Error & { code?: string }) => ['ERR_OUT_OF_MEMORY', 'ERR_SYSTEM'].includes(error.code!),
    );
    assert.equal(existsSync(path), false);
  });

  it('pages are locked, unlocked and read ahead', () => {
    const opened = open(file(Buffer.alloc(100_000)), 'readwrite');
    const region = opened.map(10, 90_000, 'readwrite');
    region.lockPages(5000, 10_000);
    region.unlockPages(5000, 10_000);
    region.prefetch(0, 90_000);
    region.advise(1, 2, 'will-need');
    assert.throws(() => region.lockPages(90_000, 1), RangeError);
    region.unmap();
    assert.throws(() => region.lockPages(0, 1), code('ERR_CLOSED'));
    opened.close();
  });
});
