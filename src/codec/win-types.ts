import { type Abi, hostAbi } from './abi.ts';
import { booleanForm } from './boolean-form.ts';
import { cTypes } from './c-types.ts';
import { char, type StringCodec } from './char.ts';
import type { Codec } from './codec.ts';
import { formIn, makeCodec } from './make-codec.ts';
import type { StructCodec } from './record-types.ts';
import { numberForm, type ScalarKind } from './scalar-form.ts';
import { type ScalarCodec, u32 } from './scalars.ts';
import type { StringOptions } from './string-form.ts';
import { structOn } from './struct.ts';
import { wtextOn } from './wide-strings.ts';

/**
 * The types of windows.h by their names, so that a header can be followed line by line.
 *
 * They keep their Windows sizes under every target: LONG has 4 bytes also where C's own long has 8, and WCHAR has 2.
 * Only what holds a pointer differs, and what 8-byte integers are aligned to (sysv32: 4).
 *
 * https://learn.microsoft.com/windows/win32/winprog/windows-data-types
 */
export interface WinTypes {
  /** Unsigned char. 1 byte under every ABI. */
  readonly BYTE: ScalarCodec<number>;
  /** Unsigned char. 1 byte under every ABI. */
  readonly UCHAR: ScalarCodec<number>;
  /** Signed char. 1 byte under every ABI. */
  readonly INT8: ScalarCodec<number>;
  /** Unsigned char. 1 byte under every ABI. */
  readonly UINT8: ScalarCodec<number>;
  /** One ANSI char as a number; for text see `CHAR(n)`. 1 byte under every ABI. */
  readonly CCHAR: ScalarCodec<number>;
  /** BYTE that is TRUE or FALSE. 1 byte under every ABI. */
  readonly BOOLEAN: ScalarCodec<boolean>;
  /** Unsigned short. 2 bytes under every ABI. */
  readonly WORD: ScalarCodec<number>;
  /** Short. 2 bytes under every ABI. */
  readonly SHORT: ScalarCodec<number>;
  /** Unsigned short. 2 bytes under every ABI. */
  readonly USHORT: ScalarCodec<number>;
  /** Signed 16 bits. 2 bytes under every ABI. */
  readonly INT16: ScalarCodec<number>;
  /** Unsigned 16 bits. 2 bytes under every ABI. */
  readonly UINT16: ScalarCodec<number>;
  /** WORD that names a string. 2 bytes under every ABI. */
  readonly ATOM: ScalarCodec<number>;
  /** WORD that names a language. 2 bytes under every ABI. */
  readonly LANGID: ScalarCodec<number>;
  /** Unsigned long. 4 bytes under every ABI. */
  readonly DWORD: ScalarCodec<number>;
  /** Long, 4 bytes also where C's own long has 8. 4 bytes under every ABI. */
  readonly LONG: ScalarCodec<number>;
  /** Unsigned long. 4 bytes under every ABI. */
  readonly ULONG: ScalarCodec<number>;
  /** Int. 4 bytes under every ABI. */
  readonly INT: ScalarCodec<number>;
  /** Unsigned int. 4 bytes under every ABI. */
  readonly UINT: ScalarCodec<number>;
  /** Signed 32 bits. 4 bytes under every ABI. */
  readonly INT32: ScalarCodec<number>;
  /** Unsigned 32 bits. 4 bytes under every ABI. */
  readonly UINT32: ScalarCodec<number>;
  /** Signed 32 bits. 4 bytes under every ABI. */
  readonly LONG32: ScalarCodec<number>;
  /** Unsigned 32 bits. 4 bytes under every ABI. */
  readonly ULONG32: ScalarCodec<number>;
  /** Unsigned 32 bits. 4 bytes under every ABI. */
  readonly DWORD32: ScalarCodec<number>;
  /** DWORD of 0x00bbggrr. 4 bytes under every ABI. */
  readonly COLORREF: ScalarCodec<number>;
  /** DWORD that names a locale. 4 bytes under every ABI. */
  readonly LCID: ScalarCodec<number>;
  /** LONG, negative for failures. 4 bytes under every ABI. */
  readonly HRESULT: ScalarCodec<number>;
  /** LONG, negative for failures. 4 bytes under every ABI. */
  readonly NTSTATUS: ScalarCodec<number>;
  /** Float. 4 bytes under every ABI. */
  readonly FLOAT: ScalarCodec<number>;
  /** Double. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly DOUBLE: ScalarCodec<number>;
  /** Signed 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly INT64: ScalarCodec<bigint>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly UINT64: ScalarCodec<bigint>;
  /** Signed 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly LONG64: ScalarCodec<bigint>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly ULONG64: ScalarCodec<bigint>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly DWORD64: ScalarCodec<bigint>;
  /** Signed 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly LONGLONG: ScalarCodec<bigint>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly ULONGLONG: ScalarCodec<bigint>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly DWORDLONG: ScalarCodec<bigint>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly QWORD: ScalarCodec<bigint>;
  /** The union's QuadPart, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly LARGE_INTEGER: ScalarCodec<bigint>;
  /** The union's QuadPart, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly ULARGE_INTEGER: ScalarCodec<bigint>;
  /** Int that is TRUE or FALSE. 4 bytes under every ABI. */
  readonly BOOL: ScalarCodec<boolean>;
  /** Unsigned, as a number. 8 bytes, under the 32-bit ABIs 4. */
  readonly SIZE_T: ScalarCodec<number>;
  /** Signed, as a number. 8 bytes, under the 32-bit ABIs 4. */
  readonly SSIZE_T: ScalarCodec<number>;
  /** Unsigned, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly DWORD_PTR: ScalarCodec<bigint>;
  /** Unsigned, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly ULONG_PTR: ScalarCodec<bigint>;
  /** Unsigned, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly UINT_PTR: ScalarCodec<bigint>;
  /** Signed, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly LONG_PTR: ScalarCodec<bigint>;
  /** Signed, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly INT_PTR: ScalarCodec<bigint>;
  /** UINT_PTR. 8 bytes, under the 32-bit ABIs 4. */
  readonly WPARAM: ScalarCodec<bigint>;
  /** LONG_PTR. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPARAM: ScalarCodec<bigint>;
  /** LONG_PTR. 8 bytes, under the 32-bit ABIs 4. */
  readonly LRESULT: ScalarCodec<bigint>;
  /** A kernel object's handle, as a bigint; it means nothing in another process. 8 bytes, under the 32-bit ABIs 4. */
  readonly HANDLE: ScalarCodec<bigint>;
  /** A window's handle, the same in every process. 8 bytes, under the 32-bit ABIs 4. */
  readonly HWND: ScalarCodec<bigint>;
  /** A module's address. 8 bytes, under the 32-bit ABIs 4. */
  readonly HMODULE: ScalarCodec<bigint>;
  /** A module's address. 8 bytes, under the 32-bit ABIs 4. */
  readonly HINSTANCE: ScalarCodec<bigint>;
  /** A device context's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HDC: ScalarCodec<bigint>;
  /** An address. 8 bytes, under the 32-bit ABIs 4. */
  readonly PVOID: ScalarCodec<bigint>;
  /** An address. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPVOID: ScalarCodec<bigint>;
  /** An address of text. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPSTR: ScalarCodec<bigint>;
  /** An address of text. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPWSTR: ScalarCodec<bigint>;
  /** Two DWORDs, aligned to 4, of 100 ns since 1601. 8 bytes under every ABI. See `fileTimeToDate`. */
  readonly FILETIME: FileTimeCodec;
  /** `CHAR name[length]`: text in the ANSI code page (`'system'`) unless told otherwise. */
  CHAR(length: number, encoding?: Parameters<typeof char>[1], options?: StringOptions): StringCodec;
  /** `WCHAR name[length]`: UTF-16 under every ABI. */
  WCHAR(length: number, options?: StringOptions): StringCodec;
  /** `TCHAR name[length]` of a Unicode build. */
  TCHAR(length: number, options?: StringOptions): StringCodec;
}

