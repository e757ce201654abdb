import { show } from '../base/show.ts';
import { type Abi, hostAbi } from './abi.ts';
import { booleanForm } from './boolean-form.ts';
import { type BytesCodec, bytes } from './bytes.ts';
import { cTypes } from './c-types.ts';
import { char, type StringCodec } from './char.ts';
import type { IntegerBits, IntegerCodec } from './integer-types.ts';
import { formIn, integerCodec, makeCodec } from './make-codec.ts';
import { pointerOn, wordOn } from './pointer.ts';
import type { StructCodec } from './record-types.ts';
import { numberForm, type ScalarKind } from './scalar-form.ts';
import { i32, type ScalarCodec, u16, u32 } from './scalars.ts';
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
  readonly BYTE: IntegerCodec<number, 8>;
  /** Unsigned char. 1 byte under every ABI. */
  readonly UCHAR: IntegerCodec<number, 8>;
  /** Signed char. 1 byte under every ABI. */
  readonly INT8: IntegerCodec<number, 8>;
  /** Unsigned char. 1 byte under every ABI. */
  readonly UINT8: IntegerCodec<number, 8>;
  /** One ANSI char as a number; for text see `CHAR(n)`. 1 byte under every ABI. */
  readonly CCHAR: IntegerCodec<number, 8>;
  /** BYTE that is TRUE or FALSE. 1 byte under every ABI. */
  readonly BOOLEAN: IntegerCodec<boolean, 8>;
  /** Unsigned short. 2 bytes under every ABI. */
  readonly WORD: IntegerCodec<number, 16>;
  /** Short. 2 bytes under every ABI. */
  readonly SHORT: IntegerCodec<number, 16>;
  /** Unsigned short. 2 bytes under every ABI. */
  readonly USHORT: IntegerCodec<number, 16>;
  /** Signed 16 bits. 2 bytes under every ABI. */
  readonly INT16: IntegerCodec<number, 16>;
  /** Unsigned 16 bits. 2 bytes under every ABI. */
  readonly UINT16: IntegerCodec<number, 16>;
  /** WORD that names a string. 2 bytes under every ABI. */
  readonly ATOM: IntegerCodec<number, 16>;
  /** WORD that names a language. 2 bytes under every ABI. */
  readonly LANGID: IntegerCodec<number, 16>;
  /** Unsigned long. 4 bytes under every ABI. */
  readonly DWORD: IntegerCodec<number, 32>;
  /** Long, 4 bytes also where C's own long has 8. 4 bytes under every ABI. */
  readonly LONG: IntegerCodec<number, 32>;
  /** Unsigned long. 4 bytes under every ABI. */
  readonly ULONG: IntegerCodec<number, 32>;
  /** Int. 4 bytes under every ABI. */
  readonly INT: IntegerCodec<number, 32>;
  /** Unsigned int. 4 bytes under every ABI. */
  readonly UINT: IntegerCodec<number, 32>;
  /** Signed 32 bits. 4 bytes under every ABI. */
  readonly INT32: IntegerCodec<number, 32>;
  /** Unsigned 32 bits. 4 bytes under every ABI. */
  readonly UINT32: IntegerCodec<number, 32>;
  /** Signed 32 bits. 4 bytes under every ABI. */
  readonly LONG32: IntegerCodec<number, 32>;
  /** Unsigned 32 bits. 4 bytes under every ABI. */
  readonly ULONG32: IntegerCodec<number, 32>;
  /** Unsigned 32 bits. 4 bytes under every ABI. */
  readonly DWORD32: IntegerCodec<number, 32>;
  /** DWORD of 0x00bbggrr. 4 bytes under every ABI. */
  readonly COLORREF: IntegerCodec<number, 32>;
  /** DWORD that names a locale. 4 bytes under every ABI. */
  readonly LCID: IntegerCodec<number, 32>;
  /** LONG, negative for failures. 4 bytes under every ABI. */
  readonly HRESULT: IntegerCodec<number, 32>;
  /** LONG, negative for failures. 4 bytes under every ABI. */
  readonly NTSTATUS: IntegerCodec<number, 32>;
  /** Float. 4 bytes under every ABI. */
  readonly FLOAT: ScalarCodec<number>;
  /** Double. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly DOUBLE: ScalarCodec<number>;
  /** Signed 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly INT64: IntegerCodec<bigint, 64>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly UINT64: IntegerCodec<bigint, 64>;
  /** Signed 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly LONG64: IntegerCodec<bigint, 64>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly ULONG64: IntegerCodec<bigint, 64>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly DWORD64: IntegerCodec<bigint, 64>;
  /** Signed 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly LONGLONG: IntegerCodec<bigint, 64>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly ULONGLONG: IntegerCodec<bigint, 64>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly DWORDLONG: IntegerCodec<bigint, 64>;
  /** Unsigned 64 bits, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly QWORD: IntegerCodec<bigint, 64>;
  /** The union's QuadPart, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly LARGE_INTEGER: IntegerCodec<bigint, 64>;
  /** The union's QuadPart, as a bigint. 8 bytes under every ABI, aligned to 8 (sysv32: 4). */
  readonly ULARGE_INTEGER: IntegerCodec<bigint, 64>;
  /** Int that is TRUE or FALSE. 4 bytes under every ABI. */
  readonly BOOL: IntegerCodec<boolean, 32>;
  /** Unsigned, as a number. 8 bytes, under the 32-bit ABIs 4. */
  readonly SIZE_T: IntegerCodec<number, 32 | 64>;
  /** Signed, as a number. 8 bytes, under the 32-bit ABIs 4. */
  readonly SSIZE_T: IntegerCodec<number, 32 | 64>;
  /** Unsigned, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly DWORD_PTR: IntegerCodec<bigint, 32 | 64>;
  /** Unsigned, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly ULONG_PTR: IntegerCodec<bigint, 32 | 64>;
  /** Unsigned, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly UINT_PTR: IntegerCodec<bigint, 32 | 64>;
  /** Signed, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly LONG_PTR: IntegerCodec<bigint, 32 | 64>;
  /** Signed, as a bigint. 8 bytes, under the 32-bit ABIs 4. */
  readonly INT_PTR: IntegerCodec<bigint, 32 | 64>;
  /** UINT_PTR. 8 bytes, under the 32-bit ABIs 4. */
  readonly WPARAM: IntegerCodec<bigint, 32 | 64>;
  /** LONG_PTR. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPARAM: IntegerCodec<bigint, 32 | 64>;
  /** LONG_PTR. 8 bytes, under the 32-bit ABIs 4. */
  readonly LRESULT: IntegerCodec<bigint, 32 | 64>;
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
  /** A registry key's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HKEY: ScalarCodec<bigint>;
  /** A menu's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HMENU: ScalarCodec<bigint>;
  /** An icon's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HICON: ScalarCodec<bigint>;
  /** A cursor's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HCURSOR: ScalarCodec<bigint>;
  /** A bitmap's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HBITMAP: ScalarCodec<bigint>;
  /** A brush's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HBRUSH: ScalarCodec<bigint>;
  /** A font's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HFONT: ScalarCodec<bigint>;
  /** A memory block's handle. 8 bytes, under the 32-bit ABIs 4. */
  readonly HGLOBAL: ScalarCodec<bigint>;
  /** An address. 8 bytes, under the 32-bit ABIs 4. */
  readonly PVOID: ScalarCodec<bigint>;
  /** An address. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPVOID: ScalarCodec<bigint>;
  /** An address of text. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPSTR: ScalarCodec<bigint>;
  /** An address of text. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPWSTR: ScalarCodec<bigint>;
  /** An address. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPCVOID: ScalarCodec<bigint>;
  /** An address of text. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPCSTR: ScalarCodec<bigint>;
  /** An address of text. 8 bytes, under the 32-bit ABIs 4. */
  readonly LPCWSTR: ScalarCodec<bigint>;
  /** Two LONGs: `x`, `y`. 8 bytes under every ABI, aligned to 4. */
  readonly POINT: PointCodec;
  /** Two LONGs: `cx`, `cy`. 8 bytes under every ABI, aligned to 4. */
  readonly SIZE: SizeCodec;
  /** Four LONGs: `left`, `top`, `right`, `bottom`. 16 bytes under every ABI, aligned to 4. */
  readonly RECT: RectCodec;
  /** DWORD, two WORDs, 8 bytes: `Data1` to `Data4`. 16 bytes under every ABI, aligned to 4. */
  readonly GUID: GuidCodec;
  /** Eight WORDs, from `wYear` to `wMilliseconds`. 16 bytes under every ABI, aligned to 2. */
  readonly SYSTEMTIME: SystemTimeCodec;
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

