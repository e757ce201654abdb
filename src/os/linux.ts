/** Linux: named sections are files of /dev/shm, as shm_open makes them. */

import { MS_SYNC, posix_fallocate } from '../ffi/libc-linux.ts';
import type { OperatingSystem } from './contract.ts';
import { isMappedByProcess } from './linux-mapped.ts';
import { linuxSections } from './linux-sections.ts';
import { openPosixFile } from './posix-file.ts';
import { POSIX_ADVICE, pageSize } from './posix-region.ts';

const FILE_CALLS = { syncFlag: MS_SYNC, reserve: posix_fallocate, isMappedByProcess };

/** Where glibc and musl keep what shm_open makes. Tests pass a small tmpfs of their own. */
export function linuxSystem(directory = '/dev/shm'): OperatingSystem {
  return {
    capabilities: {
      get pageSize() {
        return pageSize();
      },
      maxNameLength: 255,
      nameUnit: 'bytes',
      unlink: true,
      persistent: true,
      mode: true,
      sddl: false,
      advice: POSIX_ADVICE,
    },
    ...linuxSections(directory),
    openFile: (path, options) => openPosixFile(path, options, FILE_CALLS),
  };
}
