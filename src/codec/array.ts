import { arrayForm } from './array-form.ts';
import type { ListInput, LiveArray, LiveNumbers } from './array-types.ts';
import { checkCount } from './check-count.ts';
import type { AnyCodec, Codec, Infer, InferInput, InferLive } from './codec.ts';
import { formIn, makeCodec } from './make-codec.ts';
import type { InnerLive, ScalarBox } from './scalars.ts';

/** The codec of `array(C, …)` with one dimension. */
export type ArrayCodec<C extends AnyCodec> = Codec<Infer<C>[], ArrayLive<C>, ListInput<InferInput<C>>>;

type ArrayLive<C> =
  unknown extends InnerLive<C> // json<any> is no number
    ? LiveArray<InnerLive<C>, Infer<C>, InferInput<C>>
    : InferLive<C> extends ScalarBox<number>
      ? LiveNumbers<number>
      : InferLive<C> extends ScalarBox<bigint>
        ? LiveNumbers<bigint>
        : LiveArray<InnerLive<C>, Infer<C>, InferInput<C>>;

/** The codec of `array(C, …dims)`: nested, the first dimension outermost, as C has it. */
export type ArrayOf<C extends AnyCodec, Dims extends readonly number[]> = Dims extends readonly [
  number,
  ...infer Rest extends readonly number[],
]
  ? ArrayCodec<ArrayOf<C, Rest>>
  : C;

/**
 * A C array `T name[dims[0]][dims[1]]…`. Its bytes are the elements', its alignment is the element's.
 *
 * `read` gives nested arrays, the first dimension outermost; `write` takes arrays of exactly that length, numeric ones as
 * typed arrays too. Live arrays of numbers are typed arrays over the memory where it is aligned and may be written;
 * elsewhere an array-like of the same use, see {@link LiveNumbers}. Those of anything else are a {@link LiveArray}: of live
 * structs, of the cells of `atomic`, of strings.
 *
 * A typed array is the memory itself: what is stored through it wraps as JavaScript's typed arrays do, unchecked.
 *
 * @param dims how many elements, for each dimension: integers from 1 on
 * @throws TypeError for an element that is no value of its own: bits, padding, `anonymous`, `flexible`, `section`
 * @throws RangeError for a count that is no integer from 1 on, or more than 2^33 bytes in all
 * @throws RangeError from `write` for another number of elements, naming both
 *
 * @example
 * ```ts
 * import { array, f32, i16, struct } from 'mapfile/codec';
 *
 * const Grid = struct('grid', { cells: array(f32, 2, 3), row: array(i16, 4) });
 * const memory = new Uint8Array(Grid.byteLength);
 * Grid.write(memory, 0, { cells: [[1, 2, 3], [4, 5, 6]], row: Int16Array.of(7, 8, 9, 10) });
 * console.log(Grid.offsetOf('cells[1][2]'), Grid.read(memory).cells[1]); // 20 [ 4, 5, 6 ]
 * Grid.live(memory).row[0] = -1; // stores into the memory
 * ```
 */
export function array<C extends AnyCodec, const Dims extends readonly [number, ...number[]]>(
  codec: C,
  ...dims: Dims
): ArrayOf<C, Dims> {
  if (dims.length === 0) throw new TypeError('Cannot make array: it needs at least one dimension');
  let form = formIn(codec, 'array()');
  for (const count of dims.toReversed()) {
    checkCount(count, `array of ${form.label}`, 1);
    form = arrayForm(form, count);
  }
  checkCount(form.byteLength, form.label, 0);
  return makeCodec(form) as unknown as ArrayOf<C, Dims>;
}
