/** A mapped run of bytes of a Windows section. */
import { closedError, type MapFileError } from '../base/errors.ts';
import type { Access } from '../base/memory.ts';
import { addressAt, copyIn, copyOut, detach, viewOf } from '../ffi/external-memory.ts';
import * as win from '../ffi/kernel32.ts';
import { flushViewOfFilePooled } from '../ffi/kernel32-sections.ts';
import type { Advice, Region } from './contract.ts';
import { lastFailure, systemError } from './windows-errors.ts';

/** What a region of a file needs of it. Held for as long as the region lives. */
export interface BackingFile {
  flushSync(): void;
  flush(): Promise<void>;
  release(): void;
}

const DESIRED: Readonly<Record<Access, number>> = {
  read: win.FILE_MAP_READ,
  readwrite: win.FILE_MAP_READ | win.FILE_MAP_WRITE,
  'copy-on-write': win.FILE_MAP_COPY,
};

let info: win.SYSTEM_INFO | undefined;

/** Page size and granularity do not change while the system runs. */
export function systemInfo(): win.SYSTEM_INFO {
  if (!info) {
    info = new win.SYSTEM_INFO();
    win.GetSystemInfo(info);
  }
  return info;
}

/**
 * Maps `[byteOffset, byteOffset + byteLength)` of a section. A view starts at a multiple of the granularity (64 KiB), so
 * the mapping begins up to that much earlier than the region.
 */
export function mapRegion(
  section: win.HANDLE,
  name: string,
  byteOffset: number,
  byteLength: number,
  access: Access,
  file?: BackingFile,
): Region {
  // 0 bytes would mean "all" to MapViewOfFile.
  if (byteLength < 1) throw new RangeError(`Cannot map ${byteLength} bytes of "${name}": map at least one`);
  const lead = byteOffset % systemInfo().dwAllocationGranularity;
  const start = byteOffset - lead;
  const base = win.MapViewOfFile(section, DESIRED[access], win.HIDWORD(start), win.LODWORD(start), lead + byteLength);
  if (base === null) throw systemError(lastFailure('MapViewOfFile'), `map "${name}"`, name, byteLength);
  return new WindowsRegion(name, base, lead, byteLength, access, file);
}

class WindowsRegion implements Region {
  readonly byteLength: number;
  readonly #name: string;
  readonly #base: win.LPVOID;
  readonly #address: win.LPVOID;
  readonly #access: Access;
  readonly #file: BackingFile | undefined;
  #buffer: ArrayBuffer | undefined;
  #unmapped = false;
  #movedAway = false;
  #flushing = 0;

  constructor(
    name: string,
    base: win.LPVOID,
    lead: number,
    byteLength: number,
    access: Access,
    file: BackingFile | undefined,
  ) {
    this.byteLength = byteLength;
    this.#name = name;
    this.#base = base;
    this.#address = addressAt(base, lead);
    this.#access = access;
    this.#file = file;
  }

  get buffer(): ArrayBuffer {
    this.#mapped();
    this.#buffer ??= viewOf(this.#address, this.byteLength);
    return this.#buffer;
  }

  copyOut(byteOffset: number, byteLength: number): Uint8Array<ArrayBuffer> {
    return copyOut(this.#at(byteOffset, byteLength), byteLength);
  }

  copyIn(byteOffset: number, bytes: Uint8Array): void {
    copyIn(this.#at(byteOffset, bytes.byteLength), bytes);
  }

  flushSync(byteOffset: number, byteLength: number): void {
    const address = this.#at(byteOffset, byteLength);
    if (!this.#flushable(byteLength)) return;
    if (!win.FlushViewOfFile(address, byteLength)) throw this.#failed('FlushViewOfFile', 'flush');
    this.#file?.flushSync();
  }

  async flush(byteOffset: number, byteLength: number): Promise<void> {
    const address = this.#at(byteOffset, byteLength);
    if (!this.#flushable(byteLength)) return;
    this.#flushing += 1;
    try {
      // The reason of a failure stays behind on the pool's thread: fail again on this one to learn it.
      if (!(await flushViewOfFilePooled(address, byteLength)) && !win.FlushViewOfFile(address, byteLength)) {
        throw this.#failed('FlushViewOfFile', 'flush');
      }
      await this.#file?.flush();
    } finally {
      this.#flushing -= 1;
      if (this.#unmapped) this.#release();
    }
  }

  advise(byteOffset: number, byteLength: number, advice: Advice): void {
    if (advice === 'will-need') this.prefetch(byteOffset, byteLength);
    else this.#mapped();
  }

  /** https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-prefetchvirtualmemory */
  prefetch(byteOffset: number, byteLength: number): void {
    const address = this.#at(byteOffset, byteLength);
    if (byteLength === 0) return;
    const range = new win.WIN32_MEMORY_RANGE_ENTRY(address, byteLength);
    if (!win.PrefetchVirtualMemory(win.GetCurrentProcess(), 1, range, 0)) {
      throw this.#failed('PrefetchVirtualMemory', 'prefetch');
    }
  }

  lockPages(byteOffset: number, byteLength: number): void {
    const address = this.#at(byteOffset, byteLength);
    if (byteLength === 0) return;
    if (!win.VirtualLock(address, byteLength)) throw this.#failed('VirtualLock', 'lock pages of');
  }

  unlockPages(byteOffset: number, byteLength: number): void {
    const address = this.#at(byteOffset, byteLength);
    if (byteLength === 0) return;
    if (!win.VirtualUnlock(address, byteLength)) throw this.#failed('VirtualUnlock', 'unlock pages of');
  }

  unmap(): void {
    if (this.#unmapped) return;
    this.#unmapped = true;
    if (this.#buffer) this.#movedAway = !detach(this.#buffer);
    this.#buffer = undefined;
    this.#release();
  }

  #release(): void {
    if (this.#flushing > 0) return;
    // A buffer that we cannot detach stands on a view that transfer() moved away: that stays until the process ends.
    // SAFETY: the buffer over these bytes is detached, and nothing else keeps their address.
    if (!this.#movedAway) win.UnmapViewOfFile(this.#base);
    this.#file?.release();
  }

  /** A private copy has nowhere to go, a view for reading nothing to write. */
  #flushable(byteLength: number): boolean {
    return byteLength > 0 && this.#access === 'readwrite';
  }

  #mapped(): void {
    if (this.#unmapped) throw closedError(`"${this.#name}"`);
  }

  #at(byteOffset: number, byteLength: number): win.LPVOID {
    this.#mapped();
    if (byteOffset < 0 || byteLength < 0 || !(byteOffset + byteLength <= this.byteLength)) {
      throw new RangeError(
        `Cannot use ${byteLength} bytes at ${byteOffset} of "${this.#name}": it has ${this.byteLength} bytes`,
      );
    }
    // SAFETY: inside the mapping, by the check above.
    return addressAt(this.#address, byteOffset);
  }

  #failed(syscall: string, verb: string): MapFileError {
    return systemError(lastFailure(syscall), `${verb} "${this.#name}"`, this.#name);
  }
}
