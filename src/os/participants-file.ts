/**
 * The registry's file on POSIX: made whole or not at all, held by a shared flock while somebody is here, removed by the
 * last one to leave. A file that everybody was killed away from is used again: it holds nothing but dead slots, and the
 * last id.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, ftruncateSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { MapFileError } from '../base/errors.ts';
import { detach, viewOf } from '../ffi/external-memory.ts';
import type { Address } from '../ffi/koffi.ts';
import {
  errno,
  flock,
  LOCK_EX,
  LOCK_NB,
  LOCK_SH,
  MAP_FAILED,
  MAP_SHARED,
  mmap,
  munmap,
  PROT_READ,
  PROT_WRITE,
} from '../ffi/libc.ts';
import { BYTE_LENGTH, HEADER, MAGIC, SLOTS, VERSION } from './participants-layout.ts';
import { setMode, setOwner } from './posix-rights.ts';

/**
 * The descriptor with the lock is opened by Node, which closes it when a Worker is terminated. It is never mapped: a mapping
 * keeps its open file, and so the lock, until the process ends.
 */
export interface RegistryFile {
  /** Where it is mapped in this process until the process ends. */
  readonly base: Address;
  /** Leaves; removes the file if nobody else is here, and says whether it did. */
  leave(): boolean;
}

export interface RegistryFileOptions {
  readonly path: string;
  readonly mode: number;
  /** Whose threads take part: the file belongs to that user, also when root makes it. */
  readonly uid?: number;
  /** Fills a new file that nobody else has: it is mapped at `base` meanwhile. */
  readonly initialise?: (words: Int32Array, base: Address) => void;
  /** Called by the last one to leave, while nobody can join. */
  readonly last?: () => void;
}

/** Opens the registry's file, making it if there is none. */
export function openRegistryFile(options: RegistryFileOptions): RegistryFile {
  const { path } = options;
  for (;;) {
    const fd = openExisting(path);
    if (fd === undefined) {
      make(options);
      continue;
    }
    flock(fd, LOCK_SH);
    const { nlink, size } = fstatSync(fd);
    // The last one to leave may have removed it between our open and our lock.
    if (nlink === 0) {
      closeSync(fd);
      continue;
    }
    if (size < BYTE_LENGTH) {
      closeSync(fd);
      throw new MapFileError(
        'ERR_CORRUPT',
        `Cannot use the registry of participants: ${path} has ${size} bytes, ${BYTE_LENGTH} are needed, remove it`,
        { name: path, detail: `${size} bytes` },
      );
    }
    return { base: mapped(path), leave: () => leave(options, fd) };
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Maps what the lock of another descriptor keeps in its place. */
function mapped(path: string): Address {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    return mapRegistry(fd);
  } finally {
    closeSync(fd);
  }
}

/** A new file, unless another one is faster. */
function make({ path, mode, uid, initialise }: RegistryFileOptions): void {
  const attempt = { name: path, action: 'make', isPath: true };
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const fd = openSync(draft, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    ftruncateSync(fd, BYTE_LENGTH);
    // Written, not left as a hole: a full file system says so here and not by SIGBUS later.
    writeSync(fd, new Uint8Array(BYTE_LENGTH));
    fill(fd, initialise);
    setOwner(fd, uid, attempt);
    setMode(fd, mode, attempt);
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(fd);
    unlinkSync(draft);
  }
}

/** Mapped for this alone: who joins maps it anew, for as long as the process lives. */
function fill(fd: number, initialise: RegistryFileOptions['initialise']): void {
  const base = mapRegistry(fd);
  const words = wordsAt(base);
  Atomics.store(words, HEADER.slots, SLOTS);
  Atomics.store(words, HEADER.version, VERSION);
  Atomics.store(words, HEADER.magic, MAGIC);
  initialise?.(words, base);
  detach(words.buffer as ArrayBuffer);
  // SAFETY: the only buffer over it is detached, and none of its mutexes is locked.
  munmap(base, BYTE_LENGTH);
}

function leave({ path, last }: RegistryFileOptions, fd: number): boolean {
  let removed = false;
  try {
    // A failed upgrade has lost the shared lock: right for one who leaves. Whoever is the last succeeds.
    if (flock(fd, LOCK_EX | LOCK_NB) === 0 && fstatSync(fd).nlink > 0) {
      last?.();
      unlinkSync(path);
      removed = true;
    }
    closeSync(fd);
  } catch {
    // Another user's file in a sticky directory: its owner's next exit removes it.
  }
  return removed;
}

/** Where the file is now mapped in this process. */
function mapRegistry(fd: number): Address {
  const address = mmap(null, BYTE_LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (address !== MAP_FAILED && address !== null) return address;
  const failure = { errno: errno(), syscall: 'mmap' };
  throw new MapFileError('ERR_SYSTEM', 'Cannot map the registry of participants', { name: 'participants' }, failure);
}

/** The words of a mapped registry. @throws MapFileError ERR_CORRUPT if it is none */
export function registryWords(address: Address, path: string): Int32Array {
  const words = wordsAt(address);
  if (words[HEADER.magic] === MAGIC && words[HEADER.version] === VERSION && words[HEADER.slots] === SLOTS) return words;
  const message = `Cannot use the registry of participants: ${path} is none, remove it`;
  throw new MapFileError('ERR_CORRUPT', message, { name: path, detail: `magic ${words[HEADER.magic]}` });
}

function wordsAt(address: Address): Int32Array {
  // SAFETY: the mapping of a participant is never removed: a thread may end with its mutex locked, and the kernel then
  // writes to it.
  return new Int32Array(viewOf(address, BYTE_LENGTH));
}
