import { checkCount } from './check-count.ts';
import { checkOptions } from './check-options.ts';
import type { AnyCodec } from './codec.ts';
import { fieldEntries } from './field-names.ts';
import type { Form, Member } from './form.ts';
import { checkHeaderFields } from './header-field.ts';
import { formIn, makeCodec, makeRecordCodec } from './make-codec.ts';
import { placedForm, type RecordOptions } from './record.ts';
import type { Fields, StructCodec } from './record-types.ts';

/**
 * A member at an offset of its own choosing; for {@link layout}.
 *
 * @param byteOffset from the start of the layout, an integer from 0 on; no alignment is asked for
 * @param bit for bit-fields: the lowest bit, counted from the lowest of byte `byteOffset`, 0 to 63
 * @throws RangeError for another offset or bit
 */
export function at<C extends AnyCodec>(byteOffset: number, codec: C, bit = 0): C {
  const form = formIn(codec, 'at()');
  checkCount(byteOffset, `${form.label} at()`, 0, 'byteOffset');
  if (!Number.isInteger(bit) || bit < 0 || bit > 63 || (bit > 0 && !form.bits)) {
    throw new RangeError(`Cannot place ${form.label}: bit is ${String(bit)}, expected 0, or up to 63 for a bit-field`);
  }
  return makeCodec({ ...form, place: { byteOffset, bit } }) as unknown as C;
}

/**
 * A struct whose offsets are given, not computed: for layouts that a program describes at run time (iRacing's variable
 * headers), that documentation gives as offsets, or of which a few members matter. Members may leave gaps, which are
 * never written, and overlap: they are stored in the order given, so the last one stays. Aligned to 1.
 *
 * @param byteLength of the whole, in bytes
 * @param fields each `at(byteOffset, codec)`
 * @throws RangeError for a length that is no integer from 1 on, or a member that ends behind it
 * @throws TypeError for a member without a place, or with a name that {@link struct} refuses
 *
 * @example
 * ```ts
 * import { at, f32, i32, layout } from 'mapfile/codec';
 *
 * const Telemetry = layout('telemetry', 1024, { rpm: at(132, f32), gear: at(200, i32) });
 * console.log(Telemetry.offsetOf('gear'), Telemetry.read(new Uint8Array(1024))); // 200 { rpm: 0, gear: 0 }
 * ```
 */
export function layout<const F extends Fields>(
  name: string,
  byteLength: number,
  fields: F,
  options: Pick<RecordOptions, 'strict'> = {},
): StructCodec<F> {
  checkCount(byteLength, `layout ${name}`, 1);
  checkOptions(name, options, { strict: [true, false] });
  const abi = Object.values(fields)
    .map((codec) => formIn(codec, name).abi)
    .find((each) => each !== undefined);
  const members: Member[] = [];
  for (const [key, form] of fieldEntries(name, fields, abi)) members.push(placed(key, form, name, byteLength, members));
  checkHeaderFields(name, members);
  const form = placedForm('struct', name, abi, members, { byteLength, alignment: 1, alignas: 1 }, options);
  return makeRecordCodec<StructCodec<F>>(form, fields);
}

function placed(key: string, form: Form, name: string, byteLength: number, before: readonly Member[]): Member {
  if (!form.place) throw new TypeError(`Cannot place ${name}.${key}: a layout's members stand at(offset, codec)`);
  const { byteOffset, bit } = form.place;
  const bitOffset = byteOffset * 8 + bit;
  const end = form.bits ? Math.ceil((bitOffset + form.bits.width) / 8) : byteOffset + form.byteLength;
  if (end > byteLength) {
    throw new RangeError(`Cannot place ${name}.${key}: it ends at byte ${end}, ${name} has ${byteLength} bytes`);
  }
  if (form.bits) {
    const { width, unnamed, place } = form.bits;
    const name = unnamed ? undefined : key;
    return { key, name, form: place(bit % 8), byteOffset: Math.floor(bitOffset / 8), bitOffset, bitWidth: width };
  }
  if (form.promotes) return { key, name: undefined, form, byteOffset, promoted: true };
  return { key, name: key, form: form.bind ? form.bind(before, byteOffset, name) : form, byteOffset };
}
