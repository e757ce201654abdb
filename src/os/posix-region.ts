/** mmap, and what can be done with a mapped run of bytes. */
import { closedError, type MapFileError } from '../base/errors.ts';
import type { Access } from '../base/memory.ts';
import { addressAt, copyIn, copyOut, detach, viewOf } from '../ffi/external-memory.ts';
import type { Address } from '../ffi/koffi.ts';
import {
  errno,
  getpagesize,
  MADV_DONTNEED,
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MAP_FAILED,
  MAP_PRIVATE,
  MAP_SHARED,
  madvise,
  mlock,
  mmap,
  msync,
  msyncPooled,
  munlock,
  munmap,
  PROT_READ,
  PROT_WRITE,
} from '../ffi/libc.ts';
import type { Advice, Region } from './contract.ts';
import { systemError } from './posix-errors.ts';
import { noteMapped, noteUnmapped } from './posix-mapped.ts';

let page = 0;

export function pageSize(): number {
  page ||= getpagesize();
  return page;
}

const ADVICE: Record<Advice, number> = {
  normal: MADV_NORMAL,
  sequential: MADV_SEQUENTIAL,
  random: MADV_RANDOM,
  'will-need': MADV_WILLNEED,
  'dont-need': MADV_DONTNEED,
};

export const POSIX_ADVICE: readonly Advice[] = Object.keys(ADVICE) as Advice[];

const PROTECTION: Record<Access, readonly [prot: number, flags: number]> = {
  read: [PROT_READ, MAP_SHARED],
  readwrite: [PROT_READ | PROT_WRITE, MAP_SHARED],
  'copy-on-write': [PROT_READ | PROT_WRITE, MAP_PRIVATE],
};

/** Maps a part of an open descriptor; `syncFlag` is this system's MS_SYNC. */
export function mapRegion(
  fd: number,
  name: string,
  byteOffset: number,
  byteLength: number,
  access: Access,
  syncFlag: number,
  originKey: number,
): Region {
  const [prot, flags] = PROTECTION[access];
  const lead = byteOffset % pageSize();
  const base = mmap(null, lead + byteLength, prot, flags, fd, byteOffset - lead);
  if (base === null || base === MAP_FAILED) throw systemError('mmap', errno(), { name, action: 'map', byteLength });
  noteMapped(originKey);
  return new PosixRegion(base, lead, byteLength, name, syncFlag, originKey);
}

class PosixRegion implements Region {
  readonly byteLength: number;
  readonly #base: Address;
  readonly #lead: number;
  readonly #name: string;
  readonly #syncFlag: number;
  readonly #originKey: number;
  #buffer: ArrayBuffer | undefined;
  #unmapped = false;
  #movedAway = false;
  #flushes = 0;

  constructor(base: Address, lead: number, byteLength: number, name: string, syncFlag: number, originKey: number) {
    this.#base = base;
    this.#lead = lead;
    this.byteLength = byteLength;
    this.#name = name;
    this.#syncFlag = syncFlag;
    this.#originKey = originKey;
  }

  get buffer(): ArrayBuffer {
    // SAFETY: the mapping covers lead + byteLength bytes until unmap(), which detaches first.
    this.#buffer ??= viewOf(addressAt(this.#base, this.#lead), this.byteLength);
    return this.#buffer;
  }

  copyOut(byteOffset: number, byteLength: number): Uint8Array<ArrayBuffer> {
    this.#check(byteOffset, byteLength);
    return copyOut(addressAt(this.#base, this.#lead + byteOffset), byteLength);
  }

  copyIn(byteOffset: number, bytes: Uint8Array): void {
    this.#check(byteOffset, bytes.byteLength);
    copyIn(addressAt(this.#base, this.#lead + byteOffset), bytes);
  }

  flushSync(byteOffset: number, byteLength: number): void {
    this.#call('msync', 'flush', byteOffset, byteLength, (address, length) => msync(address, length, this.#syncFlag));
  }

  async flush(byteOffset: number, byteLength: number): Promise<void> {
    const range = this.#pages(byteOffset, byteLength);
    if (!range) return;
    this.#flushes++;
    try {
      if ((await msyncPooled(...range, this.#syncFlag)) === 0) return;
      // errno stays behind on the pool's thread: fail again on this one to learn it.
      if (msync(...range, this.#syncFlag) !== 0) throw this.#failed('msync', 'flush', byteLength);
    } finally {
      this.#flushes--;
      if (this.#unmapped && this.#flushes === 0) this.#release();
    }
  }

  advise(byteOffset: number, byteLength: number, advice: Advice): void {
    this.#call('madvise', 'advise', byteOffset, byteLength, (address, length) =>
      madvise(address, length, ADVICE[advice]),
    );
  }

  prefetch(byteOffset: number, byteLength: number): void {
    this.advise(byteOffset, byteLength, 'will-need');
  }

  lockPages(byteOffset: number, byteLength: number): void {
    this.#call('mlock', 'lock the pages of', byteOffset, byteLength, mlock);
  }

  unlockPages(byteOffset: number, byteLength: number): void {
    this.#call('munlock', 'unlock the pages of', byteOffset, byteLength, munlock);
  }

  unmap(): void {
    if (this.#unmapped) return;
    this.#unmapped = true;
    if (this.#buffer) this.#movedAway = !detach(this.#buffer);
    this.#buffer = undefined;
    // Bytes that somebody moved away can still be touched.
    if (!this.#movedAway) noteUnmapped(this.#originKey);
    if (this.#flushes === 0) this.#release();
  }

  #release(): void {
    // A buffer that we cannot detach stands on these pages: they stay until the process ends.
    if (this.#movedAway) return;
    // SAFETY: the buffer over these pages is detached, nothing of JavaScript reaches them any more.
    munmap(this.#base, this.#lead + this.byteLength);
  }

  #call(
    syscall: string,
    action: string,
    byteOffset: number,
    byteLength: number,
    call: (address: Address, length: number) => number,
  ): void {
    const range = this.#pages(byteOffset, byteLength);
    if (range && call(...range) !== 0) throw this.#failed(syscall, action, byteLength);
  }

  /** Rounds a range out to whole pages of the mapping, which starts at a page; undefined if it is empty. */
  #pages(byteOffset: number, byteLength: number): [address: Address, length: number] | undefined {
    this.#check(byteOffset, byteLength);
    if (byteLength === 0) return undefined;
    const start = this.#lead + byteOffset;
    const first = start - (start % pageSize());
    // SAFETY: [first, start + byteLength) lies in the mapping.
    return [addressAt(this.#base, first), start + byteLength - first];
  }

  #failed(syscall: string, action: string, byteLength: number): MapFileError {
    return systemError(syscall, errno(), { name: this.#name, action, byteLength });
  }

  #check(byteOffset: number, byteLength: number): void {
    if (this.#unmapped) throw closedError(`a region of "${this.#name}"`);
    if (byteOffset < 0 || byteLength < 0 || byteOffset + byteLength > this.byteLength) {
      throw new RangeError(`Cannot use ${byteLength} bytes at ${byteOffset}: the region has ${this.byteLength} bytes`);
    }
  }
}
