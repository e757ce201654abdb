import { type Abi, hostAbi } from './abi.ts';
import type { AnyCodec } from './codec.ts';
import { formIn, makeCodec, makeRecordCodec } from './make-codec.ts';
import { type RecordOptions, recordForm } from './record.ts';
import type { Anonymous, Fields, UnionCodec } from './record-types.ts';

/**
 * A C union: all members at offset 0, as large and as aligned as the largest. The root's `union` lays out as the
 * compilers of this machine; {@link target} gives those of others.
 *
 * `read` gives every member's view of the bytes, and throws where one has no value for them (a `u64Number` above 2^53, a
 * strict enumeration, `json`): ask for the member that counts through `live` then. `write` takes one member or more; where
 * several are given, the one declared first wins. Bytes behind a shorter member stay.
 *
 * @throws TypeError and RangeError as {@link struct} does
 * @throws TypeError from `write` for a value without any member
 *
 * @example
 * ```ts
 * import { f32, u32, union } from 'mapfile/codec';
 *
 * const Word = union('word', { asFloat: f32, asBits: u32 });
 * const memory = new Uint8Array(4);
 * Word.write(memory, 0, { asFloat: 1 });
 * console.log(Word.live(memory).asBits.toString(16)); // 3f800000
 * ```
 */
export function union<const F extends Fields>(name: string, members: F, options: RecordOptions = {}): UnionCodec<F> {
  return unionOn(hostAbi, name, members, options);
}

/** {@link union} for a given ABI. */
export function unionOn<const F extends Fields>(
  abi: Abi,
  name: string,
  members: F,
  options: RecordOptions,
): UnionCodec<F> {
  return makeRecordCodec<UnionCodec<F>>(recordForm('union', name, members, options, abi), members);
}

/**
 * A struct or union as a member without a name: its members count as members of the struct around it, in values, live
 * objects and paths. Its bytes and alignment are the record's. The key under which it stands is for the reader only.
 *
 * @throws TypeError for what is no struct or union; from `struct` for a name that stands there twice
 *
 * https://gcc.gnu.org/onlinedocs/gcc/Unnamed-Fields.html
 *
 * @example
 * ```ts
 * import { anonymous, f32, i32, struct, union } from 'mapfile/codec';
 *
 * const Event = struct('event', { kind: i32, _: anonymous(union('', { asInt: i32, asFloat: f32 })) });
 * const memory = new Uint8Array(8);
 * Event.write(memory, 0, { kind: 1, asFloat: 0.5 });
 * console.log(Event.offsetOf('asInt'), Event.read(memory).asFloat); // 4 0.5
 * ```
 */
export function anonymous<C extends AnyCodec & { readonly fields: Fields }>(record: C): Anonymous<C> {
  const form = formIn(record, 'anonymous()');
  if (!form.members) throw new TypeError(`Cannot promote the members of ${form.label}: it is no struct or union`);
  return makeCodec({ ...form, promotes: true }) as unknown as Anonymous<C>;
}
