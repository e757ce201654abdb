let lastBuffer: ArrayBufferLike | undefined;
let lastBytes = Buffer.alloc(0);

/** A Buffer over the whole buffer of a view: for its fast string slices. One is remembered, reads come in runs. */
export function bytesOf(view: DataView): Buffer {
  const { buffer } = view;
  if (buffer !== lastBuffer || lastBytes.byteLength !== buffer.byteLength) {
    lastBytes = Buffer.from(buffer as ArrayBuffer);
    lastBuffer = buffer;
  }
  return lastBytes;
}
