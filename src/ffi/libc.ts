/**
 * POSIX calls that Node has no function for, by their own names. What Node has (open, close, fstat, ftruncate, unlink)
 * is called through `node:fs`: it knows each system's `struct stat`, sets O_CLOEXEC, and closes the descriptors of a
 * Worker that ends, unless they are given away (libc-linux.ts). Failures answer -1 or MAP_FAILED: ask {@link errno} at once.
 */
import { type Address, koffi, library } from './koffi.ts';

const libc = library(null, ['linux', 'darwin']);

/** `errno` of the last call on this thread. */
export const errno: () => number = () => koffi.errno();

/** https://man7.org/linux/man-pages/man2/mmap.2.html */
export const mmap: (
  address: null,
  length: number,
  prot: number,
  flags: number,
  fd: number,
  offset: number,
) => Address | null = libc.lazy('void *mmap(void *addr, size_t length, int prot, int flags, int fd, int64_t offset)');

export const PROT_NONE = 0x0;
export const PROT_READ = 0x1;
export const PROT_WRITE = 0x2;
export const MAP_SHARED = 0x1;
export const MAP_PRIVATE = 0x2;
/** `(void *)-1`. */
export const MAP_FAILED: Address = 0xffff_ffff_ffff_ffffn as Address;

/** https://man7.org/linux/man-pages/man2/munmap.2.html */
export const munmap: (address: Address, length: number) => number = libc.lazy('int munmap(void *addr, size_t length)');

/** https://man7.org/linux/man-pages/man2/msync.2.html */
export const msync: (address: Address, length: number, flags: number) => number = libc.lazy(
  'int msync(void *addr, size_t length, int flags)',
);

/** {@link msync} on a thread of the pool, where its errno stays behind. */
export const msyncPooled: (address: Address, length: number, flags: number) => Promise<number> = libc.pooled<
  (address: Address, length: number, flags: number) => number
>('int msync(void *addr, size_t length, int flags)');

/** https://man7.org/linux/man-pages/man2/madvise.2.html */
export const madvise: (address: Address, length: number, advice: number) => number = libc.lazy(
  'int madvise(void *addr, size_t length, int advice)',
);

export const MADV_NORMAL = 0;
export const MADV_RANDOM = 1;
export const MADV_SEQUENTIAL = 2;
export const MADV_WILLNEED = 3;
export const MADV_DONTNEED = 4;

/** https://man7.org/linux/man-pages/man2/mlock.2.html */
export const mlock: (address: Address, length: number) => number = libc.lazy('int mlock(const void *addr, size_t len)');
export const munlock: (address: Address, length: number) => number = libc.lazy(
  'int munlock(const void *addr, size_t len)',
);

/** https://man7.org/linux/man-pages/man2/flock.2.html */
export const flock: (fd: number, operation: number) => number = libc.lazy('int flock(int fd, int operation)');

export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;

/** https://man7.org/linux/man-pages/man2/fchmod.2.html */
export const fchmod: (fd: number, mode: number) => number = libc.lazy('int fchmod(int fd, uint32_t mode)');

/** https://man7.org/linux/man-pages/man2/fchown.2.html */
export const fchown: (fd: number, owner: number, group: number) => number = libc.lazy(
  'int fchown(int fd, uint32_t owner, uint32_t group)',
);

/** https://man7.org/linux/man-pages/man2/getpagesize.2.html */
export const getpagesize: () => number = libc.lazy('int getpagesize()');
