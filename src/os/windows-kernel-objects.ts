/** Named mutexes, semaphores and events of Windows: the same objects that a C++ program opens. */
import { MapFileError, type SystemFailure } from '../base/errors.ts';
import * as win from '../ffi/kernel32.ts';
import { ERROR_NOT_OWNER, ERROR_TOO_MANY_POSTS } from '../ffi/kernel32-errors.ts';
import type { ObjectKind, ObjectName, Security } from './contract.ts';
import type {
  KernelEvent,
  KernelMutex,
  KernelObject,
  KernelObjects,
  KernelSemaphore,
  Making,
} from './kernel-objects.ts';
import { lastFailure, systemError } from './windows-errors.ts';
import { objectPath, wrongKind } from './windows-names.ts';
import { withSecurity } from './windows-security.ts';
import { HandleWaits } from './windows-waits.ts';

type Attributes = win.SECURITY_ATTRIBUTES | null;

interface Calls {
  readonly kind: ObjectKind;
  readonly create: readonly [string, (attributes: Attributes, path: string) => win.HANDLE | null];
  readonly open: readonly [string, (path: string) => win.HANDLE | null];
}

function make(
  name: ObjectName,
  making: Making,
  security: Security,
  calls: Calls,
): { handle: win.HANDLE; created: boolean } {
  const path = objectPath(name);
  const action = `${making === 'open' ? 'open' : 'create'} ${calls.kind} "${name.spelled}"`;
  if (making === 'open') return { handle: opened(name, path, action, calls), created: false };
  const [syscall, create] = calls.create;
  const found = withSecurity(security, (attributes) => {
    const handle = create(attributes, path);
    return { handle, failure: lastFailure(syscall) };
  });
  if (found.handle === null) {
    // Somebody else's, which we may use but not own.
    if (making === 'openOrCreate' && found.failure.errno === win.ERROR_ACCESS_DENIED) {
      return { handle: opened(name, path, action, calls), created: false };
    }
    throw failed(name, action, calls.kind, found.failure);
  }
  const created = found.failure.errno !== win.ERROR_ALREADY_EXISTS;
  if (!created && making === 'create') {
    win.CloseHandle(found.handle);
    throw new MapFileError(
      'ERR_NAME_EXISTS',
      `Cannot ${action}: the name is in use, open it or choose another`,
      { name: name.spelled },
      found.failure,
    );
  }
  return { handle: found.handle, created };
}

function opened(name: ObjectName, path: string, action: string, calls: Calls): win.HANDLE {
  const [syscall, open] = calls.open;
  const handle = open(path);
  if (handle !== null) return handle;
  throw failed(name, action, calls.kind, lastFailure(syscall));
}

function failed(name: ObjectName, action: string, kind: ObjectKind, failure: SystemFailure): MapFileError {
  if (failure.errno === win.ERROR_INVALID_HANDLE) return wrongKind(name, kind, action, failure.syscall);
  if (failure.errno !== win.ERROR_FILE_NOT_FOUND && failure.errno !== win.ERROR_PATH_NOT_FOUND) {
    return systemError(failure, action, name.spelled);
  }
  const message = `Cannot ${action}: no process has it open, create it first`;
  return new MapFileError('ERR_NAME_NOT_FOUND', message, { name: name.spelled }, failure);
}

/** One waiting thread, or a few, for all objects of this environment. */
const waits = new HandleWaits();

abstract class WindowsObject implements KernelObject {
  readonly created: boolean;
  protected readonly handle: win.HANDLE;
  readonly #name: string;

  constructor(name: ObjectName, { handle, created }: { handle: win.HANDLE; created: boolean }) {
    this.#name = name.spelled;
    this.handle = handle;
    this.created = created;
  }

