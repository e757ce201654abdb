/** The footer as this process found it, to be looked at again by loads alone. */
import type { MemoryRange } from '../base/memory.ts';
import { corrupt } from './footer.ts';
import { FOOTER_LENGTH } from './segment-layout.ts';

const WORDS = FOOTER_LENGTH / 4;

export class FooterSeal {
  readonly #name: string;
  readonly #words: Int32Array;
  readonly #found: Int32Array;

  /** `footer`: the 64 bytes in the mapping, at a multiple of 4, just found to be sound. */
  constructor({ dataView }: MemoryRange, name: string) {
    this.#name = name;
    this.#words = new Int32Array(dataView.buffer, dataView.byteOffset, WORDS);
    this.#found = this.#words.slice();
  }

  /**
   * Nobody changes a footer once it can be seen: whatever wrote there may have hit the words beside it too.
   * @throws MapFileError ERR_CORRUPT
   */
  check(): void {
    for (let i = 0; i < WORDS; i++) {
      if (this.#words[i] !== this.#found[i]) throw corrupt(this.#name, 'another program has overwritten its footer');
    }
  }
}
