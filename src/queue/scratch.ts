import type { Bytes } from './copy-bytes.ts';

/** Up to so many words are copied one by one: to make a view costs more. */
const SMALL = 24;

/**
 * A message on its way between the ring and a codec. A codec may be the caller's code, which has no business inside a gate; so
 * it writes and reads here, and only the copy is made inside.
 */
export class Scratch implements Bytes {
  readonly bytes: Uint8Array;
  readonly dataView: DataView;
  readonly buffer: ArrayBuffer;
  readonly origin = 0;
  readonly #words: Int32Array;

  constructor(byteLength: number) {
    this.buffer = new ArrayBuffer((byteLength + 3) & ~3);
    this.#words = new Int32Array(this.buffer);
    this.bytes = new Uint8Array(this.buffer, 0, byteLength);
    this.dataView = new DataView(this.buffer, 0, byteLength);
  }

  /** Fills itself from a multiple of 4; what follows the message there is filling. */
  copyFrom({ dataView, buffer, origin }: Bytes, byteOffset: number): void {
    const words = this.#words;
    if (words.length <= SMALL) {
      for (let i = 0; i < words.length; i++) words[i] = dataView.getInt32(byteOffset + 4 * i, true);
    } else words.set(new Int32Array(buffer, origin + byteOffset, words.length));
  }
}