type FileTimeFields = { readonly dwLowDateTime: ScalarCodec<number>; readonly dwHighDateTime: ScalarCodec<number> };

/** The codec of FILETIME. */
export type FileTimeCodec = StructCodec<FileTimeFields>;

/** The types of windows.h under an ABI. */
export function winTypes(abi: Abi): WinTypes {
  const c = cTypes(abi);
  const as = <T>(codec: Codec<T, unknown, T>, label: string) =>
    makeCodec({ ...formIn(codec, 'win'), label }) as unknown as ScalarCodec<T>;
  const number = (kind: ScalarKind, label: string) =>
    makeCodec(numberForm(kind, true, label)) as unknown as ScalarCodec<number>;
  const bigint = (kind: ScalarKind, label: string) =>
    makeCodec(numberForm(kind, true, label)) as unknown as ScalarCodec<bigint>;
  return {
    BYTE: number('u8', 'BYTE'),
    UCHAR: number('u8', 'UCHAR'),
    INT8: number('i8', 'INT8'),
    UINT8: number('u8', 'UINT8'),
    CCHAR: number('i8', 'CCHAR'),
    BOOLEAN: makeCodec(booleanForm('u8', 'BOOLEAN')),
    WORD: number('u16', 'WORD'),
    SHORT: number('i16', 'SHORT'),
    USHORT: number('u16', 'USHORT'),
    INT16: number('i16', 'INT16'),
    UINT16: number('u16', 'UINT16'),
    ATOM: number('u16', 'ATOM'),
    LANGID: number('u16', 'LANGID'),
    DWORD: number('u32', 'DWORD'),
    LONG: number('i32', 'LONG'),
    ULONG: number('u32', 'ULONG'),
    INT: number('i32', 'INT'),
    UINT: number('u32', 'UINT'),
    INT32: number('i32', 'INT32'),
    UINT32: number('u32', 'UINT32'),
    LONG32: number('i32', 'LONG32'),
    ULONG32: number('u32', 'ULONG32'),
    DWORD32: number('u32', 'DWORD32'),
    COLORREF: number('u32', 'COLORREF'),
    LCID: number('u32', 'LCID'),
    HRESULT: number('i32', 'HRESULT'),
    NTSTATUS: number('i32', 'NTSTATUS'),
    FLOAT: number('f32', 'FLOAT'),
    DOUBLE: number('f64', 'DOUBLE'),
    INT64: bigint('i64', 'INT64'),
    UINT64: bigint('u64', 'UINT64'),
    LONG64: bigint('i64', 'LONG64'),
    ULONG64: bigint('u64', 'ULONG64'),
    DWORD64: bigint('u64', 'DWORD64'),
    LONGLONG: bigint('i64', 'LONGLONG'),
    ULONGLONG: bigint('u64', 'ULONGLONG'),
    DWORDLONG: bigint('u64', 'DWORDLONG'),
    QWORD: bigint('u64', 'QWORD'),
    LARGE_INTEGER: bigint('i64', 'LARGE_INTEGER'),
    ULARGE_INTEGER: bigint('u64', 'ULARGE_INTEGER'),
    BOOL: makeCodec(booleanForm('i32', 'BOOL')),
    SIZE_T: as(c.size_t, 'SIZE_T'),
    SSIZE_T: as(c.ssize_t, 'SSIZE_T'),
    DWORD_PTR: as(c.uintptr_t, 'DWORD_PTR'),
    ULONG_PTR: as(c.uintptr_t, 'ULONG_PTR'),
    UINT_PTR: as(c.uintptr_t, 'UINT_PTR'),
    LONG_PTR: as(c.intptr_t, 'LONG_PTR'),
    INT_PTR: as(c.intptr_t, 'INT_PTR'),
    WPARAM: as(c.uintptr_t, 'WPARAM'),
    LPARAM: as(c.intptr_t, 'LPARAM'),
    LRESULT: as(c.intptr_t, 'LRESULT'),
    HANDLE: as(c.uintptr_t, 'HANDLE'),
    HWND: as(c.uintptr_t, 'HWND'),
    HMODULE: as(c.uintptr_t, 'HMODULE'),
    HINSTANCE: as(c.uintptr_t, 'HINSTANCE'),
    HDC: as(c.uintptr_t, 'HDC'),
    PVOID: as(c.uintptr_t, 'PVOID'),
    LPVOID: as(c.uintptr_t, 'LPVOID'),
    LPSTR: as(c.uintptr_t, 'LPSTR'),
    LPWSTR: as(c.uintptr_t, 'LPWSTR'),
    FILETIME: structOn(abi, 'FILETIME', { dwLowDateTime: u32, dwHighDateTime: u32 }, {}),
    CHAR: (length, encoding = 'system', options = {}) => char(length, encoding, options),
    WCHAR: (length, options = {}) => wtextOn('WCHAR', length, options),
    TCHAR: (length, options = {}) => wtextOn('TCHAR', length, options),
  };
}

/** {@link WinTypes} of this machine; take `target('msvc64').win` for the layout of a 64-bit Windows program elsewhere. */
export const win: WinTypes = winTypes(hostAbi);

/** 100 ns units between 1601 and 1970. */
const EPOCH = 116_444_736_000_000_000n;

/** The moment of a FILETIME, to the millisecond. */
export function fileTimeToDate(time: { readonly dwLowDateTime: number; readonly dwHighDateTime: number }): Date {
  const units = (BigInt(time.dwHighDateTime) << 32n) | BigInt(time.dwLowDateTime);
  return new Date(Number((units - EPOCH) / 10_000n));
}

/** The FILETIME of a moment. */
export function dateToFileTime(date: Date): { dwLowDateTime: number; dwHighDateTime: number } {
  const units = BigInt(date.getTime()) * 10_000n + EPOCH;
  return { dwLowDateTime: Number(units & 0xffff_ffffn), dwHighDateTime: Number(units >> 32n) };
}
