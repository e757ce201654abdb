/**
 * What the processes of a stress test believe they hold, in shared memory of its own: each writes its entries before and
 * after what it does, so that a checker knows which blocks must be whole and which were being worked on when it was killed.
 */
import { MappedView } from '../../src/memory/index.ts';

const WORDS = 6;
const FIELD = { state: 0, high: 1, low: 2, valid: 3, key: 4 } as const;

export const STATE = { empty: 0, stable: 1, inFlight: 2 } as const;

/** Counters that all add to, in front of the entries. */
export const COUNT = {
  stop: 0,
  reads: 1,
  operations: 2,
  torn: 3,
  ready: 4,
  stale: 5,
  busy: 6,
  compactions: 7,
} as const;
const COUNT_WORDS = 16;

export interface Entry {
  readonly state: number;
  readonly handle: number;
  /** So many bytes from the front hold the pattern of `key`. */
  readonly valid: number;
  readonly key: number;
}

export class Ledger {
  readonly entries: number;
  readonly #view: MappedView<'readwrite'>;
  readonly #words: Int32Array;

  private constructor(view: MappedView<'readwrite'>) {
    this.#view = view;
    this.#words = view.typedArray(Int32Array);
    this.entries = (this.#words.length - COUNT_WORDS) / WORDS;
  }

  static create(name: string, entries: number): Ledger {
    return new Ledger(MappedView.create(name, (COUNT_WORDS + entries * WORDS) * 4));
  }

  static open(name: string): Ledger {
    return new Ledger(MappedView.open(name, { access: 'readwrite' }));
  }

  count(which: number, more = 1): number {
    return Atomics.add(this.#words, which, more) + more;
  }

  read(number: number): Entry {
    const at = COUNT_WORDS + number * WORDS;
    const word = (field: number) => Atomics.load(this.#words, at + field) >>> 0;
    return {
      state: word(FIELD.state),
      handle: word(FIELD.high) * 2 ** 32 + word(FIELD.low),
      valid: word(FIELD.valid),
      key: word(FIELD.key),
    };
  }

  state(number: number, state: number): void {
    Atomics.store(this.#words, COUNT_WORDS + number * WORDS + FIELD.state, state);
  }

  valid(number: number, valid: number): void {
    Atomics.store(this.#words, COUNT_WORDS + number * WORDS + FIELD.valid, valid);
  }

  write(number: number, handle: number, valid: number, key: number): void {
    const at = COUNT_WORDS + number * WORDS;
    Atomics.store(this.#words, at + FIELD.high, Math.floor(handle / 2 ** 32));
    Atomics.store(this.#words, at + FIELD.low, handle | 0);
    Atomics.store(this.#words, at + FIELD.valid, valid);
    Atomics.store(this.#words, at + FIELD.key, key);
  }

  close(): void {
    this.#view.close();
  }
}

/** The bytes of a block: every one tells whose it is and where. */
export function pattern(key: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let i = 0; i < byteLength; i++) bytes[i] = key * 31 + i * 7 + (i >> 8);
  return bytes;
}

/** The first byte that is not of the pattern; -1: all are. */
export function firstWrong(seen: Uint8Array, key: number, valid: number): number {
  for (let i = 0; i < valid; i++) if (seen[i] !== ((key * 31 + i * 7 + (i >> 8)) & 255)) return i;
  return -1;
}
