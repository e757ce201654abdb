/** Failures of Windows calls as our errors: the number taken at once, the system's own words in the message. */
import { MapFileError, type SystemFailure } from '../base/errors.ts';
import * as win from '../ffi/kernel32.ts';

/** Call it directly after the call that failed. */
export function lastFailure(syscall: string): SystemFailure {
  return { errno: win.GetLastError(), syscall };
}

/** What Windows says of an error number, in the user's language, as one line without its full stop. */
export function explain(errno: number): string {
  const buffer = new Uint16Array(512);
  const flags = win.FORMAT_MESSAGE_FROM_SYSTEM | win.FORMAT_MESSAGE_IGNORE_INSERTS | win.FORMAT_MESSAGE_MAX_WIDTH_MASK;
  const length = win.FormatMessageW(flags, null, errno, 0, buffer, buffer.length, null);
  const text = String.fromCharCode(...buffer.subarray(0, length)).trim();
  return text.replace(/[.。]$/, '') || 'the system gives no reason';
}

/** Memory or disk space that is not there. */
const EXHAUSTED: ReadonlySet<number> = new Set([
  win.ERROR_NOT_ENOUGH_MEMORY,
  win.ERROR_HANDLE_DISK_FULL,
  win.ERROR_DISK_FULL,
  win.ERROR_NO_SYSTEM_RESOURCES,
  win.ERROR_COMMITMENT_LIMIT,
]);

/** Someone else's use of a file forbids ours. */
const BUSY: ReadonlySet<number> = new Set([
  win.ERROR_SHARING_VIOLATION,
  win.ERROR_LOCK_VIOLATION,
  win.ERROR_USER_MAPPED_FILE,
]);

/**
 * The error of a failed call by its number.
 *
 * @param action what could not be done, as `create map "x"`
 * @param requested how many bytes were asked for, where that was the reason
 */
export function systemError(failure: SystemFailure, action: string, name: string, requested = 0): MapFileError {
  const { errno, syscall } = failure;
  const message = `Cannot ${action}: ${explain(errno)} (${syscall}, error ${errno})`;
  if (errno === win.ERROR_ACCESS_DENIED) {
    const remedy = `${message}; the creator can widen it with share or sddl`;
    return new MapFileError('ERR_ACCESS_DENIED', remedy, { name }, failure);
  }
  if (EXHAUSTED.has(errno)) return new MapFileError('ERR_OUT_OF_MEMORY', message, { requested }, failure);
  if (BUSY.has(errno)) return new MapFileError('ERR_BUSY', message, { name }, failure);
  if (errno === win.ERROR_WORKING_SET_QUOTA) {
    const remedy = `${message}; a process may lock only little less than its minimum working set`;
    return new MapFileError('ERR_SYSTEM', remedy, { name }, failure);
  }
  return new MapFileError('ERR_SYSTEM', message, { name }, failure);
}
