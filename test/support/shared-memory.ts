/** A little shared memory for tests of the floors below `memory/`: a file that several processes map. */
import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { system } from '../../src/base/host.ts';
import type { MemoryRange, MemorySource } from '../../src/base/memory.ts';
import { rangeOf } from '../../src/base/memory.ts';
import { viewOf } from '../../src/ffi/external-memory.ts';
import * as win from '../../src/ffi/kernel32.ts';
import type { Address } from '../../src/ffi/koffi.ts';
import { MAP_FAILED, MAP_SHARED, mmap, PROT_READ, PROT_WRITE } from '../../src/ffi/libc.ts';

const folder = system === 'linux' ? '/dev/shm' : tmpdir();

/** A name that no other test has. */
export function uniqueName(what: string): string {
  return `mapfile-test-${what}-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
}

/** Maps `byteLength` zeroes (at first) under that name. The mapping stays until the process ends. */
export function sharedMemory(name: string, byteLength: number): MemorySource {
  const address = system === 'windows' ? mapSection(name, byteLength) : mapFile(name, byteLength);
  const dataView = new DataView(viewOf(address, byteLength));
  const range: MemoryRange = { dataView, access: 'readwrite', originKey: hash(name) };
  return { [rangeOf]: range };
}

/** Windows removes the section itself. */
export function removeSharedMemory(name: string): void {
  if (system !== 'windows') rmSync(join(folder, name), { force: true });
}

function mapFile(name: string, byteLength: number): Address {
  const fd = openSync(join(folder, name), 'a+', 0o600);
  try {
    ftruncateSync(fd, byteLength);
    const address = mmap(null, byteLength, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (address === MAP_FAILED || address === null) throw new Error('mmap failed');
    return address;
  } finally {
    closeSync(fd);
  }
}

function mapSection(name: string, byteLength: number): Address {
  const { PAGE_READWRITE, FILE_MAP_READ, FILE_MAP_WRITE } = win;
  const path = `Local\\${name}`;
  const handle = win.CreateFileMappingW(win.INVALID_HANDLE_VALUE, null, PAGE_READWRITE, 0, byteLength, path);
  if (handle === null) throw new Error(`CreateFileMappingW failed: ${win.GetLastError()}`);
  const address = win.MapViewOfFile(handle, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, byteLength);
  if (address === null) throw new Error(`MapViewOfFile failed: ${win.GetLastError()}`);
  return address;
}

function hash(text: string): number {
  let h = 0;
  for (const c of text) h = (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0;
  return h;
}
