/** Handles in general, and whose they are. */
import { kernel32 } from './kernel32-library.ts';
import type { BOOL, DWORD, HANDLE, LPVOID } from './kernel32-types.ts';

export const DUPLICATE_CLOSE_SOURCE = 0x1;
export const DUPLICATE_SAME_ACCESS = 0x2;

/** Standard rights: may wait for the object. */
export const SYNCHRONIZE = 0x0010_0000;

/** https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-closehandle */
export const CloseHandle: (hObject: HANDLE) => BOOL = kernel32.lazy('int __stdcall CloseHandle(void *hObject)');

/**
 * A second handle of the same object, in this process or in another.
 *
 * https://learn.microsoft.com/windows/win32/api/handleapi/nf-handleapi-duplicatehandle
 */
export const DuplicateHandle: (
  hSourceProcessHandle: HANDLE,
  hSourceHandle: HANDLE,
  hTargetProcessHandle: HANDLE,
  lpTargetHandleOut: BigUint64Array,
  dwDesiredAccess: DWORD,
  bInheritHandle: BOOL,
  dwOptions: DWORD,
) => BOOL = kernel32.lazy(
  'int __stdcall DuplicateHandle(void *hSourceProcessHandle, void *hSourceHandle, void *hTargetProcessHandle, ' +
    'void *lpTargetHandle, uint32_t dwDesiredAccess, int bInheritHandle, uint32_t dwOptions)',
);

/**
 * A constant that means this process; nothing to close.
 *
 * https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getcurrentprocess
 */
export const GetCurrentProcess: () => HANDLE = kernel32.lazy('void * __stdcall GetCurrentProcess(void)');

/** https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getcurrentthreadid */
export const GetCurrentThreadId: () => DWORD = kernel32.lazy('uint32_t __stdcall GetCurrentThreadId(void)');

/**
 * How many handles a process has open: what a test of leaks asks.
 *
 * https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-getprocesshandlecount
 */
export const GetProcessHandleCount: (hProcess: HANDLE, pdwHandleCountOut: Uint32Array) => BOOL = kernel32.lazy(
  'int __stdcall GetProcessHandleCount(void *hProcess, _Out_ uint32_t *pdwHandleCount)',
);

/**
 * Gives memory back that the system allocated for the caller. Answers null on success.
 *
 * https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-localfree
 */
export const LocalFree: (hMem: LPVOID) => LPVOID | null = kernel32.lazy('void * __stdcall LocalFree(void *hMem)');
