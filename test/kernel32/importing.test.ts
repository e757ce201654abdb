import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import * as kernel32 from '../../src/ffi/kernel32.ts';
import { nodeOptions } from '../support/children.ts';
import { root } from '../support/snippets.ts';

const PURE = new Set(['HIDWORD', 'LODWORD']);
const calls = Object.entries(kernel32).filter(
  ([name, value]) => typeof value === 'function' && !PURE.has(name) && !/^class /.test(String(value)),
) as [string, (...args: unknown[]) => unknown][];

describe('mapfile/kernel32', () => {
  it('has every function of the list', () => {
    const listed = [
      'CreateFileW ReadFile WriteFile SetFilePointerEx SetEndOfFile GetFileSizeEx FlushFileBuffers CreateFileMappingW',
      'OpenFileMappingW MapViewOfFile MapViewOfFileEx UnmapViewOfFile FlushViewOfFile VirtualQuery VirtualLock',
      'VirtualUnlock PrefetchVirtualMemory GetSystemInfo CloseHandle DuplicateHandle CreateMutexW OpenMutexW',
      'ReleaseMutex CreateEventW OpenEventW SetEvent ResetEvent CreateSemaphoreW OpenSemaphoreW ReleaseSemaphore',
      'WaitForSingleObject WaitForMultipleObjects GetLastError FormatMessageW LocalFree GetCurrentProcess',
      'GetCurrentThreadId GetACP MultiByteToWideChar WideCharToMultiByte',
      'ConvertStringSecurityDescriptorToSecurityDescriptorW',
    ].flatMap((line) => line.split(' '));
    const missing = listed.filter((name) => !calls.some(([had]) => had === name));
    assert.deepEqual(missing, []);
  });

  it('throws ERR_PLATFORM_UNSUPPORTED from every call elsewhere', { skip: system === 'windows' }, () => {
    // The structures that some calls unwrap before they reach the library.
    const bytes = { bytes: new DataView(new ArrayBuffer(64)) };
    for (const [name, call] of calls) {
      const args = name === 'WaitForMultipleObjects' ? [1, [0n], 0, 0] : Array<unknown>(8).fill(bytes);
      assert.throws(
        () => call(...args),
        (error: NodeJS.ErrnoException & { context?: { feature: string } }) => {
          assert.equal(error.code, 'ERR_PLATFORM_UNSUPPORTED');
          assert.equal(error.context?.feature, name);
          return true;
        },
        name,
      );
    }
  });

  it('splits 64-bit sizes into halves', () => {
    const size = 5 * 2 ** 30 + 7;
    assert.equal(kernel32.HIDWORD(size), 1);
    assert.equal(kernel32.LODWORD(size), 2 ** 30 + 7);
    assert.equal(kernel32.HIDWORD(2 ** 53 - 1) * 2 ** 32 + kernel32.LODWORD(2 ** 53 - 1), 2 ** 53 - 1);
    assert.equal(kernel32.HIDWORD(0xffff_ffff), 0);
    assert.equal(kernel32.LODWORD(0xffff_ffff), 0xffff_ffff);
  });
});

describe('examples/raw-kernel32.ts', () => {
  it('reads through one view what it wrote through the other', { skip: system !== 'windows' }, () => {
    const name = `mapfile-raw-${process.pid}-${Math.random().toString(36).slice(2)}`;
    const example = join(root, 'examples', 'raw-kernel32.ts');
    const child = spawnSync(process.execPath, [...nodeOptions, example, name], {
      cwd: root,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(child.status, 0, child.stderr);
    assert.equal(child.stdout.trim(), 'written through one view, read through the other, then 786384 bytes of 42');
  });
});
