/**
 * Every interleaving of a reader with the stores of others.
 *
 * Import this module after `death.ts` and before the code under test. {@link images} runs the others once per store and
 * keeps the memory behind each; {@link replay} then runs the reader again and again, and before each of its loads moves the
 * memory on to any later image. Images that give the load the same value are tried once, with the earliest of them: what
 * may happen after a later one may happen after it too. So nothing is left out, and the number of runs stays small.
 */
import { aside, run } from './death.ts';

/** The memory of `make().memory` before the first store of `make().act` and behind each of its stores. */
export function images(make: () => { memory: ArrayBuffer; act: () => void }): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let dieAt = 1; ; dieAt++) {
    const { memory, act } = make();
    const { died } = run(act, dieAt);
    all.push(new Uint8Array(memory.slice(0)));
    if (!died) return all;
  }
}

interface Replay {
  readonly memory: Uint8Array;
  readonly images: readonly Uint8Array[];
  /** Which image the memory shows. */
  at: number;
  /** Which option was taken at each load so far, and how many there were. */
  readonly taken: { option: number; options: number }[];
  load: number;
  /** The word of the last load, if that was an atomic one. */
  lastAtomic: number;
}

/** Thrown through a reader that begins anew. */
class Again extends Error {}

let current: Replay | undefined;

/** Runs `read` under every interleaving, beginning at image `start`; calls `check` after each. Answers how many there were. */
export function replay<R>(
  memory: ArrayBuffer,
  images: readonly Uint8Array[],
  start: number,
  read: () => R,
  check: (result: R, last: number) => void,
): number {
  const bytes = new Uint8Array(memory);
  const taken: Replay['taken'] = [];
  for (let runs = 1; ; runs++) {
    const mine: Replay = { memory: bytes, images, at: start, taken, load: 0, lastAtomic: -1 };
    bytes.set(images[start]!);
    current = mine;
    try {
      const result = read();
      current = undefined;
      check(result, mine.at);
    } catch (error) {
      if (!(error instanceof Again)) throw error;
    } finally {
      current = undefined;
    }
    while (taken.length > 0 && taken.at(-1)!.option + 1 === taken.at(-1)!.options) taken.pop();
    const deepest = taken.at(-1);
    if (!deepest) return runs;
    deepest.option += 1;
  }
}

/** Lets others act before a load of these bytes. */
function beforeLoad(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, atomic = false): void {
  const mine = current;
  if (!mine || mine.memory.buffer !== buffer) return;
  if (atomic && mine.lastAtomic === byteOffset) throw new Again();
  mine.lastAtomic = atomic ? byteOffset : -1;
  const same = (a: Uint8Array, b: Uint8Array): boolean => {
    for (let i = byteOffset; i < byteOffset + byteLength; i++) if (a[i] !== b[i]) return false;
    return true;
  };
  const choices: number[] = [];
  for (let i = mine.at; i < mine.images.length; i++) {
    const image = mine.images[i]!;
    if (!choices.some((choice) => same(mine.images[choice]!, image))) choices.push(i);
  }
  const step = mine.taken[mine.load] ?? { option: 0, options: choices.length };
  mine.taken[mine.load] = step;
  mine.load += 1;
  mine.at = choices[step.option]!;
  const saved = current;
  current = undefined;
  aside(() => mine.memory.set(mine.images[mine.at]!));
  current = saved;
}

type Fn = (this: unknown, ...args: unknown[]) => unknown;

for (const name of Object.getOwnPropertyNames(DataView.prototype).filter((name) => name.startsWith('get'))) {
  const original = Reflect.get(DataView.prototype, name) as Fn;
  const byteLength = Number(/\d+$/.exec(name)?.[0]) / 8;
  Reflect.set(DataView.prototype, name, function (this: DataView, offset: number, littleEndian?: boolean) {
    if (current) beforeLoad(this.buffer, this.byteOffset + offset, byteLength);
    return original.call(this, offset, littleEndian);
  });
}

const load = Atomics.load as (array: Int32Array, index: number) => number;
Reflect.set(Atomics, 'load', (array: Int32Array, index: number) => {
  if (current) beforeLoad(array.buffer, array.byteOffset + index * 4, 4, true);
  return load(array, index);
});

// A bulk copy reads its halves one after the other.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const set = Reflect.get(typedArray, 'set') as Fn;
Reflect.set(typedArray, 'set', function (this: Uint8Array, source: Uint8Array, offset = 0) {
  if (!current || source.buffer !== current.memory.buffer) return set.call(this, source, offset);
  const half = source.length >> 1;
  for (const [start, end] of [
    [0, half],
    [half, source.length],
  ] as const) {
    beforeLoad(source.buffer, source.byteOffset + start, end - start);
    set.call(this, source.subarray(start, end), offset + start);
  }
});
