import { MapFileError } from '../base/errors.ts';
import { array } from './array.ts';
import { atomic } from './atomic.ts';
import { bits } from './bits.ts';
import { bytes } from './bytes.ts';
import { char } from './char.ts';
import { checkCount } from './check-count.ts';
import { type AnyCodec, type Codec, formOf } from './codec.ts';
import { enumeration } from './enumeration.ts';
import { checkDistinct, checkName } from './field-names.ts';
import { flexible } from './flexible.ts';
import type { Form, Member, Schema } from './form.ts';
import { checkHeaderFields } from './header-field.ts';
import { formIn, integerCodec, makeCodec, makeRecordCodec } from './make-codec.ts';
import { padding } from './padding.ts';
import { checkAlignment, placedForm } from './record.ts';
import { namesOf, type RecordKind } from './record-members.ts';
import * as scalars from './scalars.ts';
import { section } from './section.ts';
import { json, text } from './text.ts';
import { utf16, utf32 } from './wide-strings.ts';

/** The form of what a mapping describes itself: values of any shape. */
export type DescribedCodec = Codec<unknown, unknown, unknown>;

/** Bounds for tables out of shared memory, which may hold anything. */
const MAX_DEPTH = 64;
const MAX_ROWS = 100_000;

/**
 * The layout of a codec as canonical JSON: places, types and names, the same text for the same layout on every
 * platform. {@link codecFromTable} makes a codec of it, in any process.
 *
 * @throws TypeError for what is no codec
 *
 * @example
 * ```ts
 * import { codecFromTable, i32, layoutTable, struct, u8 } from 'mapfile/codec';
 *
 * const table = layoutTable(struct('pair', { a: u8, b: i32 }));
 * console.log(table); // ["struct","pair",8,4,[["a",0,"u8"],["b",4,"i32"]]]
 * console.log(codecFromTable(table).read(Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0))); // { a: 1, b: 2 }
 * ```
 */
export function layoutTable(codec: AnyCodec): string {
  return JSON.stringify(formIn(codec, 'layoutTable()').schema());
}

/**
 * A codec from a {@link layoutTable}: what reads a mapping that carries its own description.
 *
 * Bytes are placed as in the original. 64-bit integers come as bigints; codecs made with `defineCodec` come as bytes
 * unless `custom` knows their names. The table may come out of shared memory: what it says is checked as `struct` checks.
 *
 * @param custom answers the codec of a name that `defineCodec` was given
 * @throws MapFileError ERR_CORRUPT if the text is no layout table
 */
export function codecFromTable(
  table: string,
  custom: (name: string) => AnyCodec | undefined = () => undefined,
): DescribedCodec {
  try {
    const form = new Builder(custom).form(JSON.parse(table) as Schema, 0);
    return form.members ? makeRecordCodec<DescribedCodec & { fields: object }>(form, {}) : makeCodec(form);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new MapFileError('ERR_CORRUPT', `Cannot read a layout table: ${detail}`, { detail }, undefined, error);
  }
}

class Builder {
  readonly #custom: (name: string) => AnyCodec | undefined;
  #rows = 0;

  constructor(custom: (name: string) => AnyCodec | undefined) {
    this.#custom = custom;
  }

