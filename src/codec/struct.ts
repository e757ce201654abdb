import { type Abi, hostAbi } from './abi.ts';
import type { AnyCodec } from './codec.ts';
import { formOf } from './codec.ts';
import { FormCodec } from './make-codec.ts';
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
export function structOn<const F extends Fields>(abi: Abi, name: string, fields: F, options: RecordOptions): StructCodec<F> {
  return new RecordCodec(recordForm('struct', name, fields, options, abi), fields) as unknown as StructCodec<F>;
}

/** A struct or union: a codec that also shows its fields. */
export class RecordCodec<F extends Readonly<Record<string, AnyCodec>>> extends FormCodec<unknown, unknown, unknown> {
  readonly fields: F;

  constructor(form: ConstructorParameters<typeof FormCodec>[0], fields: F) {
    super(form);
    this.fields = Object.freeze({ ...fields }) as F;
  }

  /** The struct's members. @internal */
  get members(): unknown {
    return this[formOf].members;
  }
}
