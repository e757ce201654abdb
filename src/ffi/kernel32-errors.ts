/** What went wrong: the number of the last failure of this thread, and its text. */
import { kernel32 } from './kernel32-library.ts';
import type { DWORD, LPVOID } from './kernel32-types.ts';

export const ERROR_SUCCESS = 0;
export const ERROR_FILE_NOT_FOUND = 2;
export const ERROR_PATH_NOT_FOUND = 3;
export const ERROR_TOO_MANY_OPEN_FILES = 4;
export const ERROR_ACCESS_DENIED = 5;
export const ERROR_INVALID_HANDLE = 6;
export const ERROR_NOT_ENOUGH_MEMORY = 8;
export const ERROR_SHARING_VIOLATION = 32;
export const ERROR_LOCK_VIOLATION = 33;
export const ERROR_HANDLE_DISK_FULL = 39;
export const ERROR_NOT_SUPPORTED = 50;
export const ERROR_FILE_EXISTS = 80;
export const ERROR_INVALID_PARAMETER = 87;
export const ERROR_DISK_FULL = 112;
export const ERROR_CALL_NOT_IMPLEMENTED = 120;
export const ERROR_INSUFFICIENT_BUFFER = 122;
export const ERROR_INVALID_NAME = 123;
export const ERROR_PROC_NOT_FOUND = 127;
export const ERROR_NOT_LOCKED = 158;
export const ERROR_BAD_PATHNAME = 161;
export const ERROR_ALREADY_EXISTS = 183;
export const ERROR_FILENAME_EXCED_RANGE = 206;
export const ERROR_INVALID_ADDRESS = 487;
export const ERROR_FILE_INVALID = 1006;
export const ERROR_MAPPED_ALIGNMENT = 1132;
export const ERROR_USER_MAPPED_FILE = 1224;
export const ERROR_INVALID_SECURITY_DESCR = 1338;
export const ERROR_NO_SYSTEM_RESOURCES = 1450;
export const ERROR_WORKING_SET_QUOTA = 1453;
export const ERROR_COMMITMENT_LIMIT = 1455;

export const FORMAT_MESSAGE_ALLOCATE_BUFFER = 0x0000_0100;
export const FORMAT_MESSAGE_IGNORE_INSERTS = 0x0000_0200;
export const FORMAT_MESSAGE_FROM_SYSTEM = 0x0000_1000;
export const FORMAT_MESSAGE_MAX_WIDTH_MASK = 0x0000_00ff;

/**
 * The number of this thread's last failure. Right only directly after the call that failed: koffi keeps it from one native
 * call to the next, so what Node does in between does not touch it.
 *
 * https://learn.microsoft.com/windows/win32/api/errhandlingapi/nf-errhandlingapi-getlasterror
 */
export const GetLastError: () => DWORD = kernel32.lazy('uint32_t __stdcall GetLastError(void)');

/**
 * Writes a message into `lpBufferOut` and answers how many characters it has, without the NUL; 0 on failure.
 *
 * https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-formatmessagew
 */
export const FormatMessageW: (
  dwFlags: DWORD,
  lpSource: LPVOID | null,
  dwMessageId: DWORD,
  dwLanguageId: DWORD,
  lpBufferOut: Uint16Array,
  nSize: DWORD,
  Arguments: null,
) => DWORD = kernel32.lazy(
  'uint32_t __stdcall FormatMessageW(uint32_t dwFlags, void *lpSource, uint32_t dwMessageId, uint32_t dwLanguageId, ' +
    '_Out_ uint16_t *lpBuffer, uint32_t nSize, void *Arguments)',
);
/** The mutex belongs to another thread, or to none. */
export const ERROR_NOT_OWNER = 288;
/** The semaphore's maximum would be exceeded. */
export const ERROR_TOO_MANY_POSTS = 298;
