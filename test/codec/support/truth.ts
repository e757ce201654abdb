/** Ground truth of compilers and of published headers: where it lies, and how its descriptions become codecs. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnyCodec, type AnyInteger, type Fields, type Target, target } from '../../../src/codec/index.ts';

export type TargetAbi = Target['abi'];

export interface TruthField {
  name: string | null;
  type: string;
  ref?: string;
  kind?: 'struct' | 'union';
  fields?: TruthField[];
  dims?: number[];
  bits?: number;
  align?: number;
  /** alignas on the type of an anonymous record. */
  typeAlign?: number;
  flex?: boolean;
  enumBase?: string;
}

export interface TruthType {
  kind: 'struct' | 'union';
  name: string;
  pack: number | null;
  align: number | null;
  fields: TruthField[];
}

export type TruthPlace = { offset: number; size: number } | { bitOffset: number; bits: number };

export interface TruthStruct {
  id: string;
  tag: string;
  types: TruthType[];
  truth: Record<string, { size: number; align: number; fields: Record<string, TruthPlace> }>;
}

export interface PublishedField {
  name: string;
  offset: number;
  size: number;
  dims?: number[];
  base?: string;
  type?: string;
  bits?: number;
  bitOffset?: number;
}

export interface PublishedType {
  kind: 'struct' | 'union';
  pack: number | null;
  size: number;
  align: number;
  fields: PublishedField[];
}

const here = dirname(fileURLToPath(import.meta.url));

/** Every JSON file of the folders there are: ours, the shared one beside the repository, `MAPFILE_LAYOUTS`. */
export function truthFiles(): Map<string, unknown> {
  const folders = [
    join(here, '../../truth'),
    join(here, '../../../../shared/layouts'),
    ...(process.env.MAPFILE_LAYOUTS ? [process.env.MAPFILE_LAYOUTS] : []),
  ];
  const files = new Map<string, unknown>();
  for (const folder of folders.filter((each) => existsSync(each))) {
    for (const file of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
      files.set(file, JSON.parse(readFileSync(join(folder, file), 'utf8')));
    }
  }
  return files;
}

/** The codec of each type of a struct's description, in order. */
export function codecsOf(types: readonly TruthType[], abi: TargetAbi): Map<string, AnyCodec> {
  const t = target(abi);
  const known = new Map<string, AnyCodec>();
  for (const type of types) known.set(type.name, recordOf(t, type, known));
  return known;
}

function recordOf(t: Target, type: Omit<TruthType, 'name'> & { name: string }, known: Map<string, AnyCodec>): AnyCodec {
  const fields: Record<string, AnyCodec> = {};
  type.fields.forEach((field, index) => {
    fields[field.name ?? `$${index}`] = fieldOf(t, field, known, type.pack);
  });
  const options = {
    ...(type.pack !== null && { pack: type.pack as 1 }),
    ...(type.align !== null && { align: type.align }),
  };
  return type.kind === 'struct' ? t.struct(type.name, fields, options) : t.union(type.name, fields, options);
}

function fieldOf(t: Target, field: TruthField, known: Map<string, AnyCodec>, pack: number | null): AnyCodec {
  let codec: AnyCodec;
  if (field.type === 'anon') {
    // `#pragma pack` around the type holds for the anonymous ones inside.
    const options = { kind: field.kind!, name: '', pack, align: field.typeAlign ?? null, fields: field.fields! };
    const record = recordOf(t, options, known);
    codec = field.name === null ? t.anonymous(record as AnyCodec & { fields: Fields }) : record;
  } else if (field.type === 'ref') codec = known.get(field.ref!)!;
  else codec = primitiveOf(t, field.type, field.enumBase);
  if (field.bits !== undefined) {
    const base = codec as AnyInteger;
    codec = field.name === null ? t.bits(base, field.bits, { unnamed: true }) : t.bits(base, field.bits);
  }
  if (field.flex) codec = t.flexible(codec);
  else if (field.dims) codec = t.array(codec, ...(field.dims as [number]));
  return field.align === undefined || field.align === null ? codec : t.aligned(field.align, codec);
}

export function primitiveOf(t: Target, name: string, enumBase = 'i32'): AnyCodec {
  const { c } = t;
  const codecs: Record<string, AnyCodec> = {
    char: c.char,
    bool: t.bool8,
    char16: c.char16_t,
    wchar: c.wchar_t,
    long: c.long,
    ulong: c.unsigned_long,
    ptr: t.pointer,
    size_t: c.size_t,
    i8: t.i8,
    u8: t.u8,
    i16: t.i16,
    u16: t.u16,
    i32: t.i32,
    u32: t.u32,
    i64: t.i64,
    u64: t.u64,
    f32: t.f32,
    f64: t.f64,
  };
  if (name.startsWith('enum')) {
    const base = /[:(](\w+)/.exec(name)?.[1] ?? enumBase;
    return t.enumeration(primitiveOf(t, base) as Target['i32'], { zero: 0, one: 1 });
  }
  const codec = codecs[name];
  if (!codec) throw new Error(`No codec for the primitive ${name}`);
  return codec;
}
