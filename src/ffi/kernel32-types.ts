/** The words of the Windows headers, as TypeScript sees them. */
import { is32bit } from '../base/host.ts';
import type { Address } from './koffi.ts';

/** A kernel object of this process. Its own brand, so that an address or a number is not taken for one. */
export type HANDLE = bigint & { readonly __brand: 'HANDLE' };

/** A pointer into this process. */
export type LPVOID = Address;

/** 32 bits, unsigned. */
export type DWORD = number;

/** As a result: 0 or anything else. */
export type BOOL = number;

export const TRUE = 1;
export const FALSE = 0;

/** What CreateFileW answers on failure, and what CreateFileMappingW takes for "no file: the paging file". */
export const INVALID_HANDLE_VALUE: HANDLE = (is32bit ? 0xffff_ffffn : 0xffff_ffff_ffff_ffffn) as HANDLE;

/** The upper half of a size or offset: functions of this age take 64 bits as two DWORDs. */
export function HIDWORD(value: number): DWORD {
  return Math.floor(value / 0x1_0000_0000) >>> 0;
}

/** The lower half of a size or offset. */
export function LODWORD(value: number): DWORD {
  return value >>> 0;
}
