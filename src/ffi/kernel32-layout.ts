/**
 * The structures of the Windows headers that our calls take, as bytes. P is the size of a pointer.
 *
 * ```text
 * SECURITY_ATTRIBUTES       MEMORY_BASIC_INFORMATION      SYSTEM_INFO                  WIN32_MEMORY_RANGE_ENTRY
 *  0    nLength             0     BaseAddress             4      dwPageSize            0  VirtualAddress
 *  P    lpSecurityDescr.    P     AllocationBase          8      lpMinimumAppl…        P  NumberOfBytes
 *  2P   bInheritHandle      2P    AllocationProtect       8+P    lpMaximumAppl…
 *                           3P    RegionSize              8+2P   dwActiveProcessorMask
 *                           4P    State                   8+3P   dwNumberOfProcessors
 *                           4P+4  Protect                 16+3P  dwAllocationGranularity
 *                           4P+8  Type
 *
 * BY_HANDLE_FILE_INFORMATION, the same for each P
 *  0 dwFileAttributes   4 ftCreationTime   12 ftLastAccessTime   20 ftLastWriteTime   28 dwVolumeSerialNumber
 *  32 nFileSizeHigh   36 nFileSizeLow   40 nNumberOfLinks   44 nFileIndexHigh   48 nFileIndexLow
 * ```
 */
import { is32bit } from '../base/host.ts';
import type { BOOL, DWORD, HANDLE, LPVOID } from './kernel32-types.ts';

const P = is32bit ? 4 : 8;

abstract class Structure {
  /** What the call reads or fills. */
  readonly bytes: DataView;

  constructor(byteLength: number) {
    this.bytes = new DataView(new ArrayBuffer(byteLength));
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }

  protected dword(offset: number): DWORD {
    return this.bytes.getUint32(offset, true);
  }

  protected pointer(offset: number): bigint {
    return P === 4 ? BigInt(this.dword(offset)) : this.bytes.getBigUint64(offset, true);
  }

  protected setPointer(offset: number, value: bigint): void {
    if (P === 4) this.bytes.setUint32(offset, Number(value), true);
    else this.bytes.setBigUint64(offset, value, true);
  }
}

/** https://learn.microsoft.com/windows/win32/api/wtypesbase/ns-wtypesbase-security_attributes */
export class SECURITY_ATTRIBUTES extends Structure {
  /** @param lpSecurityDescriptor null: the default of the caller's token */
  constructor(lpSecurityDescriptor: LPVOID | null, bInheritHandle: BOOL) {
    super(3 * P);
    this.bytes.setUint32(0, this.byteLength, true);
    this.setPointer(P, lpSecurityDescriptor ?? 0n);
    this.bytes.setUint32(2 * P, bInheritHandle, true);
  }
}

/** https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-memory_basic_information */
export class MEMORY_BASIC_INFORMATION extends Structure {
  constructor() {
    super(P === 4 ? 28 : 48);
  }

  get BaseAddress(): LPVOID {
    return this.pointer(0) as LPVOID;
  }

  get AllocationBase(): LPVOID {
    return this.pointer(P) as LPVOID;
  }

  get AllocationProtect(): DWORD {
    return this.dword(2 * P);
  }

  /** Bytes from BaseAddress on whose pages have the same attributes. */
  get RegionSize(): number {
    return Number(this.pointer(3 * P));
  }

  get State(): DWORD {
    return this.dword(4 * P);
  }

  get Protect(): DWORD {
    return this.dword(4 * P + 4);
  }

  get Type(): DWORD {
    return this.dword(4 * P + 8);
  }
}

/** https://learn.microsoft.com/windows/win32/api/sysinfoapi/ns-sysinfoapi-system_info */
export class SYSTEM_INFO extends Structure {
  constructor() {
    super(P === 4 ? 36 : 48);
  }

  get dwPageSize(): DWORD {
    return this.dword(4);
  }

  get lpMinimumApplicationAddress(): LPVOID {
    return this.pointer(8) as LPVOID;
  }

  get lpMaximumApplicationAddress(): LPVOID {
    return this.pointer(8 + P) as LPVOID;
  }

  get dwActiveProcessorMask(): bigint {
    return this.pointer(8 + 2 * P);
  }

  get dwNumberOfProcessors(): DWORD {
    return this.dword(8 + 3 * P);
  }

  /** Where a view of a section may start: offsets into the section are multiples of this. */
  get dwAllocationGranularity(): DWORD {
    return this.dword(16 + 3 * P);
  }
}

/** https://learn.microsoft.com/windows/win32/api/memoryapi/ns-memoryapi-win32_memory_range_entry */
export class WIN32_MEMORY_RANGE_ENTRY extends Structure {
  constructor(VirtualAddress: LPVOID, NumberOfBytes: number) {
    super(2 * P);
    this.setPointer(0, VirtualAddress);
    this.setPointer(P, BigInt(NumberOfBytes));
  }
}

/** https://learn.microsoft.com/windows/win32/api/fileapi/ns-fileapi-by_handle_file_information */
export class BY_HANDLE_FILE_INFORMATION extends Structure {
  constructor() {
    super(52);
  }

  get dwFileAttributes(): DWORD {
    return this.dword(0);
  }

  get dwVolumeSerialNumber(): DWORD {
    return this.dword(28);
  }

  get nFileSizeHigh(): DWORD {
    return this.dword(32);
  }

  get nFileSizeLow(): DWORD {
    return this.dword(36);
  }

  get nFileIndexHigh(): DWORD {
    return this.dword(44);
  }

  get nFileIndexLow(): DWORD {
    return this.dword(48);
  }
}

/** An array of handles, as WaitForMultipleObjects takes it. */
export function handleArray(handles: readonly HANDLE[]): BigUint64Array | Uint32Array {
  return P === 4 ? Uint32Array.from(handles, Number) : BigUint64Array.from(handles);
}
