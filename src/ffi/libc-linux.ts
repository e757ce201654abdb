/** What Linux alone has, or numbers otherwise than macOS. */
import { constants } from 'node:fs';
import { library } from './koffi.ts';

const libc = library(null, ['linux']);

export const MS_SYNC = 4;

/** Gives the memory behind shared pages back: they read as zeros. https://man7.org/linux/man-pages/man2/madvise.2.html */
export const MADV_REMOVE = 9;

/** An inode without a name. O_DIRECTORY is part of it, and its bit depends on the processor. */
export const O_TMPFILE: number = 0o20000000 | (constants.O_DIRECTORY ?? 0);

export const AT_FDCWD = -100;
export const AT_SYMLINK_FOLLOW = 0x400;

/** https://man7.org/linux/man-pages/man2/linkat.2.html */
export const linkat: (oldFd: number, oldPath: string, newFd: number, newPath: string, flags: number) => number =
  libc.lazy('int linkat(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, int flags)');

/** https://man7.org/linux/man-pages/man3/mkfifo.3.html */
export const mkfifo: (path: string, mode: number) => number = libc.lazy('int mkfifo(const char *path, uint32_t mode)');

/** Answers the error number itself; errno stays as it was. https://man7.org/linux/man-pages/man3/posix_fallocate.3.html */
export const posix_fallocate: (fd: number, offset: number, length: number) => number = libc.lazy(
  'int posix_fallocate(int fd, int64_t offset, int64_t len)',
);

const O_CLOEXEC = 0o2000000;

const openCall: (path: string, flags: number) => number = libc.lazy('int open(const char *pathname, int flags)');

/**
 * Opens without Node's knowledge, for who gives the descriptor away: Node closes at the end of a Worker whatever
 * `fs.openSync` has opened there and `fs.closeSync` has not closed, also a number that is another file's by then.
 * https://man7.org/linux/man-pages/man2/open.2.html
 */
export function open(path: string, flags: number): number {
  return openCall(path, flags | O_CLOEXEC);
}

/** What {@link open} has opened. */
export const close: (fd: number) => number = libc.lazy('int close(int fd)');
