import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import * as k from '../../src/ffi/kernel32.ts';
import { must, onWindows } from './support.ts';

let folder = '';

function open(path: string, access: number, disposition: number): k.HANDLE {
  const handle = k.CreateFileW(path, access, k.FILE_SHARE_READ, null, disposition, k.FILE_ATTRIBUTE_NORMAL, null);
  if (handle === k.INVALID_HANDLE_VALUE) assert.fail(`CreateFileW failed: error ${k.GetLastError()}`);
  return handle;
}

describe('files', onWindows, () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'mapfile-files-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('WriteFile, SetFilePointerEx and ReadFile move bytes', () => {
    const path = join(folder, 'bytes é 漢');
    const handle = open(path, k.GENERIC_READ | k.GENERIC_WRITE, k.CREATE_NEW);
    const count = new Uint32Array(1);
    must(k.WriteFile(handle, Buffer.from('0123456789'), 10, count, null));
    assert.equal(count[0], 10);
    const position = new BigInt64Array(1);
    must(k.SetFilePointerEx(handle, -4, position, k.FILE_END));
    assert.equal(position[0], 6n);
    const read = Buffer.alloc(16);
    must(k.ReadFile(handle, read, 16, count, null));
    assert.equal(read.toString('latin1', 0, count[0]), '6789');
    must(k.FlushFileBuffers(handle));
    must(k.CloseHandle(handle));
    assert.equal(readFileSync(path, 'latin1'), '0123456789');
  });

  it('SetEndOfFile and GetFileSizeEx reach beyond 4 GiB', () => {
    const path = join(folder, 'large');
    const handle = open(path, k.GENERIC_WRITE, k.CREATE_NEW);
    must(k.SetFilePointerEx(handle, 0x1_0000_0007, null, k.FILE_BEGIN));
    must(k.SetEndOfFile(handle));
    const size = new BigInt64Array(1);
    must(k.GetFileSizeEx(handle, size));
    assert.equal(size[0], 0x1_0000_0007n);
    must(k.CloseHandle(handle));
    assert.equal(statSync(path).size, 0x1_0000_0007);
    rmSync(path);
  });

  it('CreateFileW answers INVALID_HANDLE_VALUE and says why', () => {
    const missing = join(folder, 'missing');
    assert.equal(k.CreateFileW(missing, k.GENERIC_READ, 0, null, k.OPEN_EXISTING, 0, null), k.INVALID_HANDLE_VALUE);
    assert.equal(k.GetLastError(), k.ERROR_FILE_NOT_FOUND);
    assert.equal(k.GetFileAttributesW(missing), k.INVALID_FILE_ATTRIBUTES);
    assert.ok(k.GetFileAttributesW(folder) & k.FILE_ATTRIBUTE_DIRECTORY);
  });

  it('an exclusive handle keeps others out', () => {
    const path = join(folder, 'exclusive');
    const handle = k.CreateFileW(path, k.GENERIC_WRITE, 0, null, k.CREATE_NEW, 0, null);
    assert.notEqual(handle, k.INVALID_HANDLE_VALUE);
    assert.equal(k.CreateFileW(path, k.GENERIC_READ, 7, null, k.OPEN_EXISTING, 0, null), k.INVALID_HANDLE_VALUE);
    assert.equal(k.GetLastError(), k.ERROR_SHARING_VIOLATION);
    must(k.CloseHandle(handle));
  });
});
