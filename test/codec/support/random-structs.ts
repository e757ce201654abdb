/** Random C structs, the worse the better: bit-fields in packed structs and unions, alignas, anonymous nesting. */
import type { TruthField, TruthType } from './truth.ts';

/** Small, fast, and the same on every machine. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const PRIMITIVES = [
  'char',
  'bool',
  'i8',
  'u8',
  'i16',
  'u16',
  'char16',
  'i32',
  'u32',
  'enum',
  'f32',
  'i64',
  'u64',
  'f64',
  'long',
  'ulong',
  'wchar',
  'ptr',
  'size_t',
  'enum(i8)',
  'enum(u8)',
  'enum(i16)',
  'enum(u16)',
  'enum(u32)',
] as const;

const BIT_BASES: readonly [string, number][] = [
  ['bool', 1],
  ['char', 8],
  ['i8', 8],
  ['u8', 8],
  ['i16', 16],
  ['u16', 16],
  ['i32', 32],
  ['u32', 32],
  ['enum', 32],
  ['i64', 64],
  ['u64', 64],
  ['long', 32],
  ['ulong', 32],
  ['size_t', 32],
  ['char16', 16],
  ['wchar', 16],
  ['enum(i8)', 8],
  ['enum(u8)', 8],
  ['enum(i16)', 16],
  ['enum(u16)', 16],
  ['enum(u32)', 32],
];

const C_NAMES: Record<string, string> = {
  char: 'char',
  bool: '_Bool',
  i8: 'signed char',
  u8: 'unsigned char',
  i16: 'short',
  u16: 'unsigned short',
  char16: 'unsigned short',
  i32: 'int',
  u32: 'unsigned int',
  enum: 'enum E',
  'enum(i8)': 'enum Ei8',
  'enum(u8)': 'enum Eu8',
  'enum(i16)': 'enum Ei16',
  'enum(u16)': 'enum Eu16',
  'enum(u32)': 'enum Eu32',
  f32: 'float',
  i64: 'long long',
  u64: 'unsigned long long',
  f64: 'double',
  long: 'long',
  ulong: 'unsigned long',
  wchar: '__WCHAR_TYPE__',
  ptr: 'void *',
  size_t: '__SIZE_TYPE__',
};

/**
 * The enumerations that the structs name, with `enum x : base` where a compiler knows that in C; GCC's `packed` gives
 * them the smallest integer that holds their values.
 */
export const ENUMERATIONS = `
#ifdef __clang__
#define ENUM(name, base) enum name : base
#else
#define ENUM(name, base) enum __attribute__((packed)) name
#endif
enum E { e0, e1 };
ENUM(Ei8, signed char) { i8a = -1, i8b = 1 };
ENUM(Eu8, unsigned char) { u8a = 0, u8b = 255 };
ENUM(Ei16, short) { i16a = -129, i16b = 1 };
ENUM(Eu16, unsigned short) { u16a = 0, u16b = 65535 };
ENUM(Eu32, unsigned int) { u32a = 0, u32b = 65536 };`;

export interface RandomStruct {
  readonly id: string;
  readonly types: TruthType[];
  /** Paths of members with an offset of their own. */
  readonly plain: string[];
  /** Paths of named bit-fields. */
  readonly bits: string[];
}

