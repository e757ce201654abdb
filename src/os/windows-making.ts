/**
 * Whether a section under a name is finished.
 *
 * The death of a process takes its half-made sections with it. A terminated Worker leaves its handles open in the process
 * that lives on, and so a section that never got its contents. Hence an event beside each creation: not signaled while
 * the section is being filled. Only read and written under the naming lock: who finds it there not signaled knows that
 * its maker is gone.
 */
import * as win from '../ffi/kernel32.ts';
import type { ObjectName } from './contract.ts';
import { lastFailure, systemError } from './windows-errors.ts';
import { helperPath } from './windows-names.ts';
import { withDescriptor } from './windows-security.ts';

const EVERYONE_MAY_SIGNAL = 'D:P(A;;0x00120002;;;WD)';
const RIGHTS = win.SYNCHRONIZE | win.EVENT_MODIFY_STATE;

function leftover(name: ObjectName): win.HANDLE | null {
  return win.OpenEventW(RIGHTS, win.FALSE, helperPath(name, 'making'));
}

/** Whether the section under this name was never finished. */
export function isUnfinished(name: ObjectName): boolean {
  const event = leftover(name);
  if (event === null) return false;
  try {
    return win.WaitForSingleObject(event, 0) === win.WAIT_TIMEOUT;
  } finally {
    win.CloseHandle(event);
  }
}

/** Runs `make` while the name counts as unfinished; it is finished only if `make` returns. */
export function whileUnfinished<T>(name: ObjectName, action: string, make: () => T): T {
  const event = start(name, action);
  try {
    const made = make();
    win.SetEvent(event);
    return made;
  } finally {
    win.CloseHandle(event);
  }
}

function start(name: ObjectName, action: string): win.HANDLE {
  return withDescriptor(EVERYONE_MAY_SIGNAL, (attributes) => {
    const event = win.CreateEventW(attributes, win.TRUE, win.FALSE, helperPath(name, 'making'));
    const failure = lastFailure('CreateEventW');
    if (event !== null && failure.errno !== win.ERROR_ALREADY_EXISTS) return event;
    // One that is left over, maybe of another user: CreateEventW would want more rights than it gives.
    const old = event ?? leftover(name);
    if (old === null) throw systemError(failure, action, name.spelled);
    win.ResetEvent(old);
    return old;
  });
}
