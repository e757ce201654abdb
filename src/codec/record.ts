import { type Abi, abiFacts } from './abi.ts';
import type { AnyCodec } from './codec.ts';
import { fieldEntries } from './field-names.ts';
import type { Form, Member } from './form.ts';
import { liveMaker } from './live-record.ts';
import { placeMembers } from './place-members.ts';
import type { Placed } from './placeable.ts';
import { assignFunctions } from './record-closures.ts';
import { recordCode } from './record-code.ts';
import { isOpenEnded, type RecordKind } from './record-members.ts';
import { recordSchema } from './record-schema.ts';

/** How a struct or union is laid out. */
export interface RecordOptions {
  /** `#pragma pack(n)`: 1, 2, 4, 8 or 16. Absent is the compiler's default. */
  readonly pack?: 1 | 2 | 4 | 8 | 16;
  /** `alignas(n)` on the type: a power of two. */
  readonly align?: number;
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
  checkOptions(label, options);
  const entries = fieldEntries(label, fields, abi);
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
  return placedForm(kind, label, abi, bindMembers(entries, placed, label), placed);
}

/** The form of members whose places are known. */
export function placedForm(
  kind: RecordKind,
  label: string,
  abi: Abi | undefined,
  members: readonly Member[],
  placed: Pick<Placed, 'byteLength' | 'alignment' | 'alignas'>,
): Form {
  const { read, check, store, write, code } = recordCode(kind, label, members);
  const { checkPartial, storePartial } = assignFunctions(kind, members, label);
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
    check,
    store,
    write,
    checkPartial,
    storePartial,
    live: (range, at, path) => maker().live(range, at, path),
    openClass: () => maker().openClass(),
    ...(!isOpenEnded(members) && { code }),
    members,
    schema: () => recordSchema(form),
  };
  return form;
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

function checkOptions(label: string, { pack, align }: RecordOptions): void {
  if (pack !== undefined && ![1, 2, 4, 8, 16].includes(pack)) {
    throw new RangeError(`Cannot lay out ${label}: pack is ${String(pack)}, expected 1, 2, 4, 8 or 16`);
  }
  if (align !== undefined) checkAlignment(align, label);
}

export function checkAlignment(align: number, what: string): void {
  if (Number.isInteger(align) && align >= 1 && align <= 0x4000 && (align & (align - 1)) === 0) return;
  throw new RangeError(`Cannot align ${what}: alignment is ${String(align)}, expected a power of two from 1 to 16384`);
}
