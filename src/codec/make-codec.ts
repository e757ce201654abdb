import type { Memory } from '../base/memory.ts';
import { show } from '../base/show.ts';
import { type Abi, hostAbi } from './abi.ts';
import { type AnyCodec, type Codec, formOf } from './codec.ts';
import { describeForm } from './describe.ts';
import { type EntryPoints, liveEntry, readEntry, writeEntry } from './entry-points.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Form } from './form.ts';
import type { IntegerBits, IntegerCodec } from './integer-types.ts';
import { bitOffsetOf, byteOffsetOf } from './path.ts';

/** The public face of a form. */
class FormCodec<T, Live, Input> implements Codec<T, Live, Input> {
  readonly [formOf]: Form;

  constructor(form: Form) {
    this[formOf] = form;
  }

  get name(): string {
    return this[formOf].label;
  }

  get byteLength(): number {
    return this[formOf].byteLength;
  }

  get byteAlignment(): number {
    return alignmentOf(this[formOf]);
  }

  get fingerprint(): string {
    return fingerprintOf(this[formOf]);
  }

  offsetOf(path: string): number {
    return byteOffsetOf(this[formOf], path);
  }

  bitOffsetOf(path: string): number {
    return bitOffsetOf(this[formOf], path);
  }

  describe(): string {
    return describeForm(this[formOf]);
  }

  // Each entry point is made at its first use and then stands on the codec itself: a function of its own for each
  // codec keeps call sites monomorphic however many codecs there are.

  read(memory: Memory, byteOffset?: number): T {
    return install(this, 'read', readEntry(this[formOf]))(memory, byteOffset) as T;
  }

  write(memory: Memory, byteOffset: number, value: Input): void {
    install(this, 'write', writeEntry(this[formOf]))(memory, byteOffset, value);
  }

  live(memory: Memory, byteOffset?: number): Live {
    return install(this, 'live', liveEntry(this[formOf]))(memory, byteOffset) as Live;
  }

  toString(): string {
    return this[formOf].label;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.describe();
  }
}

function install<F>(codec: object, key: keyof EntryPoints, entry: F): F {
  Object.defineProperty(codec, key, { value: entry, configurable: true, writable: true });
  return entry;
}

class RecordCodec extends FormCodec<unknown, unknown, unknown> {
  readonly fields: unknown;

  constructor(form: Form, fields: unknown) {
    super(form);
    this.fields = Object.freeze({ ...(fields as object) });
  }
}

/** The codec of a form. */
export function makeCodec<T, Live, Input>(form: Form): Codec<T, Live, Input> {
  return new FormCodec<T, Live, Input>(form);
}

/** The codec of a form that has an `integer` of so many bits. */
export function integerCodec<T, Bits extends IntegerBits, Input = T>(form: Form): IntegerCodec<T, Bits, Input> {
  return new FormCodec(form) as unknown as IntegerCodec<T, Bits, Input>;
}

/** The codec of a struct or union, which shows the fields that it was made from. */
export function makeRecordCodec<C extends AnyCodec & { readonly fields: unknown }>(form: Form, fields: C['fields']): C {
  return new RecordCodec(form, fields) as unknown as C;
}

/** The form of a codec, or a TypeError that says where a codec was expected. */
export function formIn(codec: AnyCodec, where: string): Form {
  const form = (typeof codec === 'object' || typeof codec === 'function') && codec !== null ? codec[formOf] : undefined;
  if (form === undefined) {
    throw new TypeError(`Cannot use this as a codec in ${where}: ${show(codec)}, pass a struct or another codec`);
  }
  return form;
}

/** `alignof` of a form that stands alone. */
export function alignmentOf(form: Form, abi: Abi = form.abi ?? hostAbi): number {
  return Math.max(form.alignment(abi), form.alignas ?? 1);
}

const writers = new WeakMap<Form, EntryPoints['write']>();

/** `write` for whoever holds a form and no codec. */
export function writeForm(form: Form, memory: Memory, byteOffset: number, value: unknown): void {
  let write = writers.get(form);
  if (!write) {
    write = writeEntry(form);
    writers.set(form, write);
  }
  write(memory, byteOffset, value);
}
