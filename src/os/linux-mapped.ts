/** Whether this process has a file mapped, in whichever of its threads: a Worker's views are known to the kernel alone. */
import { readFileSync } from 'node:fs';
import { MAP_FAILED, MAP_SHARED, mmap, munmap, PROT_NONE } from '../ffi/libc.ts';
import { pageSize } from './posix-region.ts';

/**
 * Goes by the kernel's list of mappings, https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html. A page of our own
 * tells how the list calls the file: on stacked file systems its device and inode are not those of fstat.
 */
export function isMappedByProcess(fd: number): boolean {
  const own = mmap(null, pageSize(), PROT_NONE, MAP_SHARED, fd, 0);
  if (own === null || own === MAP_FAILED) return false;
  try {
    const files = mappedFiles();
    const file = files.find(({ start }) => start === own)?.file;
    return files.some(({ start, file: other }) => start !== own && other === file);
  } finally {
    // SAFETY: mapped above, and nobody else knows of it.
    munmap(own, pageSize());
  }
}

/** Each mapping, with its file's device and inode. */
function mappedFiles(): { start: bigint; file: string }[] {
  let list: string;
  try {
    list = readFileSync('/proc/self/maps', 'latin1');
  } catch {
    return []; // no /proc, or not allowed (Node's permission model): what this thread knows must do
  }
  const lines = list.matchAll(/^([0-9a-f]+)-\S+ \S+ \S+ (\S+ \d+)/gm);
  return [...lines].map(([, start, file]) => ({ start: BigInt(`0x${start}`), file: file! }));
}
