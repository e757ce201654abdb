/** macOS. Written from XNU's headers and manuals; the workflow runs the suite on it, nothing here was seen to run. */
import { writeSync } from 'node:fs';
import { close, MS_SYNC, shm_open, shm_unlink } from '../ffi/libc-darwin.ts';
import type { OperatingSystem } from './contract.ts';
import { darwinSections } from './darwin-sections.ts';
import { openPosixFile } from './posix-file.ts';
import { POSIX_ADVICE, pageSize } from './posix-region.ts';

const MIB = 2 ** 20;

/** APFS makes holes, and a full disk would be a SIGBUS at the first touch: writing the zeros fails here. */
function writeZeros(fd: number, byteOffset: number, byteLength: number): number {
  const zeros = new Uint8Array(Math.min(byteLength, MIB));
  try {
    for (let done = 0; done < byteLength; ) {
      done += writeSync(fd, zeros, 0, Math.min(zeros.byteLength, byteLength - done), byteOffset + done);
    }
    return 0;
  } catch (error) {
    return -((error as NodeJS.ErrnoException).errno ?? -5);
  }
}

/** Lock files of all users lie in a folder that everyone may write. */
export function darwinSystem(directory = '/private/tmp'): OperatingSystem {
  return {
    capabilities: {
      get pageSize() {
        return pageSize();
      },
      // PSHMNAMLEN is 31 with the slash.
      maxNameLength: 30,
      nameUnit: 'bytes',
      unlink: true,
      persistent: true,
      mode: true,
      sddl: false,
      advice: POSIX_ADVICE,
    },
    ...darwinSections(directory, { open: shm_open, unlink: shm_unlink, close }, MS_SYNC),
    openFile: (path, options) => openPosixFile(path, options, { syncFlag: MS_SYNC, reserve: writeZeros }),
  };
}
