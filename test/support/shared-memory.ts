/** A little shared memory for tests of the floors below `memory/`: a file that several processes map. */
import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { system } from '../../src/base/host.ts';
import type { MemoryRange, MemorySource } from '../../src/base/memory.ts';
import { rangeOf } from '../../src/base/memory.ts';
import { viewOf } from '../../src/ffi/external-memory.ts';
import type { Address } from '../../src/ffi/koffi.ts';
import { MAP_SHARED, mmap, PROT_READ_WRITE } from '../../src/ffi/libc-threads.ts';

const folder = system === 'linux' ? '/dev/shm' : tmpdir();

/** A name that no other test has. */
export function uniqueName(what: string): string {
  return `mapfile-test-${what}-${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
}

/** Maps `byteLength` zeroes (at first) under that name. The mapping stays until the process ends. */
export function sharedMemory(name: string, byteLength: number): MemorySource {
  const fd = openSync(join(folder, name), 'a+', 0o600);
  try {
    ftruncateSync(fd, byteLength);
    const address = BigInt(mmap(0, byteLength, PROT_READ_WRITE, MAP_SHARED, fd, 0)) as Address;
    if (address === 0xffff_ffff_ffff_ffffn) throw new Error('mmap failed');
    const dataView = new DataView(viewOf(address, byteLength));
    const range: MemoryRange = { dataView, access: 'readwrite', originKey: hash(name) };
    return { [rangeOf]: range };
  } finally {
    closeSync(fd);
  }
}

export function removeSharedMemory(name: string): void {
  rmSync(join(folder, name), { force: true });
}

function hash(text: string): number {
  let h = 0;
  for (const c of text) h = (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0;
  return h;
}
