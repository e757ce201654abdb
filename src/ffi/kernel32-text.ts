/** The code page of the system: what `char` text of native programs is in. */
import { kernel32 } from './kernel32-library.ts';
import type { DWORD } from './kernel32-types.ts';

export const CP_ACP = 0;
export const CP_UTF8 = 65_001;
export const MB_ERR_INVALID_CHARS = 0x8;
export const WC_NO_BEST_FIT_CHARS = 0x400;

/** https://learn.microsoft.com/windows/win32/api/winnls/nf-winnls-getacp */
export const GetACP: () => DWORD = kernel32.lazy('uint32_t __stdcall GetACP(void)');

/**
 * Answers how many characters were written, or are needed when `cchWideChar` is 0; 0 on failure.
 *
 * https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-multibytetowidechar
 */
export const MultiByteToWideChar: (
  CodePage: DWORD,
  dwFlags: DWORD,
  lpMultiByteStr: Uint8Array,
  cbMultiByte: number,
  lpWideCharStrOut: Uint16Array | null,
  cchWideChar: number,
) => number = kernel32.lazy(
  'int __stdcall MultiByteToWideChar(uint32_t CodePage, uint32_t dwFlags, const void *lpMultiByteStr, ' +
    'int cbMultiByte, void *lpWideCharStr, int cchWideChar)',
);

/**
 * Answers how many bytes were written, or are needed when `cbMultiByte` is 0; 0 on failure.
 *
 * https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-widechartomultibyte
 */
export const WideCharToMultiByte: (
  CodePage: DWORD,
  dwFlags: DWORD,
  lpWideCharStr: string,
  cchWideChar: number,
  lpMultiByteStrOut: Uint8Array | null,
  cbMultiByte: number,
  lpDefaultChar: Uint8Array | null,
  lpUsedDefaultCharOut: Int32Array | null,
) => number = kernel32.lazy(
  'int __stdcall WideCharToMultiByte(uint32_t CodePage, uint32_t dwFlags, const char16_t *lpWideCharStr, ' +
    'int cchWideChar, void *lpMultiByteStr, int cbMultiByte, const void *lpDefaultChar, void *lpUsedDefaultChar)',
);
