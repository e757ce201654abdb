import { Code, plus } from './code.ts';
import { isLittleEndianHost } from './typed-arrays.ts';

/** The bytes of a text between its check and its store, so that each character is fetched once: that takes 2 ns. */
export interface StagedText {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

/** For a text of up to `size` bytes. */
export function stagedText(size: number): StagedText {
  const words = new Int32Array(Math.ceil(size / 4));
  return { bytes: new Uint8Array(words.buffer), words };
}

/**
 * Puts ASCII text without NUL onto the stage, zeroes behind it; answers false for every other value, and for more than
 * `size` characters.
 */
export function stageAscii(value: unknown, { bytes, words }: StagedText, size: number): boolean {
  if (typeof value !== 'string') return false;
  const { length } = value;
  if (length > size) return false;
  let signs = 0;
  let i = 0;
  for (; i < length; i += 1) {
    const code = value.charCodeAt(i);
    signs |= (code - 1) | (127 - code);
    bytes[i] = code;
  }
  for (; (i & 3) !== 0; i += 1) bytes[i] = 0;
  for (i >>= 2; i < words.length; i += 1) words[i] = 0;
  return signs >= 0;
}

type StoreStaged = (view: DataView, at: number, staged: StagedText) => void;

const stores = new Map<number, StoreStaged>();

/** What stores `size` bytes from the stage, by words. */
export function storeStaged(size: number): StoreStaged {
  let store = stores.get(size);
  if (!store) {
    const words = Array.from({ length: size >> 2 }, (_, k) => {
      return `v.setInt32(${plus('at', 4 * k)},words[${k}],${isLittleEndianHost});`;
    });
    const bytes = Array.from({ length: size & 3 }, (_, k) => (size & ~3) + k).map((k) => {
      return `v.setUint8(${plus('at', k)},bytes[${k}]);`;
    });
    store = new Code().run<StoreStaged>(`return (v,at,{bytes,words})=>{${words.join('')}${bytes.join('')}}`);
    stores.set(size, store);
  }
  return store;
}

/** The length of a string of up to `most` ASCII characters without NUL; -1 for every other value. */
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
