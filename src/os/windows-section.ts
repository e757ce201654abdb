/** An open named section. */
import { closedError, MapFileError } from '../base/errors.ts';
import type { Access, MemoryScope } from '../base/memory.ts';
import * as win from '../ffi/kernel32.ts';
import type { ObjectName, Region, Section } from './contract.ts';
import { lastFailure, systemError } from './windows-errors.ts';
import { mapRegion } from './windows-region.ts';

export class WindowsSection implements Section {
  readonly name: ObjectName;
  readonly byteLength: number;
  readonly writable: boolean;
  readonly originKey: number;
  #handle: win.HANDLE | undefined;

  /** Takes the handle over. */
  constructor(name: ObjectName, handle: win.HANDLE, byteLength: number, writable: boolean) {
    this.name = name;
    this.#handle = handle;
    this.byteLength = byteLength;
    this.writable = writable;
    this.originKey = nameKey(name.base);
  }

  get scope(): MemoryScope | undefined {
    return this.name.scope === 'global' ? 'global' : undefined;
  }

  map(byteOffset: number, byteLength: number, access: Access): Region {
    const { spelled } = this.name;
    if (this.#handle === undefined) throw closedError(`map "${spelled}"`);
    const needed = byteOffset + byteLength;
    if (needed > this.byteLength) {
      throw new MapFileError(
        'ERR_TOO_SMALL',
        `Cannot map ${byteLength} bytes at ${byteOffset} of "${spelled}": it has ${this.byteLength} bytes`,
        { name: spelled, byteLength: this.byteLength, needed },
      );
    }
    return mapRegion(this.#handle, spelled, byteOffset, byteLength, access);
  }

  /** A section never changes its length. */
  measure(): number {
    return this.byteLength;
  }

  close(): void {
    if (this.#handle === undefined) return;
    win.CloseHandle(this.#handle);
    this.#handle = undefined;
  }
}

/**
 * How many bytes of a section can be touched: a section tells its length only by what a view of the whole has, rounded
 * up to pages. A reserved tail (SEC_RESERVE) does not count, a touch there would end the process.
 */
export function sectionLength(handle: win.HANDLE, name: string): number {
  const base = win.MapViewOfFile(handle, win.FILE_MAP_READ, 0, 0, 0);
  if (base === null) throw systemError(lastFailure('MapViewOfFile'), `measure map "${name}"`, name);
  try {
    const info = new win.MEMORY_BASIC_INFORMATION();
    let byteLength = 0;
    for (;;) {
      const at = (base + BigInt(byteLength)) as win.LPVOID;
      if (win.VirtualQuery(at, info, info.byteLength) === 0) break;
      if (info.AllocationBase !== base || info.State !== win.MEM_COMMIT) break;
      byteLength += info.RegionSize;
    }
    return byteLength;
  } finally {
    win.UnmapViewOfFile(base);
  }
}

/** FNV-1a over the characters: the same in every process, never 0, which means "has no key". */
function nameKey(base: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < base.length; i += 1) hash = Math.imul(hash ^ base.charCodeAt(i), 0x0100_0193);
  return hash >>> 0 || 1;
}
