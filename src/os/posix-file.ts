/** Files, mapped as they are. */
import {
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { MapFileError } from '../base/errors.ts';
import type { MappedFile, OpenFile } from './contract.ts';
import { PosixDescriptor } from './posix-descriptor.ts';
import { type Attempt, errnoName, systemError, typed } from './posix-errors.ts';
import { isMapped } from './posix-mapped.ts';
import { setMode } from './posix-rights.ts';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NONBLOCK } = constants;

/** What Linux and macOS do differently. */
export interface FileCalls {
  /** Their MS_SYNC. */
  readonly syncFlag: number;
  /** Makes room on the disk; answers the error number. */
  reserve(fd: number, byteOffset: number, byteLength: number): number;
  /** Whether any thread of this process has it mapped, where the system can tell. */
  isMappedByProcess?(fd: number): boolean;
}

class PosixFile extends PosixDescriptor implements MappedFile {
  readonly created: boolean;
  readonly #path: string;
  readonly #calls: FileCalls;

  constructor(fd: number, path: string, stats: BigIntStats, writable: boolean, created: boolean, calls: FileCalls) {
    super(fd, path, stats, writable, calls.syncFlag);
    this.created = created;
    this.#path = path;
    this.#calls = calls;
  }

  resize(byteLength: number): void {
    const attempt = { name: this.#path, action: 'resize', byteLength, isPath: true };
    if (byteLength < this.byteLength) {
      if (isMapped(this.originKey) || this.#calls.isMappedByProcess?.(this.fd)) throw stillMapped(this.#path);
      typed(attempt, () => ftruncateSync(this.fd, byteLength));
    } else grow(this.fd, this.byteLength, byteLength, attempt, this.#calls.reserve);
    this.measure();
  }
}

export function openPosixFile(path: string, options: OpenFile, calls: FileCalls): MappedFile {
  const { access, create, byteLength = 0, security } = options;
  const attempt: Attempt = { name: path, action: create === 'new' ? 'create' : 'open', byteLength, isPath: true };
  const writable = access === 'readwrite';
  const mode = security.mode ?? (security.share === 'everyone' ? 0o666 : 0o600);
  const { fd, made } = typed(attempt, () => openOrMake(path, writable, options, mode));
  try {
    let stats = typed(attempt, () => fstatSync(fd, { bigint: true }));
    if (!stats.isFile()) throw wrongKind(path, stats);
    if (made) setMode(fd, mode, attempt);
    if (create !== 'never' && Number(stats.size) < byteLength) {
      grow(fd, Number(stats.size), byteLength, attempt, calls.reserve);
      stats = typed(attempt, () => fstatSync(fd, { bigint: true }));
    }
    return new PosixFile(fd, path, stats, writable, made, calls);
  } catch (error) {
    closeSync(fd);
    if (made) unlinkSync(path);
    throw error;
  }
}

/** A file that is there, and long enough, needs no right to write for being read. */
function openOrMake(path: string, writable: boolean, { create, byteLength = 0 }: OpenFile, mode: number) {
  // O_NONBLOCK: opening a pipe must not wait for its other end.
  const reading = O_RDONLY | O_NONBLOCK;
  const writing = O_RDWR | O_NONBLOCK;
  if (create !== 'never') {
    try {
      return { fd: openSync(path, writing | O_CREAT | O_EXCL, mode), made: true };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (create === 'new' || (code !== 'EEXIST' && !existsSync(path))) throw error;
    }
  }
  const grows = create !== 'never' && isShorter(path, byteLength);
  return { fd: openSync(path, writable || grows ? writing : reading), made: false };
}

function isShorter(path: string, byteLength: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size < byteLength;
}

/** Reserves the new part, so that a full disk is an error here and not a SIGBUS at the first touch. */
function grow(fd: number, from: number, to: number, attempt: Attempt, reserve: FileCalls['reserve']): void {
  if (to === from) return;
  const failed = reserve(fd, from, to - from);
  if (failed === 0) return;
  const code = errnoName(failed);
  if (code !== 'EOPNOTSUPP' && code !== 'EINVAL' && code !== 'ENODEV') {
    ftruncateSync(fd, from);
    throw systemError('posix_fallocate', failed, attempt);
  }
  typed(attempt, () => ftruncateSync(fd, to));
}

function stillMapped(path: string): MapFileError<'ERR_BUSY'> {
  return new MapFileError(
    'ERR_BUSY',
    `Cannot shrink "${path}": another view has it mapped (of another thread, perhaps), close that first`,
    { name: path },
  );
}

function wrongKind(path: string, stats: BigIntStats): MapFileError<'ERR_WRONG_KIND'> {
  const actual = stats.isDirectory() ? 'directory' : 'special file';
  return new MapFileError('ERR_WRONG_KIND', `Cannot open "${path}": it is a ${actual}, give the path of a file`, {
    name: path,
    expected: 'file',
    actual,
  });
}
