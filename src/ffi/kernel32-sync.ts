/** Mutexes, events, semaphores, and waiting for them. They share one name space with sections. */
import { handleArray, type SECURITY_ATTRIBUTES } from './kernel32-layout.ts';
import { kernel32 } from './kernel32-library.ts';
import type { BOOL, DWORD, HANDLE } from './kernel32-types.ts';

export const CREATE_MUTEX_INITIAL_OWNER = 0x1;
export const MUTEX_MODIFY_STATE = 0x0001;
export const MUTEX_ALL_ACCESS = 0x001f_0001;
export const EVENT_MODIFY_STATE = 0x0002;
export const EVENT_ALL_ACCESS = 0x001f_0003;
export const SEMAPHORE_MODIFY_STATE = 0x0002;
export const SEMAPHORE_ALL_ACCESS = 0x001f_0003;

export const WAIT_OBJECT_0 = 0x0000_0000;
/** The mutex is ours now, and the thread that owned it has ended without releasing it. */
export const WAIT_ABANDONED = 0x0000_0080;
export const WAIT_IO_COMPLETION = 0x0000_00c0;
export const WAIT_TIMEOUT = 0x0000_0102;
export const WAIT_FAILED = 0xffff_ffff;
export const INFINITE = 0xffff_ffff;
/** How many handles WaitForMultipleObjects takes. */
export const MAXIMUM_WAIT_OBJECTS = 64;

const createMutexW: (attributes: DataView | null, bInitialOwner: BOOL, lpName: string | null) => HANDLE | null =
  kernel32.lazy('void * __stdcall CreateMutexW(void *lpMutexAttributes, int bInitialOwner, const char16_t *lpName)');

/**
 * A mutex belongs to a thread, not to a process. Where it exists it is opened, `bInitialOwner` has no effect and
 * GetLastError is ERROR_ALREADY_EXISTS.
 *
 * https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createmutexw
 */
export function CreateMutexW(
  lpMutexAttributes: SECURITY_ATTRIBUTES | null,
  bInitialOwner: BOOL,
  lpName: string | null,
): HANDLE | null {
  return createMutexW(lpMutexAttributes?.bytes ?? null, bInitialOwner, lpName);
}

const createMutexExW: (
  attributes: DataView | null,
  lpName: string | null,
  dwFlags: DWORD,
  dwDesiredAccess: DWORD,
) => HANDLE | null = kernel32.lazy(
  'void * __stdcall CreateMutexExW(void *lpMutexAttributes, const char16_t *lpName, uint32_t dwFlags, ' +
    'uint32_t dwDesiredAccess)',
);

/**
 * CreateMutexW that asks for no more rights than it needs, so that it can open a mutex of another user.
 *
 * https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createmutexexw
 */
export function CreateMutexExW(
  lpMutexAttributes: SECURITY_ATTRIBUTES | null,
  lpName: string | null,
  dwFlags: DWORD,
  dwDesiredAccess: DWORD,
): HANDLE | null {
  return createMutexExW(lpMutexAttributes?.bytes ?? null, lpName, dwFlags, dwDesiredAccess);
}

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-openmutexw */
export const OpenMutexW: (dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: string) => HANDLE | null =
  kernel32.lazy('void * __stdcall OpenMutexW(uint32_t dwDesiredAccess, int bInheritHandle, const char16_t *lpName)');

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-releasemutex */
export const ReleaseMutex: (hMutex: HANDLE) => BOOL = kernel32.lazy('int __stdcall ReleaseMutex(void *hMutex)');

const createEventW: (
  attributes: DataView | null,
  bManualReset: BOOL,
  bInitialState: BOOL,
  lpName: string | null,
) => HANDLE | null = kernel32.lazy(
  'void * __stdcall CreateEventW(void *lpEventAttributes, int bManualReset, int bInitialState, const char16_t *lpName)',
);

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createeventw */
export function CreateEventW(
  lpEventAttributes: SECURITY_ATTRIBUTES | null,
  bManualReset: BOOL,
  bInitialState: BOOL,
  lpName: string | null,
): HANDLE | null {
  return createEventW(lpEventAttributes?.bytes ?? null, bManualReset, bInitialState, lpName);
}

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-openeventw */
export const OpenEventW: (dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: string) => HANDLE | null =
  kernel32.lazy('void * __stdcall OpenEventW(uint32_t dwDesiredAccess, int bInheritHandle, const char16_t *lpName)');

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-setevent */
export const SetEvent: (hEvent: HANDLE) => BOOL = kernel32.lazy('int __stdcall SetEvent(void *hEvent)');

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-resetevent */
export const ResetEvent: (hEvent: HANDLE) => BOOL = kernel32.lazy('int __stdcall ResetEvent(void *hEvent)');

const createSemaphoreW: (
  attributes: DataView | null,
  lInitialCount: number,
  lMaximumCount: number,
  lpName: string | null,
) => HANDLE | null = kernel32.lazy(
  'void * __stdcall CreateSemaphoreW(void *lpSemaphoreAttributes, int32_t lInitialCount, int32_t lMaximumCount, ' +
    'const char16_t *lpName)',
);

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-createsemaphorew */
export function CreateSemaphoreW(
  lpSemaphoreAttributes: SECURITY_ATTRIBUTES | null,
  lInitialCount: number,
  lMaximumCount: number,
  lpName: string | null,
): HANDLE | null {
  return createSemaphoreW(lpSemaphoreAttributes?.bytes ?? null, lInitialCount, lMaximumCount, lpName);
}

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-opensemaphorew */
export const OpenSemaphoreW: (dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: string) => HANDLE | null =
  kernel32.lazy(
    'void * __stdcall OpenSemaphoreW(uint32_t dwDesiredAccess, int bInheritHandle, const char16_t *lpName)',
  );

/** https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-releasesemaphore */
export const ReleaseSemaphore: (
  hSemaphore: HANDLE,
  lReleaseCount: number,
  lpPreviousCountOut: Int32Array | null,
) => BOOL = kernel32.lazy(
  'int __stdcall ReleaseSemaphore(void *hSemaphore, int32_t lReleaseCount, void *lpPreviousCount)',
);

/**
 * Blocks the thread for up to `dwMilliseconds`.
 *
 * https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitforsingleobject
 */
export const WaitForSingleObject: (hHandle: HANDLE, dwMilliseconds: DWORD) => DWORD = kernel32.lazy(
  'uint32_t __stdcall WaitForSingleObject(void *hHandle, uint32_t dwMilliseconds)',
);

const waitForMultipleObjects: (
  nCount: DWORD,
  lpHandles: BigUint64Array | Uint32Array,
  bWaitAll: BOOL,
  dwMilliseconds: DWORD,
) => DWORD = kernel32.lazy(
  'uint32_t __stdcall WaitForMultipleObjects(uint32_t nCount, const void *lpHandles, int bWaitAll, ' +
    'uint32_t dwMilliseconds)',
);

/**
 * Blocks the thread until one or all of up to 64 objects are signaled; answers WAIT_OBJECT_0 or WAIT_ABANDONED plus the
 * index of the first.
 *
 * https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects
 */
export function WaitForMultipleObjects(
  nCount: DWORD,
  lpHandles: readonly HANDLE[],
  bWaitAll: BOOL,
  dwMilliseconds: DWORD,
): DWORD {
  return waitForMultipleObjects(nCount, handleArray(lpHandles), bWaitAll, dwMilliseconds);
}
