/**
 * What `char(n, 'system')` means on this system: on Windows the ANSI code page, elsewhere UTF-8.
 *
 * Importing this file registers it: the codecs are pure and ask nobody by themselves.
 */
import { system } from '../base/host.ts';
import { registerSystemText, type SystemText } from '../codec/encodings.ts';
import {
  CP_ACP,
  GetACP,
  MultiByteToWideChar,
  WC_NO_BEST_FIT_CHARS,
  WideCharToMultiByte,
} from '../ffi/kernel32-text.ts';

if (system === 'windows') registerSystemText(windowsText);

function windowsText(): SystemText {
  return { codePage: GetACP(), decode, encode };
}

// SAFETY: both calls get the lengths of the very buffers that they get, so neither reads nor writes past one.

/** https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-multibytetowidechar */
function decode(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  const length = MultiByteToWideChar(CP_ACP, 0, bytes, bytes.length, null, 0);
  const units = new Uint16Array(length);
  MultiByteToWideChar(CP_ACP, 0, bytes, bytes.length, units, length);
  return Buffer.from(units.buffer).toString('utf16le');
}

/** https://learn.microsoft.com/windows/win32/api/stringapiset/nf-stringapiset-widechartomultibyte */
function encode(text: string): Uint8Array | undefined {
  if (text === '') return new Uint8Array(0);
  // A UTF-8 code page takes neither flag nor a report of replaced characters (ERROR_INVALID_PARAMETER, ERROR_INVALID_FLAGS).
  if (GetACP() === 65_001) return Buffer.from(text);
  const length = WideCharToMultiByte(CP_ACP, WC_NO_BEST_FIT_CHARS, text, text.length, null, 0, null, null);
  const bytes = new Uint8Array(length);
  const replaced = new Int32Array(1);
  WideCharToMultiByte(CP_ACP, WC_NO_BEST_FIT_CHARS, text, text.length, bytes, length, null, replaced);
  return replaced[0] === 0 ? bytes : undefined;
}
