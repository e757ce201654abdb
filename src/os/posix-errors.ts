/** From `errno` to the typed error. */
import { getSystemErrorName } from 'node:util';
import { MapFileError } from '../base/errors.ts';

/** What was tried, for the message and the context. */
export interface Attempt {
  /** The caller's spelling of the name, or the path. */
  readonly name: string;
  /** `open`, `create`, `map`, … */
  readonly action: string;
  /** Bytes asked for, where bytes were. */
  readonly byteLength?: number;
  /** `name` is the path of a file. */
  readonly isPath?: boolean;
}

const unknown = (errno: number) => `error ${errno}`;

/** `ENOENT` for 2. */
export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return unknown(errno);
  }
}

/** The error for a system call that failed with `errno`. */
export function systemError(syscall: string, errno: number, attempt: Attempt): MapFileError {
  const { name, action, byteLength, isPath = false } = attempt;
  const code = errnoName(errno);
  const failure = { syscall, errno };
  const failed = `Cannot ${action} "${name}"`;
  switch (code) {
    case 'ENOENT':
      return new MapFileError('ERR_NAME_NOT_FOUND', `${failed}: ${absence(syscall, action)}`, { name }, failure);
    case 'EEXIST':
      return new MapFileError('ERR_NAME_EXISTS', `${failed}: the name is in use, open it`, { name }, failure);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MapFileError(
        'ERR_ACCESS_DENIED',
        `${failed}: ${syscall} says ${code}, ${denial(syscall, code)}`,
        { name },
        failure,
      );
    case 'EISDIR':
    case 'ELOOP':
      return new MapFileError(
        'ERR_WRONG_KIND',
        `${failed}: it is a ${code === 'EISDIR' ? 'directory' : 'symbolic link'}, ${isPath ? 'give the path of a file' : 'choose another name'}`,
        { name, expected: isPath ? 'file' : 'section', actual: code === 'EISDIR' ? 'directory' : 'symbolic link' },
        failure,
      );
    case 'ENOTDIR':
      return new MapFileError(
        'ERR_NAME_NOT_FOUND',
        `${failed}: a part of its path is no folder, check the path`,
        { name },
        failure,
      );
    case 'ENAMETOOLONG':
      return new MapFileError('ERR_SYSTEM', `${failed}: its path is too long, shorten it`, { name }, failure);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new MapFileError(
        'ERR_OUT_OF_MEMORY',
        `${failed}: no room for ${byteLength ?? 0} bytes (${code}), free some or ask for fewer`,
        { requested: byteLength ?? 0 },
        failure,
      );
    case 'ENOMEM':
    case 'EAGAIN':
      return new MapFileError(
        'ERR_OUT_OF_MEMORY',
        `${failed}: ${syscall} says ${code} for ${byteLength ?? 0} bytes, ${shortage(syscall)}`,
        { requested: byteLength ?? 0 },
        failure,
      );
    case 'EMFILE':
    case 'ENFILE':
      return new MapFileError(
        'ERR_SYSTEM',
        `${failed}: ${syscall} says ${code}, ${code === 'EMFILE' ? 'this process' : 'the system'} has too many files open, close some maps or raise the limit (see ${code === 'EMFILE' ? 'ulimit -n' : 'fs.file-max'})`,
        { name },
        failure,
      );
    default:
      return new MapFileError('ERR_SYSTEM', `${failed}: ${syscall} failed with ${code}`, { name }, failure);
  }
}

function absence(syscall: string, action: string): string {
  // Our own descriptor has its name there.
  if (syscall === 'linkat') return '/proc is not there, mount it';
  return action === 'create' ? 'its folder does not exist, make that first' : 'there is none, create it first';
}

function denial(syscall: string, code: string): string {
  if (code === 'EROFS') return 'the file system is mounted for reading only, use another';
  if (syscall === 'unlink') return 'only its owner can take the name away, ask that user';
  if (syscall === 'mlock') return 'this user may lock no pages, raise the limit (see ulimit -l)';
  return 'this user may not; the creator can widen it with share or mode';
}

function shortage(syscall: string): string {
  if (syscall === 'mlock') return 'lock fewer pages or raise the limit (see ulimit -l)';
  return 'close some mappings (see vm.max_map_count, ulimit -v)';
}

/** Runs a `node:fs` call and types what it throws. */
export function typed<T>(attempt: Attempt, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    throw typeof errno === 'number' && syscall ? systemError(syscall, -errno, attempt) : error;
  }
}
