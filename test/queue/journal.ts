/**
 * What the processes of the queue's stress tests know of each other: plain memory beside the queue, which a kill of the queue's
 * users does not touch.
 */
import { MappedView } from '../../src/memory/index.ts';

export const SEQS = 200_000;
const FIRST = 64;

const WORD = { stop: 0, violations: 1, received: 2, redelivered: 3, lives: 4, seqs: 5 } as const;

export class Journal {
  readonly #view: MappedView<'readwrite'>;
  readonly #words: Int32Array;
  readonly #seen: Uint8Array;
  readonly #seqs: number;

  private constructor(view: MappedView<'readwrite'>) {
    this.#view = view;
    const [lives, seqs] = [WORD.lives, WORD.seqs].map((word) => view.dataView().getInt32(4 * word, true)) as [
      number,
      number,
    ];
    this.#seqs = seqs;
    this.#words = view.typedArray(Int32Array, 0, FIRST + lives);
    this.#seen = view.typedArray(Uint8Array, (FIRST + lives) * 4, lives * seqs);
  }

  static create(name: string, lives: number, seqs = SEQS): Journal {
    const initial = new ArrayBuffer(4 * FIRST);
    new DataView(initial).setInt32(4 * WORD.lives, lives, true);
    new DataView(initial).setInt32(4 * WORD.seqs, seqs, true);
    return new Journal(MappedView.create(name, (FIRST + lives) * 4 + lives * seqs, { initial }));
  }

  static open(name: string): Journal {
    return new Journal(MappedView.open(name, { access: 'readwrite' }));
  }

  get stopped(): boolean {
    return Atomics.load(this.#words, WORD.stop) !== 0;
  }

  stop(): void {
    Atomics.store(this.#words, WORD.stop, 1);
  }

  get violations(): number {
    return Atomics.load(this.#words, WORD.violations);
  }

  get received(): number {
    return Atomics.load(this.#words, WORD.received);
  }

  get redelivered(): number {
    return Atomics.load(this.#words, WORD.redelivered);
  }

  /** Messages 0 to `count` - 1 of this producer are certainly sent. */
  sent(life: number, count: number): void {
    Atomics.store(this.#words, FIRST + life, count);
  }

  sentBy(life: number): number {
    return Atomics.load(this.#words, FIRST + life);
  }

  /** A consumer has it. */
  got(life: number, seq: number, redelivered: boolean): void {
    const before = Atomics.add(this.#seen, life * this.#seqs + seq, 1);
    Atomics.add(this.#words, WORD.received, 1);
    if (redelivered) Atomics.add(this.#words, WORD.redelivered, 1);
    else if (before > 0) this.violation();
  }

  seen(life: number, seq: number): number {
    return Atomics.load(this.#seen, life * this.#seqs + seq);
  }

  violation(): void {
    Atomics.add(this.#words, WORD.violations, 1);
  }

  close(): void {
    this.#view.close();
  }
}

/** The message of a producer's life: length and bytes follow from the numbers. */
export function encode(life: number, seq: number): Uint8Array {
  const bytes = new Uint8Array(8 + ((seq * 37) % 200));
  const head = new DataView(bytes.buffer);
  head.setUint32(0, life, true);
  head.setUint32(4, seq, true);
  for (let i = 8; i < bytes.length; i++) bytes[i] = life * 31 + seq + i;
  return bytes;
}

/** The numbers of a message, or undefined if it is torn. */
export function decode(bytes: Uint8Array): { life: number; seq: number } | undefined {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) return undefined;
  const [life, seq] = [head.getUint32(0, true), head.getUint32(4, true)];
  const expected = encode(life, seq);
  return bytes.length === expected.length && bytes.every((byte, i) => byte === expected[i]) ? { life, seq } : undefined;
}
