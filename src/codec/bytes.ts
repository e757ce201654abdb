import type { ReadonlyMemoryArray } from './array-types.ts';
import { BadValue } from './bad-value.ts';
import { bytesOf } from './bytes-of.ts';
import { checkCount } from './check-count.ts';
import type { Codec } from './codec.ts';
import { liveElements } from './live-array.ts';
import { formIn, makeCodec } from './make-codec.ts';
import { u8 } from './scalars.ts';
import { takenElements } from './taken.ts';

/** A block of bytes. Live it is a `Uint8Array` over the memory, over read-only memory a {@link ReadonlyMemoryArray}. */
export type BytesCodec = Codec<Uint8Array, Uint8Array, ArrayLike<number>>;

/**
 * `unsigned char name[byteLength]` that is no text. `byteLength` bytes, aligned to 1. `read` gives a copy; `write` takes
 * any list of up to `byteLength` bytes and sets the rest to 0. Live it is a `Uint8Array` over the memory.
 *
 * @throws RangeError for a length that is no integer from 1 on
 * @throws RangeError from `write` for a longer list or a number that is no byte, TypeError for what is no list
 *
 * @example
 * ```ts
 * import { bytes } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(4).fill(255);
 * bytes(4).write(memory, 0, [1, 2]);
 * console.log(bytes(4).read(memory)); // Uint8Array(4) [ 1, 2, 0, 0 ]
 * ```
 */
export function bytes(byteLength: number): BytesCodec {
  checkCount(byteLength, 'bytes', 1);
  const element = formIn(u8, 'bytes()');
  return makeCodec({
    kind: 'bytes',
    label: `bytes[${byteLength}]`,
    abi: undefined,
    byteLength,
    alignment: () => 1,
    read(view, at) {
      view.getUint8(at); // throws where the memory is gone
      return Uint8Array.prototype.slice.call(new Uint8Array(view.buffer, view.byteOffset + at, byteLength));
    },
    check(value) {
      void this.take!(value);
    },
    take(value) {
      const list = value as ArrayLike<unknown> | null;
      if (typeof list !== 'object' || list === null || !Number.isInteger(list.length)) {
        throw new BadValue(false, value, `up to ${byteLength} bytes`);
      }
      if (list.length > byteLength)
        throw new BadValue(true, value, `at most ${byteLength} bytes`, `${list.length} bytes`);
      return list instanceof Uint8Array ? Uint8Array.from(list) : (takenElements(element, list) as number[]);
    },
    store(view, at, value) {
      const list = value as ArrayLike<number>;
      view.getUint8(at);
      const target = bytesOf(view).subarray(view.byteOffset + at, view.byteOffset + at + byteLength);
      target.set(list);
      target.fill(0, list.length);
    },
    ...liveElements(element, byteLength, 1),
    element: { form: element, stride: 1, count: byteLength },
    schema: () => ['bytes', byteLength],
  });
}
