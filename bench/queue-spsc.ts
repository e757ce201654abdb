import { MappedView } from '../src/memory/index.ts';

const CELLS = 1024;
const BYTES = 1024;

/** The 20-line ring that one writes by hand: one producer, one consumer, cells of 1 KiB, spinning, nobody may die. */
export class SpscRing {
  readonly #view: MappedView<'readwrite'>;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(name: string, create: boolean) {
    const size = 128 + CELLS * (BYTES + 64);
    this.#view = create ? MappedView.create(name, size) : MappedView.open(name, { access: 'readwrite' });
    this.#words = this.#view.typedArray(Int32Array, 0, size >> 2);
    this.#bytes = this.#view.typedArray(Uint8Array, 0, size);
  }

  push(message: Uint8Array): void {
    const [words, head] = [this.#words, this.#words[0]!];
    while (head - Atomics.load(words, 16) >= CELLS);
    const at = 128 + (head % CELLS) * (BYTES + 64);
    words[at >> 2] = message.length;
    this.#bytes.set(message, at + 64);
    Atomics.store(words, 0, head + 1);
  }

  pop(target: Uint8Array): number {
    const [words, tail] = [this.#words, this.#words[16]!];
    while (Atomics.load(words, 0) === tail);
    const at = 128 + (tail % CELLS) * (BYTES + 64);
    const length = words[at >> 2]!;
    target.set(this.#bytes.subarray(at + 64, at + 64 + length));
    Atomics.store(words, 16, tail + 1);
    return length;
  }

  close(): void {
    this.#view.close();
  }
}
