import { arrayForm } from './array-form.ts';
import type { LiveArray, LiveNumbers } from './array-types.ts';
import { checkCount } from './check-count.ts';
import type { AnyCodec, Codec, Infer, InferInput, InferLive } from './codec.ts';
import { formIn, makeCodec } from './make-codec.ts';
import type { ScalarBox } from './scalars.ts';

/** The codec of `array(C, …)` with one dimension. */
export type ArrayCodec<C extends AnyCodec> = Codec<Infer<C>[], ArrayLive<C>, ArrayInput<C>>;

type ArrayInput<C> = Infer<C> extends number | bigint ? ArrayLike<InferInput<C>> : readonly InferInput<C>[];

type ArrayLive<C> =
  InferLive<C> extends ScalarBox<infer V>
    ? [V] extends [number]
      ? LiveNumbers<number>
      : [V] extends [bigint]
        ? LiveNumbers<bigint>
        : LiveArray<V, V, InferInput<C>>
    : LiveArray<InferLive<C>, Infer<C>, InferInput<C>>;

/** The codec of `array(C, …dims)`: nested, the first dimension outermost, as C has it. */
export type ArrayOf<C extends AnyCodec, Dims extends readonly number[]> = Dims extends readonly [
  number,
  ...infer Rest extends readonly number[],
]
  ? ArrayCodec<ArrayOf<C, Rest>>
  : C;

/**
 * A C array `T name[dims[0]][dims[1]]…`.
 *
 * Live arrays of numbers are typed arrays over the memory where it is aligned and may be written; elsewhere an
 * array-like of the same use, see {@link LiveNumbers}.
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