export function randomStruct(id: string, random: (below: number) => number): RandomStruct {
  const types: TruthType[] = [];
  let fieldCount = 0;
  const chance = (percent: number) => random(100) < percent;
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;

  const fieldsOf = (depth: number, isUnion: boolean, pack: number | null): TruthField[] => {
    const fields: TruthField[] = [];
    const count = 1 + random(isUnion ? 4 : 7);
    const bitty = random(3);
    while (fields.length < count || !fields.some((f) => f.name !== null)) {
      const name = `f${fieldCount++}`;
      const roll = random(100);
      if (bitty > 0 && roll < 30 * bitty) {
        const [type, most] = pick(BIT_BASES);
        const unnamed = chance(20);
        const bits = unnamed && chance(50) ? 0 : 1 + random(most);
        fields.push({ name: unnamed ? null : name, type, bits });
      } else if (depth < 2 && roll > 90) {
        const kind = chance(50) ? 'union' : 'struct';
        const typeAlign = chance(15) ? pick([1, 2, 4, 8, 16, 32]) : undefined;
        fields.push({
          name: null,
          type: 'anon',
          kind,
          fields: fieldsOf(depth + 1, kind === 'union', pack),
          ...(typeAlign && { typeAlign }),
        });
      } else if (depth < 2 && roll > 78) {
        const ref = typeOf(depth + 1, `${id}_N${types.length}_${fieldCount}`);
        const dims = chance(30) ? [1 + random(3)] : chance(10) ? [1 + random(2), 1 + random(3)] : undefined;
        fields.push({
          name,
          type: 'ref',
          ref,
          ...(dims && { dims }),
          ...(chance(10) && { align: pick([16, 32, 64]) }),
        });
      } else {
        const dims = chance(20) ? [1 + random(5)] : chance(6) ? [1 + random(2), 1 + random(3)] : undefined;
        const field: TruthField = { name, type: pick(PRIMITIVES), ...(dims && { dims }) };
        if (chance(8)) field.align = pick([8, 16, 32]);
        fields.push(field);
      }
    }
    return fields;
  };

  const typeOf = (depth: number, name: string): string => {
    const kind = depth > 0 && chance(35) ? 'union' : 'struct';
    const pack = chance(45) ? pick([1, 2, 4, 8, 16]) : null;
    const fields = fieldsOf(depth, kind === 'union', pack);
    types.push({ kind, name, pack, align: chance(12) ? pick([1, 2, 4, 8, 16, 32]) : null, fields });
    return name;
  };

  typeOf(0, id);
  const plain: string[] = [];
  const bits: string[] = [];
  const walk = (fields: readonly TruthField[], prefix: string): void => {
    for (const field of fields) {
      if (field.name === null) {
        if (field.fields) walk(field.fields, prefix);
        continue;
      }
      const path = prefix + field.name;
      if (field.bits !== undefined) {
        bits.push(path);
        continue;
      }
      plain.push(path);
      if (field.type === 'ref') {
        const inner = types.find((type) => type.name === field.ref)!;
        walk(inner.fields, `${path}${(field.dims ?? []).map((dim) => `[${dim - 1}]`).join('')}.`);
      }
    }
  };
  walk(types.at(-1)!.fields, '');
  return { id, types, plain, bits };
}

/** The C source of the types, and data from which a compiler's assembly tells the layout. */
export function sourceOf(struct: RandomStruct): string {
  const lines: string[] = [];
  for (const type of struct.types) {
    if (type.pack !== null) lines.push(`#pragma pack(push,${type.pack})`);
    const attribute = type.align === null ? '' : `__attribute__((aligned(${type.align}))) `;
    lines.push(
      `${type.kind} ${attribute}${type.name} {${type.fields.map((f) => declare(f, struct.types)).join(' ')}};`,
    );
    if (type.pack !== null) lines.push('#pragma pack(pop)');
  }
  const top = `${struct.types.at(-1)!.kind} ${struct.id}`;
  const constants = [
    `sizeof(${top})`,
    `_Alignof(${top})`,
    ...struct.plain.map((path) => `__builtin_offsetof(${top},${path})`),
  ];
  lines.push(`unsigned long long K_${struct.id}[] = {${constants.join(',')}};`);
  lines.push(...struct.bits.map((path, i) => `${top} B_${struct.id}_${i} = {.${path} = -1};`));
  return lines.join('\n');
}

function declare(field: TruthField, types: readonly TruthType[]): string {
  // As _Alignas, but a smaller one than the type's own is no error.
  const align = field.align === undefined ? '' : `__attribute__((aligned(${field.align}))) `;
  const dims = (field.dims ?? []).map((dim) => `[${dim}]`).join('');
  const attribute = field.typeAlign === undefined ? '' : `__attribute__((aligned(${field.typeAlign}))) `;
  if (field.type === 'anon')
    return `${field.kind} ${attribute}{${field.fields!.map((f) => declare(f, types)).join(' ')}};`;
  const name =
    field.type === 'ref' ? `${types.find((type) => type.name === field.ref)!.kind} ${field.ref}` : C_NAMES[field.type]!;
  return `${align}${name} ${field.name ?? ''}${dims}${field.bits === undefined ? '' : `:${field.bits}`};`;
}
