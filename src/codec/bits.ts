import { show } from './bad-value.ts';
import { bitFieldForm } from './bit-field.ts';
import { checkOptions } from './check-options.ts';
import type { AnyCodec, Infer } from './codec.ts';
import type { Form } from './form.ts';
import type { AnyInteger, FittingWidth } from './integer-types.ts';
import { formIn, makeCodec } from './make-codec.ts';
import type { HiddenCodec } from './record-types.ts';
import type { ScalarCodec } from './scalars.ts';

/** {@link bits} without a name in C: it takes room and has no value. */
export interface UnnamedBits {
  readonly unnamed: true;
}

/**
 * A bit-field: `base name : width;`.
 *
 * Neighbours share storage by the rules of the ABI: System V lets a field start at any bit as long as it crosses no
 * boundary of its base type; Microsoft's compiler shares a unit only between bases of one size. A width of 0 ends the
 * unit as in C, and is always unnamed.
 *
 * @param base an integer, boolean or enumeration codec
 * @param width in bits
 * @throws RangeError if the width is not an integer from 0 to the base's bits
 *
 * https://learn.microsoft.com/cpp/c-language/c-bit-fields
 */
export function bits(base: AnyInteger, width: 0): HiddenCodec;
export function bits<C extends AnyInteger, const W extends number>(
  base: C,
  width: W & FittingWidth<C, W>,
  options: UnnamedBits,
): HiddenCodec;
export function bits<C extends AnyInteger, const W extends number>(
  base: C,
  width: W & FittingWidth<C, W>,
  options?: { readonly unnamed?: false },
): ScalarCodec<Infer<C>>;
export function bits(base: AnyCodec, width: number, options: { readonly unnamed?: boolean } = {}): AnyCodec {
  const inner = formIn(base, 'bits()');
  if (!inner.integer || inner.bits)
    throw new TypeError(`Cannot make bits of ${inner.label}: it is no little-endian integer, boolean or enumeration`);
  const most = inner.byteLength * 8;
  if (!Number.isInteger(width) || width < 0 || width > most) {
    throw new RangeError(
      `Cannot make bits of ${inner.label}: width is ${show(width)}, expected an integer from 0 to ${most}`,
    );
  }
  checkOptions(`${inner.label}:${width}`, options, { unnamed: [true, false] });
  const unnamed = options.unnamed === true || width === 0;
  const placed = width === 0 ? inner : bitFieldForm(inner, width, 0);
  const form: Form = {
    ...placed,
    kind: 'bits',
    label: `${inner.label}:${width}`,
    abi: inner.abi,
    byteLength: inner.byteLength,
    alignment: inner.alignment,
    ...(unnamed && { hidden: true }),
    bits: { width, unnamed, place: (shift) => (width === 0 ? inner : bitFieldForm(inner, width, shift)) },
  };
  return makeCodec(form);
}
