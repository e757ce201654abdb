/** Files: what has to be open before it can be mapped. */
import type { BY_HANDLE_FILE_INFORMATION, SECURITY_ATTRIBUTES } from './kernel32-layout.ts';
import { kernel32 } from './kernel32-library.ts';
import type { BOOL, DWORD, HANDLE } from './kernel32-types.ts';

export const GENERIC_READ = 0x8000_0000;
export const GENERIC_WRITE = 0x4000_0000;

export const FILE_SHARE_READ = 0x1;
export const FILE_SHARE_WRITE = 0x2;
export const FILE_SHARE_DELETE = 0x4;

export const CREATE_NEW = 1;
export const CREATE_ALWAYS = 2;
export const OPEN_EXISTING = 3;
export const OPEN_ALWAYS = 4;
export const TRUNCATE_EXISTING = 5;

export const FILE_ATTRIBUTE_READONLY = 0x1;
export const FILE_ATTRIBUTE_DIRECTORY = 0x10;
export const FILE_ATTRIBUTE_NORMAL = 0x80;
export const FILE_FLAG_DELETE_ON_CLOSE = 0x0400_0000;
export const INVALID_FILE_ATTRIBUTES = 0xffff_ffff;

export const FILE_TYPE_UNKNOWN = 0;
export const FILE_TYPE_DISK = 1;
export const FILE_TYPE_CHAR = 2;
export const FILE_TYPE_PIPE = 3;

export const FILE_BEGIN = 0;
export const FILE_CURRENT = 1;
export const FILE_END = 2;

const createFileW: (
  lpFileName: string,
  dwDesiredAccess: DWORD,
  dwShareMode: DWORD,
  lpSecurityAttributes: DataView | null,
  dwCreationDisposition: DWORD,
  dwFlagsAndAttributes: DWORD,
  hTemplateFile: HANDLE | null,
) => HANDLE = kernel32.lazy(
  'void * __stdcall CreateFileW(const char16_t *lpFileName, uint32_t dwDesiredAccess, uint32_t dwShareMode, ' +
    'void *lpSecurityAttributes, uint32_t dwCreationDisposition, uint32_t dwFlagsAndAttributes, void *hTemplateFile)',
);

/**
 * Answers INVALID_HANDLE_VALUE, not null, on failure.
 *
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew
 */
export function CreateFileW(
  lpFileName: string,
  dwDesiredAccess: DWORD,
  dwShareMode: DWORD,
  lpSecurityAttributes: SECURITY_ATTRIBUTES | null,
  dwCreationDisposition: DWORD,
  dwFlagsAndAttributes: DWORD,
  hTemplateFile: HANDLE | null,
): HANDLE {
  const attributes = lpSecurityAttributes?.bytes ?? null;
  return createFileW(
    lpFileName,
    dwDesiredAccess,
    dwShareMode,
    attributes,
    dwCreationDisposition,
    dwFlagsAndAttributes,
    hTemplateFile,
  );
}

/** https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-readfile */
export const ReadFile: (
  hFile: HANDLE,
  lpBufferOut: ArrayBufferView,
  nNumberOfBytesToRead: DWORD,
  lpNumberOfBytesReadOut: Uint32Array | null,
  lpOverlapped: null,
) => BOOL = kernel32.lazy(
  'int __stdcall ReadFile(void *hFile, void *lpBuffer, uint32_t nNumberOfBytesToRead, void *lpNumberOfBytesRead, ' +
    'void *lpOverlapped)',
);

/** https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-writefile */
export const WriteFile: (
  hFile: HANDLE,
  lpBuffer: ArrayBufferView,
  nNumberOfBytesToWrite: DWORD,
  lpNumberOfBytesWrittenOut: Uint32Array | null,
  lpOverlapped: null,
) => BOOL = kernel32.lazy(
  'int __stdcall WriteFile(void *hFile, const void *lpBuffer, uint32_t nNumberOfBytesToWrite, ' +
    'void *lpNumberOfBytesWritten, void *lpOverlapped)',
);

/** https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfilepointerex */
export const SetFilePointerEx: (
  hFile: HANDLE,
  liDistanceToMove: number | bigint,
  lpNewFilePointerOut: BigInt64Array | null,
  dwMoveMethod: DWORD,
) => BOOL = kernel32.lazy(
  'int __stdcall SetFilePointerEx(void *hFile, int64_t liDistanceToMove, void *lpNewFilePointer, uint32_t dwMoveMethod)',
);

/**
 * Cuts or grows the file to where its pointer stands.
 *
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setendoffile
 */
export const SetEndOfFile: (hFile: HANDLE) => BOOL = kernel32.lazy('int __stdcall SetEndOfFile(void *hFile)');

/** https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfilesizeex */
export const GetFileSizeEx: (hFile: HANDLE, lpFileSizeOut: BigInt64Array) => BOOL = kernel32.lazy(
  'int __stdcall GetFileSizeEx(void *hFile, void *lpFileSize)',
);

/**
 * Makes the system hand what it has buffered for the file to the disk.
 *
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-flushfilebuffers
 */
export const FlushFileBuffers: (hFile: HANDLE) => BOOL = kernel32.lazy('int __stdcall FlushFileBuffers(void *hFile)');

/**
 * FlushFileBuffers on a thread of the pool; 0 where it failed.
 * @internal
 */
export const flushFileBuffersPooled: (hFile: HANDLE) => Promise<BOOL> = kernel32.pooled<(hFile: HANDLE) => BOOL>(
  'int __stdcall FlushFileBuffers(void *hFile)',
);

/**
 * A disk, a console, a pipe?
 *
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfiletype
 */
export const GetFileType: (hFile: HANDLE) => DWORD = kernel32.lazy('uint32_t __stdcall GetFileType(void *hFile)');

const getFileInformationByHandle: (hFile: HANDLE, lpFileInformation: DataView) => BOOL = kernel32.lazy(
  'int __stdcall GetFileInformationByHandle(void *hFile, void *lpFileInformation)',
);

/**
 * What identifies a file whatever it is called: volume and index.
 *
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfileinformationbyhandle
 */
export function GetFileInformationByHandle(hFile: HANDLE, lpFileInformationOut: BY_HANDLE_FILE_INFORMATION): BOOL {
  return getFileInformationByHandle(hFile, lpFileInformationOut.bytes);
}

/**
 * Answers INVALID_FILE_ATTRIBUTES on failure. Tells a directory from a file that may not be opened: CreateFileW says
 * ERROR_ACCESS_DENIED of both.
 *
 * https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getfileattributesw
 */
export const GetFileAttributesW: (lpFileName: string) => DWORD = kernel32.lazy(
  'uint32_t __stdcall GetFileAttributesW(const char16_t *lpFileName)',
);

/** https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfileattributesw */
export const SetFileAttributesW: (lpFileName: string, dwFileAttributes: DWORD) => BOOL = kernel32.lazy(
  'int __stdcall SetFileAttributesW(const char16_t *lpFileName, uint32_t dwFileAttributes)',
);