  take(ms: number): 0 | 1 | 2 {
    const answer = win.WaitForSingleObject(this.handle, Math.ceil(ms));
    if (answer === win.WAIT_OBJECT_0) return 1;
    if (answer === win.WAIT_ABANDONED) return 2;
    if (answer === win.WAIT_TIMEOUT) return 0;
    throw systemError(lastFailure('WaitForSingleObject'), `wait for "${this.#name}"`, this.#name);
  }

  abstract giveBack(): void;

  takeLater(signal: AbortSignal | undefined, timeoutMs: number, ref: boolean): Promise<boolean> {
    return waits.wait(this.handle, () => this.giveBack(), signal, timeoutMs, ref);
  }

  close(): void {
    waits.closing(this.handle, () => win.CloseHandle(this.handle));
  }

  protected check(ok: number, syscall: string): void {
    if (!ok) throw systemError(lastFailure(syscall), `signal "${this.#name}"`, this.#name);
  }
}

class WindowsMutex extends WindowsObject implements KernelMutex {
  release(): boolean {
    if (win.ReleaseMutex(this.handle)) return true;
    const failure = lastFailure('ReleaseMutex');
    if (failure.errno === ERROR_NOT_OWNER) return false;
    throw systemError(failure, 'release a mutex', '');
  }

  giveBack(): void {
    this.release();
  }

  /** A mutex belongs to the thread that waits for it, so no other thread may do the waiting. */
  override takeLater(): Promise<boolean> {
    throw new Error('a mutex is taken by its own thread');
  }
}

class WindowsSemaphore extends WindowsObject implements KernelSemaphore {
  release(count: number): number | undefined {
    const before = new Int32Array(1);
    if (win.ReleaseSemaphore(this.handle, count, before)) return before[0]!;
    const failure = lastFailure('ReleaseSemaphore');
    if (failure.errno === ERROR_TOO_MANY_POSTS) return undefined;
    throw systemError(failure, 'release a semaphore', '');
  }

  giveBack(): void {
    this.release(1);
  }
}

class WindowsEvent extends WindowsObject implements KernelEvent {
  set(): void {
    this.check(win.SetEvent(this.handle), 'SetEvent');
  }

  reset(): void {
    this.check(win.ResetEvent(this.handle), 'ResetEvent');
  }

  /** Setting a manual-reset event that let us through changes nothing, unless somebody has reset it: then not. */
  giveBack(): void {
    this.set();
  }
}

export const windowsKernelObjects: KernelObjects = {
  mutex: (name, making, security) =>
    new WindowsMutex(
      name,
      make(name, making, security, {
        kind: 'mutex',
        create: ['CreateMutexW', (attributes, path) => win.CreateMutexW(attributes, win.FALSE, path)],
        open: ['OpenMutexW', (path) => win.OpenMutexW(win.SYNCHRONIZE | win.MUTEX_MODIFY_STATE, win.FALSE, path)],
      }),
    ),
  semaphore: (name, making, security, { initial, maximum }) =>
    new WindowsSemaphore(
      name,
      make(name, making, security, {
        kind: 'semaphore',
        create: ['CreateSemaphoreW', (attributes, path) => win.CreateSemaphoreW(attributes, initial, maximum, path)],
        open: [
          'OpenSemaphoreW',
          (path) => win.OpenSemaphoreW(win.SYNCHRONIZE | win.SEMAPHORE_MODIFY_STATE, win.FALSE, path),
        ],
      }),
    ),
  event: (name, making, security, { manualReset, initiallySet }) =>
    new WindowsEvent(
      name,
      make(name, making, security, {
        kind: 'event',
        create: [
          'CreateEventW',
          (attributes, path) =>
            win.CreateEventW(attributes, manualReset ? win.TRUE : win.FALSE, initiallySet ? win.TRUE : win.FALSE, path),
        ],
        open: ['OpenEventW', (path) => win.OpenEventW(win.SYNCHRONIZE | win.EVENT_MODIFY_STATE, win.FALSE, path)],
      }),
    ),
};
