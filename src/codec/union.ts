import { type Abi, hostAbi } from './abi.ts';
import type { AnyCodec } from './codec.ts';
import { formIn, makeCodec, makeRecordCodec } from './make-codec.ts';
import { type RecordOptions, recordForm } from './record.ts';
import type { Anonymous, Fields, UnionCodec } from './record-types.ts';

/**
 * A C union: all members start at offset 0.
 *
 * `read` gives every member's view of the bytes. `write` takes one member or more; where several are given and
 * overlap, the one declared first wins, so that what `read` gave can be written back.
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
 * A struct or union as a member without a name: its members count as members of the struct around it. The key under
 * which it stands is for the reader only.
 *
 * @example
 * struct('event', { kind: i32, _: anonymous(union('', { asInt: i32, asFloat: f32 })) }); // event.asFloat
 */
export function anonymous<C extends AnyCodec & { readonly fields: Fields }>(record: C): Anonymous<C> {
  const form = formIn(record, 'anonymous()');
  if (!form.members) throw new TypeError(`Cannot promote the members of ${form.label}: it is no struct or union`);
  return makeCodec({ ...form, promotes: true }) as unknown as Anonymous<C>;
}
