import { readOnlyError } from '../base/errors.ts';
import { type Memory, type MemoryRange, memoryRange } from '../base/memory.ts';
import { type Abi, hostAbi } from './abi.ts';
import { asError } from './bad-value.ts';
import { type AnyCodec, type Codec, formOf } from './codec.ts';
import { describeForm } from './describe.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Form } from './form.ts';
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

  read(memory: Memory, byteOffset = 0): T {
    return readForm(this[formOf], memory, byteOffset) as T;
  }

  write(memory: Memory, byteOffset: number, value: Input): void {
    writeForm(this[formOf], memory, byteOffset, value);
  }

  live(memory: Memory, byteOffset = 0): Live {
    return liveForm(this[formOf], memory, byteOffset) as Live;
  }

  toString(): string {
    return this[formOf].label;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.describe();
  }
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

/** The codec of a struct or union, which shows the fields that it was made from. */
export function makeRecordCodec<C extends AnyCodec & { readonly fields: unknown }>(form: Form, fields: C['fields']): C {
  return new RecordCodec(form, fields) as unknown as C;
}

/** The form of a codec, or a TypeError that says where a codec was expected. */
export function formIn(codec: AnyCodec, where: string): Form {
  const form = (typeof codec === 'object' || typeof codec === 'function') && codec !== null ? codec[formOf] : undefined;
  if (form === undefined) throw new TypeError(`Cannot use this as a codec in ${where}: ${String(codec)}`);
  return form;
}

/** `alignof` of a form that stands alone. */
export function alignmentOf(form: Form, abi: Abi = form.abi ?? hostAbi): number {
  return Math.max(form.alignment(abi), form.alignas ?? 1);
}

export function readForm(form: Form, memory: Memory, byteOffset: number): unknown {
  const view = memory instanceof DataView ? memory : memoryRange(memory).dataView;
  checkBounds(form, view, byteOffset);
  return form.read(view, byteOffset);
}

export function writeForm(form: Form, memory: Memory, byteOffset: number, value: unknown): void {
  let view: DataView;
  if (memory instanceof DataView) view = memory;
  else {
    const range = memoryRange(memory);
    if (range.access === 'read') throw readOnlyError(form.label);
    view = range.dataView;
  }
  checkBounds(form, view, byteOffset);
  storeChecked(form, view, byteOffset, value, form.label);
}

/** The live object over a range; what upper floors use for memory they hold themselves. */
export function liveForm(form: Form, memory: Memory, byteOffset: number): unknown {
  const range = memoryRange(memory);
  checkBounds(form, range.dataView, byteOffset);
  return form.live === undefined ? liveValue(form, range, byteOffset) : form.live(range, byteOffset, form.label);
}

/** A scalar has no object of its own: a box with one property stands for it. */
function liveValue(form: Form, range: MemoryRange, at: number): { value: unknown } {
  const view = range.dataView;
  const writable = range.access !== 'read';
  return Object.freeze(
    Object.defineProperty({}, 'value', {
      enumerable: true,
      get: () => form.read(view, at),
      set: (value: unknown) => {
        if (!writable) throw readOnlyError(form.label);
        storeChecked(form, view, at, value, form.label);
      },
    }),
  ) as { value: unknown };
}

/** Checks, then stores: what live setters do. */
export function storeChecked(form: Form, view: DataView, at: number, value: unknown, path: string): void {
  try {
    if (form.write) form.write(view, at, value);
    else {
      form.check(value);
      form.store(view, at, value);
    }
  } catch (error) {
    throw asError(error, path);
  }
}

export function checkBounds(form: Form, view: DataView, byteOffset: number): void {
  // A detached view throws its own TypeError here.
  const room = view.byteLength;
  if (Number.isSafeInteger(byteOffset) && byteOffset >= 0 && byteOffset + form.byteLength <= room) return;
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0) {
    throw new RangeError(`Cannot use ${form.label} at offset ${byteOffset}: pass an integer of 0 or more`);
  }
  throw new RangeError(
    `Cannot use ${form.label} at offset ${byteOffset}: it needs ${form.byteLength} bytes, the memory has ${Math.max(
      0,
      room - byteOffset,
    )} from there`,
  );
}
