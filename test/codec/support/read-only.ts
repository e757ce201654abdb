import { type Memory, rangeOf } from '../../../src/base/memory.ts';

/** Memory that may only be read, as a read-only MappedView gives it. */
export function readOnly(bytes: Uint8Array, byteOffset = 0): Memory {
  const dataView = new DataView(bytes.buffer, bytes.byteOffset + byteOffset, bytes.byteLength - byteOffset);
  return { [rangeOf]: { dataView, access: 'read', originKey: 0 } };
}
