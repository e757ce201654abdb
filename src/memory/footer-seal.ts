/** The footer as this process found it, to be looked at again by loads alone. */
import type { MemoryRange } from '../base/memory.ts';
import { corrupt } from './footer.ts';
import { FOOTER_LENGTH } from './segment-layout.ts';

export class FooterSeal {
  readonly #name: string;
  readonly #words: Int32Array;
  readonly #found: number;

  /** `footer`: the 64 bytes in the mapping, at a multiple of 4, just found to be sound. */
  constructor({ dataView }: MemoryRange, name: string) {
    this.#name = name;
    this.#words = new Int32Array(dataView.buffer, dataView.byteOffset, FOOTER_LENGTH / 4);
    this.#found = parity(this.#words);
  }

  /**
   * Nobody changes a footer once it can be seen: whatever wrote there may have hit the words beside it too.
   * @throws MapFileError ERR_CORRUPT
   */
  check(): void {
    if (parity(this.#words) !== this.#found) throw corrupt(this.#name, 'another program has overwritten its footer');
  }
}

/**
 * Differs after a change to any one word, and after the whole is filled with one value. Spelled out: it stands in each read
 * and update, where a loop took four times as long.
 */
function parity(w: Int32Array): number {
  const front = w[0]! ^ w[1]! ^ w[2]! ^ w[3]! ^ w[4]! ^ w[5]! ^ w[6]! ^ w[7]!;
  return front ^ w[8]! ^ w[9]! ^ w[10]! ^ w[11]! ^ w[12]! ^ w[13]! ^ w[14]! ^ w[15]!;
}
