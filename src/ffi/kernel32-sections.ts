/** Sections (file mapping objects) and their views. */
import type { SECURITY_ATTRIBUTES } from './kernel32-layout.ts';
import { kernel32 } from './kernel32-library.ts';
import type { BOOL, DWORD, HANDLE, LPVOID } from './kernel32-types.ts';

export const PAGE_READONLY = 0x02;
export const PAGE_READWRITE = 0x04;
export const PAGE_WRITECOPY = 0x08;

export const SEC_COMMIT = 0x0800_0000;
export const SEC_RESERVE = 0x0400_0000;
export const SEC_LARGE_PAGES = 0x8000_0000;

export const FILE_MAP_COPY = 0x1;
export const FILE_MAP_WRITE = 0x2;
export const FILE_MAP_READ = 0x4;
export const FILE_MAP_ALL_ACCESS = 0x000f_001f;

const createFileMappingW: (
  hFile: HANDLE,
  lpFileMappingAttributes: DataView | null,
  flProtect: DWORD,
  dwMaximumSizeHigh: DWORD,
  dwMaximumSizeLow: DWORD,
  lpName: string | null,
) => HANDLE | null = kernel32.lazy(
  'void * __stdcall CreateFileMappingW(void *hFile, void *lpFileMappingAttributes, uint32_t flProtect, ' +
    'uint32_t dwMaximumSizeHigh, uint32_t dwMaximumSizeLow, const char16_t *lpName)',
);

/**
 * A section of a file, or of the paging file for INVALID_HANDLE_VALUE. Where the name is in use by a section, that one is
 * opened and GetLastError is ERROR_ALREADY_EXISTS; by an object of another kind: null and ERROR_INVALID_HANDLE.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-createfilemappingw
 */
export function CreateFileMappingW(
  hFile: HANDLE,
  lpFileMappingAttributes: SECURITY_ATTRIBUTES | null,
  flProtect: DWORD,
  dwMaximumSizeHigh: DWORD,
  dwMaximumSizeLow: DWORD,
  lpName: string | null,
): HANDLE | null {
  const attributes = lpFileMappingAttributes?.bytes ?? null;
  return createFileMappingW(hFile, attributes, flProtect, dwMaximumSizeHigh, dwMaximumSizeLow, lpName);
}

/** https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-openfilemappingw */
export const OpenFileMappingW: (dwDesiredAccess: DWORD, bInheritHandle: BOOL, lpName: string) => HANDLE | null =
  kernel32.lazy(
    'void * __stdcall OpenFileMappingW(uint32_t dwDesiredAccess, int bInheritHandle, const char16_t *lpName)',
  );

/**
 * The offset is a multiple of the allocation granularity (64 KiB), in two halves; 0 bytes are all to the end.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-mapviewoffile
 */
export const MapViewOfFile: (
  hFileMappingObject: HANDLE,
  dwDesiredAccess: DWORD,
  dwFileOffsetHigh: DWORD,
  dwFileOffsetLow: DWORD,
  dwNumberOfBytesToMap: number,
) => LPVOID | null = kernel32.lazy(
  'void * __stdcall MapViewOfFile(void *hFileMappingObject, uint32_t dwDesiredAccess, uint32_t dwFileOffsetHigh, ' +
    'uint32_t dwFileOffsetLow, size_t dwNumberOfBytesToMap)',
);

/**
 * The same at an address of the caller's choice, or null for any.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-mapviewoffileex
 */
export const MapViewOfFileEx: (
  hFileMappingObject: HANDLE,
  dwDesiredAccess: DWORD,
  dwFileOffsetHigh: DWORD,
  dwFileOffsetLow: DWORD,
  dwNumberOfBytesToMap: number,
  lpBaseAddress: LPVOID | null,
) => LPVOID | null = kernel32.lazy(
  'void * __stdcall MapViewOfFileEx(void *hFileMappingObject, uint32_t dwDesiredAccess, uint32_t dwFileOffsetHigh, ' +
    'uint32_t dwFileOffsetLow, size_t dwNumberOfBytesToMap, void *lpBaseAddress)',
);

/**
 * Takes the address that MapViewOfFile answered. Whoever still has an ArrayBuffer over it must have detached that first.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-unmapviewoffile
 */
export const UnmapViewOfFile: (lpBaseAddress: LPVOID) => BOOL = kernel32.lazy(
  'int __stdcall UnmapViewOfFile(const void *lpBaseAddress)',
);

/**
 * Starts writing the changed pages; FlushFileBuffers then waits for the disk. 0 bytes are all to the end of the view.
 *
 * https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-flushviewoffile
 */
export const FlushViewOfFile: (lpBaseAddress: LPVOID, dwNumberOfBytesToFlush: number) => BOOL = kernel32.lazy(
  'int __stdcall FlushViewOfFile(const void *lpBaseAddress, size_t dwNumberOfBytesToFlush)',
);

/**
 * FlushViewOfFile on a thread of the pool; 0 where it failed.
 * @internal
 */
export const flushViewOfFilePooled: (lpBaseAddress: LPVOID, dwNumberOfBytesToFlush: number) => Promise<BOOL> =
  kernel32.pooled<(lpBaseAddress: LPVOID, dwNumberOfBytesToFlush: number) => BOOL>(
    'int __stdcall FlushViewOfFile(const void *lpBaseAddress, size_t dwNumberOfBytesToFlush)',
  );
