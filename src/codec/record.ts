import { show } from '../base/show.ts';
import { type Abi, abiFacts } from './abi.ts';
import { checkOptions } from './check-options.ts';
import type { AnyCodec } from './codec.ts';
import { isFlexible } from './element-form.ts';
import { fieldEntries } from './field-names.ts';
import type { Form, Member } from './form.ts';
import { checkHeaderFields } from './header-field.ts';
import { liveMaker } from './live-record.ts';
import { placeMembers } from './place-members.ts';
import type { Placed } from './placeable.ts';
import { assignFunctions, checkRooms } from './record-closures.ts';
import { recordCode } from './record-code.ts';
import { isOpenEnded, type RecordKind } from './record-members.ts';
import { recordSchema } from './record-schema.ts';

/** How a struct or union is laid out. */
export interface RecordOptions {
  /** `#pragma pack(n)`: 1, 2, 4, 8 or 16. Absent is the compiler's default. */
  readonly pack?: 1 | 2 | 4 | 8 | 16;
  /** `alignas(n)` on the type: a power of two. */
  readonly align?: number;
  /**
   * `write` looks for unknown fields in every value, not in a sample of them; a record of ten numbers then takes two
   * to three times as long. Goes for the whole value that is written, nested ones included, by the outermost record.
   */
  readonly strict?: boolean;
}

/** Lays fields out and makes the form that reads, stores and shows them. */
export function recordForm(
  kind: RecordKind,
  name: string,
  fields: Readonly<Record<string, AnyCodec>>,
  options: RecordOptions,
  abi: Abi,
): Form {
  const label = name === '' ? `(anonymous ${kind})` : name;
  checkLayout(label, options);
  const entries = fieldEntries(label, fields, abi);
  checkFlow(kind, label, entries);
  const placed = placeMembers(
    entries.map(([, form]) => ({
      byteLength: form.byteLength,
      alignment: form.alignment(abi),
      alignas: form.alignas ?? 1,
      ...(form.bits && { bitWidth: form.bits.width, unnamed: form.bits.unnamed }),
    })),
    {
      isUnion: kind === 'union',
      ...(options.align !== undefined && { alignas: options.align }),
      ...(options.pack !== undefined && { pack: options.pack }),
    },
    abi,
  );
  const members = bindMembers(entries, placed, label);
  checkHeaderFields(label, members);
  return placedForm(kind, label, abi, members, placed, options);
}

/** The form of members whose places are known. */
export function placedForm(
  kind: RecordKind,
  label: string,
  abi: Abi | undefined,
  members: readonly Member[],
  placed: Pick<Placed, 'byteLength' | 'alignment' | 'alignas'>,
  { strict = false }: Pick<RecordOptions, 'strict'> = {},
): Form {
  const { read, take, store, code } = recordCode(kind, label, members);
  const { takePartial, storePartial } = assignFunctions(kind, members, label);
  const { byteLength, alignment, alignas } = placed;
  const microsoft = abi !== undefined && abiFacts[abi].microsoft;
  let made: ReturnType<typeof liveMaker> | undefined;
  const maker = () => {
    made ??= liveMaker(form);
    return made;
  };
  const form: Form = {
    kind,
    label,
    abi,
    byteLength,
    alignment: () => alignment,
    ...(microsoft && alignas > 1 && { alignas }),
    read,
    check: (value) => void take(value),
    take,
    store,
    takePartial,
    storePartial,
    live: (range, at, path) => maker().live(range, at, path),
    openClass: () => maker().openClass(),
    ...(isOpenEnded(members)
      ? { checkRoom: (view: DataView, at: number, value: unknown) => checkRooms(members, view, at, value as never) }
      : { code }),
    ...(strict && { strict }),
    ...(members.some((m) => m.form.unchecked) && { unchecked: true }),
    members,
    schema: () => recordSchema(form),
  };
  return form;
}

/** What would be laid out, but not as its author means. */
function checkFlow(kind: RecordKind, label: string, entries: readonly (readonly [string, Form])[]): void {
  entries.forEach(([key, form], index) => {
    if (form.place) {
      throw new TypeError(
        `Cannot place ${label}.${key}: a ${kind} computes its offsets, only a layout's members stand at()`,
      );
    }
    const isLast = entries.slice(index + 1).every(([, later]) => later.kind === 'section');
    if (kind === 'struct' && isFlexible(form) && !isLast) {
      throw new TypeError(
        `Cannot make ${label}: flexible member ${JSON.stringify(key)} is followed by others, put it last`,
      );
    }
  });
}

function bindMembers(entries: readonly (readonly [string, Form])[], placed: Placed, label: string): Member[] {
  const members: Member[] = [];
  entries.forEach(([key, form], index) => {
    const bitOffset = placed.bitOffsets[index]!;
    const byteOffset = Math.floor(bitOffset / 8);
    if (form.bits) {
      const { width, unnamed, place } = form.bits;
      members.push({
        key,
        name: unnamed ? undefined : key,
        form: place(bitOffset % 8),
        byteOffset,
        bitOffset,
        bitWidth: width,
      });
    } else if (form.promotes) {
      members.push({ key, name: undefined, form, byteOffset, promoted: true });
    } else {
      const bound = form.bind ? form.bind(members, byteOffset, label) : form;
      members.push({ key, name: key, form: bound, byteOffset });
    }
  });
  return members;
}

function checkLayout(label: string, options: RecordOptions): void {
  checkOptions(label, options, { pack: undefined, align: undefined, strict: [true, false] });
  const { pack, align } = options;
  if (pack !== undefined && ![1, 2, 4, 8, 16].includes(pack)) {
    throw new RangeError(`Cannot lay out ${label}: pack is ${show(pack)}, expected 1, 2, 4, 8 or 16`);
  }
  if (align !== undefined) checkAlignment(align, label);
}

export function checkAlignment(align: number, what: string): void {
  if (Number.isInteger(align) && align >= 1 && align <= 0x4000 && (align & (align - 1)) === 0) return;
  throw new RangeError(`Cannot align ${what}: alignment is ${show(align)}, expected a power of two from 1 to 16384`);
}
