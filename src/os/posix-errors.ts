/** From `errno` to the typed error. */
import { getSystemErrorName } from 'node:util';
import { MapFileError } from '../base/errors.ts';
import type { ObjectName } from './contract.ts';

/** What was tried, for the message and the context. */
export interface Attempt {
  /** The caller's spelling of the name, or the path. */
  readonly name: string;
  /** `open`, `create`, `map`, … */
  readonly action: string;
  /** Bytes asked for, where bytes were. */
  readonly byteLength?: number;
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
export function systemError(syscall: string, errno: number, { name, action, byteLength }: Attempt): MapFileError {
  const code = errnoName(errno);
  const failure = { syscall, errno };
  const failed = `Cannot ${action} "${name}"`;
  switch (code) {
    case 'ENOENT':
      return new MapFileError(
        'ERR_NAME_NOT_FOUND',
        `${failed}: ${action === 'create' ? 'its folder does not exist, make that first' : 'there is none, create it first'}`,
        { name },
        failure,
      );
    case 'EEXIST':
      return new MapFileError('ERR_NAME_EXISTS', `${failed}: the name is in use, open it`, { name }, failure);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MapFileError(
        'ERR_ACCESS_DENIED',
        `${failed}: ${syscall} says ${code}, this user may not; the creator can widen it with share or mode`,
        { name },
        failure,
      );
    case 'EISDIR':
    case 'ELOOP':
      return new MapFileError(
        'ERR_WRONG_KIND',
        `${failed}: it is a ${code === 'EISDIR' ? 'directory' : 'symbolic link'}, choose another name`,
        { name, expected: 'section', actual: code === 'EISDIR' ? 'directory' : 'symbolic link' },
        failure,
      );
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
      return new MapFileError(
        'ERR_OUT_OF_MEMORY',
        `${failed}: ${syscall} says ENOMEM for ${byteLength ?? 0} bytes, close some mappings (see vm.max_map_count, ulimit -v)`,
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

/** Runs a `node:fs` call and types what it throws. */
export function typed<T>(attempt: Attempt, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errno, syscall } = error as NodeJS.ErrnoException;
    throw typeof errno === 'number' && syscall ? systemError(syscall, -errno, attempt) : error;
  }
}

/** Nobody's footer: another program's memory, which may be in use whatever we can see. */
export function notOurs({ spelled }: ObjectName): MapFileError<'ERR_WRONG_KIND'> {
  return new MapFileError(
    'ERR_WRONG_KIND',
    `Cannot unlink "${spelled}": another program made it, pass { foreign: true } to take its name away all the same`,
    { name: spelled, expected: 'section', actual: 'foreign' },
  );
}
