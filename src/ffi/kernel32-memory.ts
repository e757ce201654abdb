/** Pages: how large, how many, in or out of physical memory. */
import type { MEMORY_BASIC_INFORMATION, SYSTEM_INFO, WIN32_MEMORY_RANGE_ENTRY } from './kernel32-layout.ts';
import { kernel32 } from './kernel32-library.ts';
import type { BOOL, DWORD, HANDLE, LPVOID } from './kernel32-types.ts';

export const MEM_COMMIT = 0x1000;
export const MEM_RESERVE = 0x2000;
export const MEM_FREE = 0x1_0000;
export const MEM_MAPPED = 0x4_0000;

const virtualQuery: (lpAddress: LPVOID, lpBuffer: DataView, dwLength: number) => number = kernel32.lazy(
  'size_t __stdcall VirtualQuery(const void *lpAddress, void *lpBuffer, size_t dwLength)',
);

/**
 * Fills `lpBufferOut` and answers how many bytes of it; 0 on failure.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualquery
 */
export function VirtualQuery(lpAddress: LPVOID, lpBufferOut: MEMORY_BASIC_INFORMATION, dwLength: number): number {
  return virtualQuery(lpAddress, lpBufferOut.bytes, dwLength);
}

/**
 * Keeps pages in physical memory. How many is limited by the minimum working set of the process.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtuallock
 */
export const VirtualLock: (lpAddress: LPVOID, dwSize: number) => BOOL = kernel32.lazy(
  'int __stdcall VirtualLock(void *lpAddress, size_t dwSize)',
);

/** https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualunlock */
export const VirtualUnlock: (lpAddress: LPVOID, dwSize: number) => BOOL = kernel32.lazy(
  'int __stdcall VirtualUnlock(void *lpAddress, size_t dwSize)',
);

const prefetchVirtualMemory: (
  hProcess: HANDLE,
  NumberOfEntries: number,
  VirtualAddresses: DataView,
  Flags: DWORD,
) => BOOL = kernel32.lazy(
  'int __stdcall PrefetchVirtualMemory(void *hProcess, size_t NumberOfEntries, void *VirtualAddresses, uint32_t Flags)',
);

/**
 * Reads pages ahead, many at a time; only a hint. One range here; native code may pass several.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-prefetchvirtualmemory
 */
export function PrefetchVirtualMemory(
  hProcess: HANDLE,
  NumberOfEntries: 1,
  VirtualAddresses: WIN32_MEMORY_RANGE_ENTRY,
  Flags: 0,
): BOOL {
  return prefetchVirtualMemory(hProcess, NumberOfEntries, VirtualAddresses.bytes, Flags);
}

const getSystemInfo: (lpSystemInfo: DataView) => void = kernel32.lazy(
  'void __stdcall GetSystemInfo(void *lpSystemInfo)',
);

/** https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getsysteminfo */
export function GetSystemInfo(lpSystemInfoOut: SYSTEM_INFO): void {
  getSystemInfo(lpSystemInfoOut.bytes);
}

/**
 * memset: fills `Length` bytes from `Destination` on.
 *
 * https://learn.microsoft.com/windows/win32/devnotes/rtlfillmemory
 */
export const RtlFillMemory: (Destination: LPVOID | ArrayBufferView, Length: number, Fill: number) => void =
  kernel32.lazy('void __stdcall RtlFillMemory(void *Destination, size_t Length, int Fill)');

/**
 * memcpy, also where the two overlap. Either side may be an address or memory of JavaScript's own.
 *
 * https://learn.microsoft.com/windows/win32/devnotes/rtlmovememory
 */
export const RtlMoveMemory: (
  Destination: LPVOID | ArrayBufferView,
  Source: LPVOID | ArrayBufferView,
  Length: number,
) => void = kernel32.lazy('void __stdcall RtlMoveMemory(void *Destination, const void *Source, size_t Length)');