type Words<Names extends string> = { readonly [N in Names]: ScalarCodec<number> };

/** The codec of POINT. */
export type PointCodec = StructCodec<Words<'x' | 'y'>>;

/** The codec of SIZE. */
export type SizeCodec = StructCodec<Words<'cx' | 'cy'>>;

/** The codec of RECT. */
export type RectCodec = StructCodec<Words<'left' | 'top' | 'right' | 'bottom'>>;

/** The codec of GUID. */
export type GuidCodec = StructCodec<Words<'Data1' | 'Data2' | 'Data3'> & { readonly Data4: BytesCodec }>;

/** The codec of SYSTEMTIME. */
export type SystemTimeCodec = StructCodec<
  Words<'wYear' | 'wMonth' | 'wDayOfWeek' | 'wDay' | 'wHour' | 'wMinute' | 'wSecond' | 'wMilliseconds'>
>;

/** The types of windows.h under an ABI. */
export function winTypes(abi: Abi): WinTypes {
  const c = cTypes(abi);
  const integer = <T, Bits extends IntegerBits>(kind: ScalarKind, label: string) =>
    integerCodec<T, Bits>(numberForm(kind, true, label, kind.endsWith('64') ? abi : undefined));
  const size = (codec: IntegerCodec<number, 32 | 64>, label: string): typeof codec =>
    integerCodec({ ...formIn(codec, 'win'), label });
  return {
    BYTE: integer('u8', 'BYTE'),
    UCHAR: integer('u8', 'UCHAR'),
    INT8: integer('i8', 'INT8'),
    UINT8: integer('u8', 'UINT8'),
    CCHAR: integer('i8', 'CCHAR'),
    BOOLEAN: integerCodec(booleanForm('u8', 'BOOLEAN')),
    WORD: integer('u16', 'WORD'),
    SHORT: integer('i16', 'SHORT'),
    USHORT: integer('u16', 'USHORT'),
    INT16: integer('i16', 'INT16'),
    UINT16: integer('u16', 'UINT16'),
    ATOM: integer('u16', 'ATOM'),
    LANGID: integer('u16', 'LANGID'),
    DWORD: integer('u32', 'DWORD'),
    LONG: integer('i32', 'LONG'),
    ULONG: integer('u32', 'ULONG'),
    INT: integer('i32', 'INT'),
    UINT: integer('u32', 'UINT'),
    INT32: integer('i32', 'INT32'),
    UINT32: integer('u32', 'UINT32'),
    LONG32: integer('i32', 'LONG32'),
    ULONG32: integer('u32', 'ULONG32'),
    DWORD32: integer('u32', 'DWORD32'),
    COLORREF: integer('u32', 'COLORREF'),
    LCID: integer('u32', 'LCID'),
    HRESULT: integer('i32', 'HRESULT'),
    NTSTATUS: integer('i32', 'NTSTATUS'),
    FLOAT: makeCodec(numberForm('f32', true, 'FLOAT')),
    DOUBLE: makeCodec(numberForm('f64', true, 'DOUBLE', abi)),
    INT64: integer('i64', 'INT64'),
    UINT64: integer('u64', 'UINT64'),
    LONG64: integer('i64', 'LONG64'),
    ULONG64: integer('u64', 'ULONG64'),
    DWORD64: integer('u64', 'DWORD64'),
    LONGLONG: integer('i64', 'LONGLONG'),
    ULONGLONG: integer('u64', 'ULONGLONG'),
    DWORDLONG: integer('u64', 'DWORDLONG'),
    QWORD: integer('u64', 'QWORD'),
    LARGE_INTEGER: integer('i64', 'LARGE_INTEGER'),
    ULARGE_INTEGER: integer('u64', 'ULARGE_INTEGER'),
    BOOL: integerCodec(booleanForm('i32', 'BOOL')),
    SIZE_T: size(c.size_t, 'SIZE_T'),
    SSIZE_T: size(c.ssize_t, 'SSIZE_T'),
    DWORD_PTR: wordOn(abi, 'DWORD_PTR'),
    ULONG_PTR: wordOn(abi, 'ULONG_PTR'),
    UINT_PTR: wordOn(abi, 'UINT_PTR'),
    LONG_PTR: wordOn(abi, 'LONG_PTR', true),
    INT_PTR: wordOn(abi, 'INT_PTR', true),
    WPARAM: wordOn(abi, 'WPARAM'),
    LPARAM: wordOn(abi, 'LPARAM', true),
    LRESULT: wordOn(abi, 'LRESULT', true),
    HANDLE: pointerOn(abi, 'HANDLE'),
    HWND: pointerOn(abi, 'HWND'),
    HMODULE: pointerOn(abi, 'HMODULE'),
    HINSTANCE: pointerOn(abi, 'HINSTANCE'),
    HDC: pointerOn(abi, 'HDC'),
    HKEY: pointerOn(abi, 'HKEY'),
    HMENU: pointerOn(abi, 'HMENU'),
    HICON: pointerOn(abi, 'HICON'),
    HCURSOR: pointerOn(abi, 'HCURSOR'),
    HBITMAP: pointerOn(abi, 'HBITMAP'),
    HBRUSH: pointerOn(abi, 'HBRUSH'),
    HFONT: pointerOn(abi, 'HFONT'),
    HGLOBAL: pointerOn(abi, 'HGLOBAL'),
    LPCVOID: pointerOn(abi, 'LPCVOID'),
    LPCSTR: pointerOn(abi, 'LPCSTR'),
    LPCWSTR: pointerOn(abi, 'LPCWSTR'),
    PVOID: pointerOn(abi, 'PVOID'),
    LPVOID: pointerOn(abi, 'LPVOID'),
    LPSTR: pointerOn(abi, 'LPSTR'),
    LPWSTR: pointerOn(abi, 'LPWSTR'),
    POINT: structOn(abi, 'POINT', { x: i32, y: i32 }, {}),
    SIZE: structOn(abi, 'SIZE', { cx: i32, cy: i32 }, {}),
    RECT: structOn(abi, 'RECT', { left: i32, top: i32, right: i32, bottom: i32 }, {}),
    GUID: structOn(abi, 'GUID', { Data1: u32, Data2: u16, Data3: u16, Data4: bytes(8) }, {}),
    SYSTEMTIME: structOn(
      abi,
      'SYSTEMTIME',
      {
        wYear: u16,
        wMonth: u16,
        wDayOfWeek: u16,
        wDay: u16,
        wHour: u16,
        wMinute: u16,
        wSecond: u16,
        wMilliseconds: u16,
      },
      {},
    ),
    FILETIME: structOn(abi, 'FILETIME', { dwLowDateTime: u32, dwHighDateTime: u32 }, {}),
    CHAR: (length, encoding = 'system', options = {}) => char(length, encoding, options),
    WCHAR: (length, options = {}) => wtextOn('WCHAR', length, options),
    TCHAR: (length, options = {}) => wtextOn('TCHAR', length, options),
  };
}

