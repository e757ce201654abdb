/**
 * Named memory with nothing but the calls of Windows: create it, open it a second time, write through one view, read
 * through the other, give everything back.
 */
import {
  CloseHandle,
  CreateFileMappingW,
  FALSE,
  FILE_MAP_ALL_ACCESS,
  GetLastError,
  INVALID_HANDLE_VALUE,
  MapViewOfFile,
  OpenFileMappingW,
  PAGE_READWRITE,
  RtlFillMemory,
  RtlMoveMemory,
  UnmapViewOfFile,
} from 'mapfile/kernel32';

const name = process.argv[2] ?? 'filemapping_a9279e4a75917e23c2a';
const byteLength = 1024 * 768;

/** Each step of the native program asks for NULL; here that ends the program. */
function must<T>(result: T | null, call: string): T {
  if (result === null) throw new Error(`Cannot ${call}: error ${GetLastError()}`);
  return result;
}

// 1. Create a named section without a file: the paging file holds it.
const created = must(
  CreateFileMappingW(INVALID_HANDLE_VALUE, null, PAGE_READWRITE, 0, byteLength, name),
  'CreateFileMappingW',
);

// 2. Open the named section that exists now. Another process would start here.
const opened = must(OpenFileMappingW(FILE_MAP_ALL_ACCESS, FALSE, name), 'OpenFileMappingW');

// 3. Map both: two addresses, the same memory. The offset is 0 in two halves.
const writer = must(MapViewOfFile(created, FILE_MAP_ALL_ACCESS, 0, 0, byteLength), 'MapViewOfFile');
const reader = must(MapViewOfFile(opened, FILE_MAP_ALL_ACCESS, 0, 0, byteLength), 'MapViewOfFile');

// 4. Use it: memset and memcpy.
const text = Buffer.from('written through one view, read through the other');
RtlFillMemory(writer, byteLength, 0x2a);
RtlMoveMemory(writer, text, text.byteLength);

const seen = Buffer.alloc(byteLength);
RtlMoveMemory(seen, reader, byteLength);
console.log(
  `${seen.toString('latin1', 0, text.byteLength)}, then ${seen.byteLength - text.byteLength} bytes of`,
  seen.at(-1),
);

// 5. Give everything back; the name goes with its last handle.
UnmapViewOfFile(reader);
UnmapViewOfFile(writer);
CloseHandle(opened);
CloseHandle(created);
