/** The length of a string of 1 to `most` ASCII characters or none; -1 for every other value. */
export function asciiLength(value: unknown, most: number): number {
  if (typeof value !== 'string') return -1;
  const { length } = value;
  if (length > most) return -1;
  for (let i = 0; i < length; i += 1) {
    const code = value.charCodeAt(i);
    if (code === 0 || code > 127) return -1;
  }
  return length;
}

/** Stores `length` ASCII characters and zeroes behind them, four at a time. */
export function storeAscii(view: DataView, at: number, value: string, length: number, size: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    const word =
      value.charCodeAt(i) |
      (value.charCodeAt(i + 1) << 8) |
      (value.charCodeAt(i + 2) << 16) |
      (value.charCodeAt(i + 3) << 24);
    view.setInt32(at + i, word, true);
  }
  for (; i < length; i += 1) view.setUint8(at + i, value.charCodeAt(i));
  for (; i + 4 <= size; i += 4) view.setInt32(at + i, 0, true);
  for (; i < size; i += 1) view.setUint8(at + i, 0);
}
