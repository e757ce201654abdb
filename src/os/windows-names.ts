/** Names of kernel objects: where they live, who has one, and the lock under which ours are made and opened. */
import { createHash } from 'node:crypto';
import { MapFileError } from '../base/errors.ts';
import * as win from '../ffi/kernel32.ts';
import type { ObjectKind, ObjectName } from './contract.ts';
import { lastFailure, systemError } from './windows-errors.ts';
import { withDescriptor } from './windows-security.ts';

/**
 * The name as the calls take it. `Local\X` and plain `X` are the same object, of this session; `Global\X` is of all.
 * https://learn.microsoft.com/windows/win32/termserv/kernel-object-namespaces
 */
export function objectPath(name: ObjectName): string {
  return `${name.scope === 'global' ? 'Global' : 'Local'}\\${name.base}`;
}

/** The name of a helper object beside `name`: as long as any, and in the same session. */
export function helperPath(name: ObjectName, purpose: string): string {
  const digest = createHash('sha256').update(name.base).digest('hex').slice(0, 32);
  return `${name.scope === 'global' ? 'Global' : 'Local'}\\mapfile-${purpose}-${digest}`;
}

/** Which other kind of object has the name, if we can tell. */
function otherKind(path: string): ObjectKind | undefined {
  const openers = [
    ['mutex', win.OpenMutexW],
    ['event', win.OpenEventW],
    ['semaphore', win.OpenSemaphoreW],
  ] as const;
  for (const [kind, open] of openers) {
    const handle = open(win.SYNCHRONIZE, win.FALSE, path);
    if (handle === null) {
      if (win.GetLastError() === win.ERROR_ACCESS_DENIED) return kind;
    } else {
      win.CloseHandle(handle);
      return kind;
    }
  }
  return undefined;
}

/** The error of ERROR_INVALID_HANDLE, which is how Windows says that a name belongs to another kind. */
export function wrongKind(name: ObjectName, expected: ObjectKind, action: string, syscall: string): MapFileError {
  const actual = otherKind(objectPath(name));
  return new MapFileError(
    'ERR_WRONG_KIND',
    `Cannot ${action}: the name belongs to ${actual ? `a ${actual}` : 'another kind of object'}, choose another name`,
    { name: name.spelled, expected, ...(actual && { actual }) },
    { errno: win.ERROR_INVALID_HANDLE, syscall },
  );
}

// Anyone may take part: the lock protects nothing but the order of events, the section has rights of its own.
const EVERYONE_MAY_LOCK = 'D:P(A;;0x00120001;;;WD)';
const LOCK_RIGHTS = win.SYNCHRONIZE | win.MUTEX_MODIFY_STATE;

/** A native call may last no longer than this: a Worker that is to end does so only between calls. */
const SLICE_MS = 100;
/** Far longer than any creation lasts; a process that is stopped in a debugger must not stop all others for good. */
const PATIENCE_MS = 30_000;

/**
 * Runs `work` while no other process of ours creates or opens this name. The mutex of a process that died meanwhile
 * passes to the next one: `work` must cope with what that one left behind.
 *
 * Windows shows a section's name before its contents can be there; this lock is why nobody of ours sees such a section.
 * @throws MapFileError ERR_BUSY if the lock is held for {@link PATIENCE_MS}
 */
export function withNameLock<T>(name: ObjectName, action: string, work: () => T): T {
  const path = helperPath(name, 'naming');
  const mutex = withDescriptor(EVERYONE_MAY_LOCK, (attributes) => {
    const handle = win.CreateMutexExW(attributes, path, 0, LOCK_RIGHTS);
    if (handle === null) throw systemError(lastFailure('CreateMutexExW'), action, name.spelled);
    return handle;
  });
  try {
    acquire(mutex, name, action);
    try {
      return work();
    } finally {
      win.ReleaseMutex(mutex);
    }
  } finally {
    win.CloseHandle(mutex);
  }
}

function acquire(mutex: win.HANDLE, name: ObjectName, action: string): void {
  for (let waited = 0; waited < PATIENCE_MS; waited += SLICE_MS) {
    const answer = win.WaitForSingleObject(mutex, SLICE_MS);
    if (answer === win.WAIT_OBJECT_0 || answer === win.WAIT_ABANDONED) return;
    if (answer !== win.WAIT_TIMEOUT) throw systemError(lastFailure('WaitForSingleObject'), action, name.spelled);
  }
  throw new MapFileError(
    'ERR_BUSY',
    `Cannot ${action}: another process has been creating it for ${PATIENCE_MS} ms, end that process or try again`,
    { name: name.spelled },
  );
}
