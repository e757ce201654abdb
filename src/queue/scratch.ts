/** Up to so many words are copied one by one: to make a view costs more. */
const SMALL = 24;

/**
 * A message on its way between the ring and a codec. A codec may be the caller's code, which has no business inside a gate; so
 * it writes and reads here, and only the copy is made inside.
 */
export class Scratch {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #words: Int32Array;

  constructor(byteLength: number) {
    this.#words = new Int32Array((byteLength + 3) >> 2);
    this.bytes = new Uint8Array(this.#words.buffer, 0, byteLength);
    this.view = new DataView(this.#words.buffer, 0, byteLength);
  }

  /** Fills itself from a multiple of 4; what follows the message there is filling. */
  copyFrom(memory: DataView, byteOffset: number): void {
    const words = this.#words;
    if (words.length <= SMALL) {
      for (let i = 0; i < words.length; i++) words[i] = memory.getInt32(byteOffset + 4 * i, true);
    } else words.set(new Int32Array(memory.buffer, memory.byteOffset + byteOffset, words.length));
  }
}
