/** The sections of macOS over Linux's shm_open, which takes its mode as a plain argument. */
import { library } from '../../src/ffi/koffi.ts';
import { MS_SYNC } from '../../src/ffi/libc-linux.ts';
import type { CreateSection, ObjectName, Section, SectionJudge } from '../../src/os/contract.ts';
import { darwinSections } from '../../src/os/darwin-sections.ts';

const libc = library(null, ['linux']);

export const calls = {
  open: libc.lazy<(name: string, flags: number, mode: number) => number>(
    'int shm_open(const char *name, int oflag, uint32_t mode)',
  ),
  unlink: libc.lazy<(name: string) => number>('int shm_unlink(const char *name)'),
  close: libc.lazy<(fd: number) => number>('int close(int fd)'),
};

export const sectionsIn = (folder: string) => darwinSections(folder, calls, MS_SYNC);
export const named = (base: string): ObjectName => ({ spelled: base, scope: 'local', base });

const BYTES = 16_384;

/** Not our footer: on Linux that would be judged by locks which these sections do not have. */
export const judge: SectionJudge = {
  tailByteLength: 1,
  judge: ([mark]) => (mark === 1 ? 'transient' : mark === 2 ? 'persistent' : 'foreign'),
};

/** A section whose data is filled with `byte`. */
export function creation(byte: number, more: Partial<CreateSection> = {}): CreateSection {
  return {
    byteLength: BYTES,
    security: { share: 'user' },
    persistent: false,
    judge,
    fill(section: Section) {
      const region = section.map(0, BYTES, 'readwrite');
      region.copyIn(0, new Uint8Array(24).fill(byte));
      region.copyIn(BYTES - 1, new Uint8Array([more.persistent ? 2 : 1]));
      region.unmap();
    },
    ...more,
  };
}

export function firstByte(section: Section): number {
  const region = section.map(0, 1, 'read');
  const byte = region.copyOut(0, 1)[0]!;
  region.unmap();
  return byte;
}