/**
 * {@link WinTypes} of this machine; take `target('msvc64').win` for the layout of a 64-bit Windows program elsewhere.
 *
 * @example
 * ```ts
 * import { struct, win } from 'mapfile/codec';
 *
 * const Info = struct('info', { cb: win.DWORD, ok: win.BOOL, created: win.FILETIME, title: win.WCHAR(8) });
 * console.log(Info.byteLength, Info.offsetOf('created')); // 32 8
 * ```
 */
export const win: WinTypes = winTypes(hostAbi);

/** 100 ns units between 1601 and 1970. */
const EPOCH = 116_444_736_000_000_000n;

/** What 64 bits of 100 ns from 1601 on hold, in milliseconds from 1970 on: up to the year 60056. */
const [FIRST, LAST] = [-11_644_473_600_000, 1_833_029_933_770_955];

/**
 * The moment of a FILETIME (UTC), to the millisecond: what is finer is cut off.
 *
 * https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-filetime
 *
 * @example
 * ```ts
 * import { dateToFileTime, fileTimeToDate } from 'mapfile/codec';
 *
 * const time = dateToFileTime(new Date('2024-01-01T00:00:00Z'));
 * console.log(fileTimeToDate(time).toISOString()); // 2024-01-01T00:00:00.000Z
 * ```
 */
export function fileTimeToDate(time: { readonly dwLowDateTime: number; readonly dwHighDateTime: number }): Date {
  const units = (BigInt(time.dwHighDateTime) << 32n) | BigInt(time.dwLowDateTime);
  return new Date(Number((units - EPOCH) / 10_000n));
}

/**
 * The FILETIME of a moment.
 *
 * @throws RangeError for a date before 1601, after the year 60056, or invalid
 */
export function dateToFileTime(date: Date): { dwLowDateTime: number; dwHighDateTime: number } {
  const time = date.getTime();
  if (!(time >= FIRST && time <= LAST)) {
    throw new RangeError(`Cannot make a FILETIME: date is ${show(time)}, expected ${FIRST} to ${LAST} milliseconds`);
  }
  const units = BigInt(time) * 10_000n + EPOCH;
  return { dwLowDateTime: Number(units & 0xffff_ffffn), dwHighDateTime: Number(units >> 32n) };
}
