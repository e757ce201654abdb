/** Up to here a loop over words is faster than the call of a bulk copy. */
const SMALL = 64;

/** A run of bytes, seen in the two ways in which it is copied. */
export interface Bytes {
  readonly view: DataView;
  readonly array: Uint8Array;
}

export function bytesOf(view: DataView, byteOffset = 0, byteLength: number = view.byteLength - byteOffset): Bytes {
  return {
    view: new DataView(view.buffer, view.byteOffset + byteOffset, byteLength),
    array: new Uint8Array(view.buffer, view.byteOffset + byteOffset, byteLength),
  };
}

/** Copies the first `byteLength` bytes. */
export function copyBytes(to: Bytes, from: Bytes, byteLength: number): void {
  if (byteLength > SMALL) {
    to.array.set(from.array.length === byteLength ? from.array : from.array.subarray(0, byteLength));
    return;
  }
  const target = to.view;
  const source = from.view;
  let at = 0;
  for (const end = byteLength & ~3; at < end; at += 4) target.setInt32(at, source.getInt32(at, true), true);
  for (; at < byteLength; at++) target.setUint8(at, source.getUint8(at));
}

/** Copies the part from `start` to `end`. */
export function copyPart(to: Bytes, from: Bytes, start: number, end: number): void {
  to.array.set(from.array.subarray(start, end), start);
}
