/**
 * What macOS alone has, or numbers otherwise than Linux. Not seen to run where this was written: from the headers and
 * manuals of XNU.
 */
import { library } from './koffi.ts';

const libc = library(null, ['darwin']);

export const MS_SYNC = 0x10;

/**
 * Variadic: Apple silicon passes `mode` on the stack. The descriptor is closed by exec without being asked to; other flags
 * than these are refused. https://developer.apple.com/library/archive/documentation/System/Conceptual/ManPages_iPhoneOS/man2/shm_open.2.html
 */
const open: (name: string, oflag: number, type: 'int', mode: number) => number = libc.lazy(
  'int shm_open(const char *name, int oflag, ...)',
);

export function shm_open(name: string, oflag: number, mode: number): number {
  return open(name, oflag, 'int', mode);
}

export const shm_unlink: (name: string) => number = libc.lazy('int shm_unlink(const char *name)');

/** For descriptors of {@link shm_open}, which Node knows nothing of. */
export const close: (fd: number) => number = libc.lazy('int close(int fd)');
