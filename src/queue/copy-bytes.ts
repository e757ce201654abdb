/** Up to so many bytes are copied one by one: to make a view costs more. */
const SMALL = 32;

/** The bytes themselves. By way of a DataView, because a typed array takes 20 ns to name its buffer. */
export function viewBytes(memory: DataView, byteOffset: number, byteLength: number): Uint8Array {
  return new Uint8Array(memory.buffer, memory.byteOffset + byteOffset, byteLength);
}

/** Copies them into memory of the caller's, which is long enough. */
export function copyBytes(memory: DataView, byteOffset: number, byteLength: number, target: Uint8Array): void {
  if (byteLength > SMALL) target.set(viewBytes(memory, byteOffset, byteLength));
  else for (let i = 0; i < byteLength; i++) target[i] = memory.getUint8(byteOffset + i);
}
