import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as k from '../../src/ffi/kernel32.ts';
import { leavesNoHandle, must, onWindows, uniqueName } from './support.ts';

const NONE = k.INVALID_HANDLE_VALUE;

function section(name: string | null, byteLength: number): k.HANDLE {
  const { HIDWORD, LODWORD } = k;
  return must(k.CreateFileMappingW(NONE, null, k.PAGE_READWRITE, HIDWORD(byteLength), LODWORD(byteLength), name));
}

function dword(address: k.LPVOID): number {
  const word = new Uint32Array(1);
  k.RtlMoveMemory(word, address, 4);
  return word[0]!;
}

describe('sections', onWindows, () => {
  it('CreateFileMappingW answers the existing section with ERROR_ALREADY_EXISTS', () => {
    const name = uniqueName();
    const first = section(name, 24);
    assert.equal(k.GetLastError(), k.ERROR_SUCCESS);
    const second = section(name, 24);
    assert.equal(k.GetLastError(), k.ERROR_ALREADY_EXISTS);
    assert.notEqual(first, second);
    for (const handle of [first, second]) must(k.CloseHandle(handle));
    assert.equal(k.OpenFileMappingW(k.FILE_MAP_READ, k.FALSE, name), null);
    assert.equal(k.GetLastError(), k.ERROR_FILE_NOT_FOUND);
  });

  it('a name of another kind answers null and ERROR_INVALID_HANDLE', () => {
    const name = uniqueName();
    const event = must(k.CreateEventW(null, k.FALSE, k.FALSE, name));
    assert.equal(k.CreateFileMappingW(NONE, null, k.PAGE_READWRITE, 0, 24, name), null);
    assert.equal(k.GetLastError(), k.ERROR_INVALID_HANDLE);
    must(k.CloseHandle(event));
  });

  it('MapViewOfFile maps an offset beyond 4 GiB', () => {
    const far = 0x1_0000_0000 + 0x1_0000;
    const handle = section(null, far + 0x1_0000);
    const whole = must(k.MapViewOfFile(handle, k.FILE_MAP_WRITE, k.HIDWORD(far), k.LODWORD(far), 0));
    k.RtlFillMemory(whole, 4, 0xab);
    const again = must(k.MapViewOfFileEx(handle, k.FILE_MAP_READ, k.HIDWORD(far), k.LODWORD(far), 4096, null));
    assert.equal(dword(again), 0xabab_abab);
    const low = must(k.MapViewOfFile(handle, k.FILE_MAP_READ, 0, 0x1_0000, 4096));
    assert.equal(dword(low), 0);
    for (const view of [whole, again, low]) must(k.UnmapViewOfFile(view));
    must(k.CloseHandle(handle));
  });

  it('MapViewOfFile refuses an offset that is not a multiple of the granularity', () => {
    const handle = section(null, 0x2_0000);
    assert.equal(k.MapViewOfFile(handle, k.FILE_MAP_READ, 0, 4096, 4096), null);
    assert.equal(k.GetLastError(), k.ERROR_MAPPED_ALIGNMENT);
    must(k.CloseHandle(handle));
  });

  it('VirtualQuery knows the page-rounded size of a view', () => {
    const handle = section(null, 24);
    const view = must(k.MapViewOfFile(handle, k.FILE_MAP_READ, 0, 0, 0));
    const info = new k.MEMORY_BASIC_INFORMATION();
    assert.equal(k.VirtualQuery(view, info, info.byteLength), info.byteLength);
    assert.equal(info.BaseAddress, view);
    assert.equal(info.AllocationBase, view);
    assert.equal(info.RegionSize, 4096);
    assert.equal(info.State, k.MEM_COMMIT);
    assert.equal(info.Protect, k.PAGE_READONLY);
    assert.equal(info.Type, k.MEM_MAPPED);
    must(k.UnmapViewOfFile(view));
    must(k.CloseHandle(handle));
  });

  it('FILE_MAP_COPY keeps a write to itself', () => {
    const handle = section(null, 24);
    const shared = must(k.MapViewOfFile(handle, k.FILE_MAP_WRITE, 0, 0, 0));
    const copy = must(k.MapViewOfFile(handle, k.FILE_MAP_COPY, 0, 0, 0));
    k.RtlFillMemory(copy, 4, 1);
    assert.equal(dword(copy), 0x0101_0101);
    assert.equal(dword(shared), 0);
    for (const view of [shared, copy]) must(k.UnmapViewOfFile(view));
    must(k.CloseHandle(handle));
  });

  it('VirtualLock, VirtualUnlock and FlushViewOfFile take a view', () => {
    const handle = section(null, 4096);
    const view = must(k.MapViewOfFile(handle, k.FILE_MAP_WRITE, 0, 0, 0));
    must(k.VirtualLock(view, 4096));
    must(k.VirtualUnlock(view, 4096));
    must(k.FlushViewOfFile(view, 0));
    must(k.UnmapViewOfFile(view));
    must(k.CloseHandle(handle));
  });

  it('PrefetchVirtualMemory takes a range', () => {
    const handle = section(null, 4096);
    const view = must(k.MapViewOfFile(handle, k.FILE_MAP_READ, 0, 0, 0));
    const range = new k.WIN32_MEMORY_RANGE_ENTRY(view, 4096);
    // A hint: Wine answers success and does nothing.
    must(k.PrefetchVirtualMemory(k.GetCurrentProcess(), 1, range, 0));
    must(k.UnmapViewOfFile(view));
    must(k.CloseHandle(handle));
  });

  it('GetSystemInfo knows pages and granularity', () => {
    const info = new k.SYSTEM_INFO();
    k.GetSystemInfo(info);
    assert.equal(info.dwPageSize, 4096);
    assert.equal(info.dwAllocationGranularity, 65_536);
    assert.ok(info.dwNumberOfProcessors >= 1);
    assert.ok(info.lpMaximumApplicationAddress > info.lpMinimumApplicationAddress);
    assert.notEqual(info.dwActiveProcessorMask, 0n);
  });

  it('DuplicateHandle makes a handle that keeps the section', () => {
    leavesNoHandle(() => {
      const name = uniqueName();
      const handle = section(name, 24);
      const target = new BigUint64Array(1);
      const self = k.GetCurrentProcess();
      must(k.DuplicateHandle(self, handle, self, target, 0, k.FALSE, k.DUPLICATE_SAME_ACCESS));
      must(k.CloseHandle(handle));
      const reopened = must(k.OpenFileMappingW(k.FILE_MAP_READ, k.FALSE, name));
      must(k.CloseHandle(reopened));
      must(k.CloseHandle(target[0]! as k.HANDLE));
      assert.equal(k.OpenFileMappingW(k.FILE_MAP_READ, k.FALSE, name), null);
    });
  });
});
