/** Up to so many bytes are copied one by one: to make a view costs more. */
const SMALL = 32;

/** Memory, with what its DataView would take long to say. */
export interface Bytes {
  readonly dataView: DataView;
  readonly buffer: ArrayBufferLike;
  /** Where the DataView begins in the buffer. */
  readonly origin: number;
}

/** The bytes themselves. */
export function viewBytes({ buffer, origin }: Bytes, byteOffset: number, byteLength: number): Uint8Array {
  return new Uint8Array(buffer, origin + byteOffset, byteLength);
}

/** Copies them into memory of the caller's, which is long enough. */
export function copyBytes(memory: Bytes, byteOffset: number, byteLength: number, target: Uint8Array): void {
  if (byteLength > SMALL) {
    target.set(viewBytes(memory, byteOffset, byteLength));
    return;
  }
  const { dataView } = memory;
  for (let i = 0; i < byteLength; i++) target[i] = dataView.getUint8(byteOffset + i);
}
