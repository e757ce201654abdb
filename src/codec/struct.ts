import { type Abi, hostAbi } from './abi.ts';
import { makeRecordCodec } from './make-codec.ts';
import { type RecordOptions, recordForm } from './record.ts';
import type { Fields, StructCodec } from './record-types.ts';

/**
 * A C struct: members in order, each at the offset that a C compiler gives it.
 *
 * @param name the type's name, for messages, tables and `fingerprint`
 * @param fields the members in the order of the C declaration
 */
export function struct<const F extends Fields>(name: string, fields: F, options: RecordOptions = {}): StructCodec<F> {
  return structOn(hostAbi, name, fields, options);
}

/** {@link struct} for a given ABI. */
export function structOn<const F extends Fields>(
  abi: Abi,
  name: string,
  fields: F,
  options: RecordOptions,
): StructCodec<F> {
  return makeRecordCodec<StructCodec<F>>(recordForm('struct', name, fields, options, abi), fields);
}