  form(schema: unknown, depth: number): Form {
    if (depth > MAX_DEPTH) throw new RangeError(`it nests more than ${MAX_DEPTH} levels deep`);
    if (typeof schema === 'string') {
      const known = Object.hasOwn(scalars, schema) ? (scalars as Record<string, unknown>)[schema] : undefined;
      if (known === undefined) throw new TypeError(`it has an unknown type ${JSON.stringify(schema)}`);
      return (known as AnyCodec)[formOf];
    }
    if (!Array.isArray(schema) || typeof schema[0] !== 'string') throw new TypeError('it has an entry that is no type');
    const [kind, ...rest] = schema as [string, ...unknown[]];
    const inner = () => integerCodec<number, 32>(this.form(rest[0], depth + 1));
    const count = rest[0] as number;
    switch (kind) {
      case 'struct':
      case 'union':
        return this.#record(kind, rest as [string, number, number, unknown[]], depth);
      case 'array':
        return formIn(array(makeCodec(this.form(rest[0], depth + 1)), rest[1] as number), kind);
      case 'char':
        return formIn(char(count, (rest[1] as string | undefined) ?? 'utf8'), kind);
      case 'utf16':
        return formIn(utf16(count), kind);
      case 'utf32':
        return formIn(utf32(count), kind);
      case 'bytes':
        return formIn(bytes(count), kind);
      case 'text':
        return formIn(text(count), kind);
      case 'json':
        return formIn(json(count), kind);
      case 'padding':
        return formIn(padding(count), kind);
      case 'enum':
        return formIn(enumeration(inner(), rest[1] as Record<string, number>), kind);
      case 'atomic':
        return formIn(atomic(inner()), kind);
      case 'flexible':
        return formIn(flexible(inner(), (rest[1] as string | null) ?? undefined), kind);
      case 'section': {
        const [, offset, stride, number] = rest as [unknown, string | number, string | number | null, string | number];
        return formIn(section(inner(), { offset, count: number, ...(stride !== null && { stride }) }), kind);
      }
      case 'custom':
        return this.#customForm(rest[0] as string, rest[1] as number);
      default:
        throw new TypeError(`it has an unknown type ${JSON.stringify(kind)}`);
    }
  }

  #customForm(name: string, byteLength: number): Form {
    const known = this.#custom(name);
    if (known) return formIn(known, name);
    return { ...formIn(bytes(positive(byteLength)), name), label: String(name) };
  }

  #record(
    kind: RecordKind,
    [label, byteLength, alignment, rows]: [string, number, number, unknown[]],
    depth: number,
  ): Form {
    if (!Array.isArray(rows)) throw new TypeError(`${String(label)} has no rows`);
    checkCount(byteLength, String(label));
    checkAlignment(alignment, String(label));
    this.#rows += rows.length;
    if (this.#rows > MAX_ROWS) throw new RangeError(`it has more than ${MAX_ROWS} rows`);
    const members: Member[] = [];
    for (const row of rows as [string, number, Schema, number?, number?][]) {
      const [key, byteOffset, schema, shift, width] = row;
      if (typeof key !== 'string' || !Number.isSafeInteger(byteOffset) || byteOffset < 0)
        throw new TypeError(`${label} has a row without a place`);
      if (key !== '') checkName(key, label);
      members.push(this.#member(row, this.form(schema, depth + 1), members, label, shift, width));
      const { form } = members.at(-1)!;
      if (byteOffset + form.byteLength > byteLength) throw new RangeError(`${label}.${key} ends behind ${byteLength}`);
    }
    checkDistinct(namesOf(members), String(label));
    checkHeaderFields(String(label), members);
    return placedForm(kind, String(label), undefined, members, {
      byteLength,
      alignment,
      alignas: 1,
    });
  }

  #member(
    [key, byteOffset]: readonly [string, number, ...unknown[]],
    form: Form,
    before: readonly Member[],
    label: string,
    shift?: number,
    width?: number,
  ): Member {
    if (width !== undefined && shift !== undefined) {
      if (!(Number.isInteger(shift) && shift >= 0 && shift < 8))
        throw new RangeError(`${label}.${key} starts at bit ${shift}`);
      const placed = formIn(bits(integerCodec<number, 64>(form), width), key).bits!.place(shift);
      return { key, name: key, form: placed, byteOffset, bitOffset: byteOffset * 8 + shift, bitWidth: width };
    }
    if (key === '') return { key: `(${before.length})`, name: undefined, form, byteOffset, promoted: true };
    return { key, name: key, form: form.bind ? form.bind(before, byteOffset, label) : form, byteOffset };
  }
}

function positive(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new RangeError(`it has ${String(value)} where a number above 0 must stand`);
}
