import type { MemoryRange } from '../base/memory.ts';
import { asError } from './bad-value.ts';
import type { Codec } from './codec.ts';
import type { Form } from './form.ts';
import type { IntegerCodec } from './integer-types.ts';
import { inspectLive, refuseWrite } from './live-methods.ts';
import type { LivePath } from './live-path.ts';
import { formIn, makeCodec } from './make-codec.ts';

/**
 * A 32-bit integer that several processes change at once. Every operation is sequentially consistent and gives the
 * value before it, as `Atomics` does.
 */
export interface AtomicCell {
  load(): number;
  /** Answers `value`. */
  store(value: number): number;
  add(value: number): number;
  sub(value: number): number;
  and(value: number): number;
  or(value: number): number;
  xor(value: number): number;
  exchange(value: number): number;
  /** Stores `replacement` if the cell holds `expected`; answers what it held. */
  compareExchange(expected: number, replacement: number): number;
  toJSON(): number;
}

/** What read-only memory gives of an atomic. */
export type ReadonlyAtomicCell = Pick<AtomicCell, 'load' | 'toJSON'>;

/** The codec of an atomic member: a number to `read` and `write` (which takes a cell for its number), an {@link AtomicCell} live. */
export type AtomicCodec = Codec<number, AtomicCell, number | ReadonlyAtomicCell>;

/**
 * A member that processes change without a lock: `std::atomic<uint32_t>` and `std::atomic<int32_t>`. 4 bytes, aligned
 * to 4. `read` and `write` take a number; live it is an {@link AtomicCell}, whose operations are sequentially consistent.
 * An array of them is a live array of cells.
 *
 * @param codec an integer of 32 bits: `u32`, `i32`, `c.int`, `win.LONG`; others are compile errors
 * @throws TypeError for another codec
 * @throws RangeError from `live` where the member does not stand at a multiple of 4 bytes
 *
 * https://tc39.es/ecma262/#sec-atomics-object
 *
 * @example
 * ```ts
 * import { atomic, struct, u32 } from 'mapfile/codec';
 *
 * const Stats = struct('stats', { hits: atomic(u32) });
 * const stats = Stats.live(new Uint8Array(4));
 * stats.hits.add(2);
 * console.log(stats.hits.compareExchange(2, 10), stats.hits.load()); // 2 10
 * ```
 */
export function atomic(codec: IntegerCodec<number, 32>): AtomicCodec {
  const inner = formIn(codec, 'atomic()');
  if ((inner.kind !== 'u32' && inner.kind !== 'i32') || inner.live) {
    throw new TypeError(`Cannot make ${inner.label} atomic: only u32 and i32 are`);
  }
  const take = (value: unknown): unknown => {
    const number = value instanceof Cell ? value.load() : value;
    inner.check(number);
    return number;
  };
  const form: Form = {
    ...inner,
    label: `atomic ${inner.label}`,
    check: (value) => void take(value),
    take,
    live: (range, at, path) => new Cell(inner, range, at, path),
    schema: () => ['atomic', inner.schema()],
  };
  return makeCodec(form);
}

class Cell implements AtomicCell {
  readonly #form: Form;
  readonly #cells: Int32Array | Uint32Array;
  readonly #path: LivePath;
  readonly #writable: boolean;

  constructor(form: Form, range: MemoryRange, at: number, path: LivePath) {
    const { buffer, byteOffset } = range.dataView;
    if ((byteOffset + at) % 4 !== 0) {
      throw new RangeError(
        `Cannot use ${path} atomically: it stands at byte ${byteOffset + at}, expected a multiple of 4`,
      );
    }
    const Cells = form.kind === 'u32' ? Uint32Array : Int32Array;
    this.#cells = new Cells(buffer as ArrayBuffer, byteOffset + at, 1);
    this.#form = form;
    this.#path = path;
    this.#writable = range.access !== 'read';
  }

  load(): number {
    return Atomics.load(this.#cells, 0);
  }
  store(value: number): number {
    return Atomics.store(this.#cells, 0, this.#checked(value));
  }
  add(value: number): number {
    return Atomics.add(this.#cells, 0, this.#operand(value));
  }
  sub(value: number): number {
    return Atomics.sub(this.#cells, 0, this.#operand(value));
  }
  and(value: number): number {
    return Atomics.and(this.#cells, 0, this.#operand(value));
  }
  or(value: number): number {
    return Atomics.or(this.#cells, 0, this.#operand(value));
  }
  xor(value: number): number {
    return Atomics.xor(this.#cells, 0, this.#operand(value));
  }
  exchange(value: number): number {
    return Atomics.exchange(this.#cells, 0, this.#checked(value));
  }
  compareExchange(expected: number, replacement: number): number {
    // Even one that stores nothing faults on read-only pages.
    return Atomics.compareExchange(this.#cells, 0, expected, this.#checked(replacement));
  }

  toJSON(): number {
    return this.load();
  }

  [Symbol.for('nodejs.util.inspect.custom')](...args: [number, never, never]): string {
    return inspectLive('atomic', () => this.load(), ...args);
  }

  #checked(value: number): number {
    if (!this.#writable) refuseWrite(this.#path);
    try {
      this.#form.check(value);
    } catch (error) {
      throw asError(error, `${this.#path}`);
    }
    return value;
  }

  /** Arithmetic wraps, so any 32-bit integer will do, signed or not. */
  #operand(value: number): number {
    if (!this.#writable) refuseWrite(this.#path);
    if (Number.isInteger(value) && value >= -0x8000_0000 && value <= 0xffff_ffff) return value;
    throw new RangeError(`Cannot change ${this.#path}: operand is ${String(value)}, expected an integer of 32 bits`);
  }
}
