import { show } from '../base/show.ts';
import { bitFieldForm } from './bit-field.ts';
import { checkOptions } from './check-options.ts';
import type { AnyCodec, Infer, InferInput } from './codec.ts';
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
 * A bit-field: `base name : width;`. `read` gives what the base gives, `write` takes what fits into `width` bits.
 *
 * Neighbours share storage by the rules of the ABI. System V: a field starts at the next free bit, unless it would then
 * cross a boundary of its base type; under any `pack` it may cross. Microsoft: a unit is a whole base type, shared only
 * with a neighbour whose base has the same size, while its bits last. A width of 0 ends the unit as in C, and is unnamed.
 * Only the bytes that hold the field's own bits are read and stored. The lowest bits come first.
 *
 * @param base an integer of the machine's byte order, a boolean or an enumeration
 * @param width in bits, at most the base's; a literal that is wider is a compile error
 * @param options `{ unnamed: true }` for `base : width;`, which takes room and has no value
 * @throws TypeError for another base; RangeError if the width is no integer from 0 to the base's bits
 * @throws RangeError from `write` for a value that `width` bits do not hold, naming the range
 *
 * https://learn.microsoft.com/cpp/c-language/c-bit-fields, https://gitlab.com/x86-psABIs/x86-64-ABI (3.1.2, Bit-fields)
 *
 * @example
 * ```ts
 * import { bits, bool8, struct, target, u32, u8 } from 'mapfile/codec';
 *
 * const Flags = struct('flags', { kind: bits(u32, 3), level: bits(u32, 7), on: bits(bool8, 1) });
 * const memory = new Uint8Array(Flags.byteLength);
 * Flags.write(memory, 0, { kind: 5, level: 100, on: true });
 * console.log(Flags.bitOffsetOf('level'), Flags.read(memory)); // 3 { kind: 5, level: 100, on: true }
 *
 * const { struct: msvc } = target('msvc64'); // u8 and u32 differ in size: a unit each
 * console.log(msvc('two', { a: bits(u8, 3), b: bits(u32, 3) }).byteLength); // 8
 * ```
 */
export function bits(base: AnyInteger, width: 0): HiddenCodec;
/** A bit-field without a name: `base : width;`. It takes room and has no value. */
export function bits<C extends AnyInteger, const W extends number>(
  base: C,
  width: W & FittingWidth<C, W>,
  options: UnnamedBits,
): HiddenCodec;
/**
 * A bit-field: `base name : width;`, of the value that the base has.
 *
 * @param width in bits, at most the base's
 * @throws RangeError from `write` for a value that `width` bits do not hold
 */
export function bits<C extends AnyInteger, const W extends number>(
  base: C,
  width: W & FittingWidth<C, W>,
  options?: { readonly unnamed?: false },
): ScalarCodec<Infer<C>, InferInput<C>>;
export function bits(base: AnyCodec, width: number, options: { readonly unnamed?: boolean } = {}): AnyCodec {
  const inner = formIn(base, 'bits()');
  if (inner.alignas) throw new TypeError(`Cannot make bits of ${inner.label}: C has no alignas on bit-fields`);
  // An atomic has a live object, which bits would not have.
  if (!inner.integer || inner.bits || inner.live)
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
