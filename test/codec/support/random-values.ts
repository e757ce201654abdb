/** Random values of random structs, as JavaScript and as C initialisers: what compilers then put into memory. */
import type { RandomStruct } from './random-structs.ts';
import type { TruthField } from './truth.ts';

export interface RandomValue {
  /** What `write` takes. */
  readonly value: unknown;
  /** Each scalar by its path. */
  readonly leaves: readonly { readonly path: string; readonly value: unknown }[];
  /** `.f0 = 1, .f1.f2[3] = 4`. */
  readonly initialisers: string;
}

type Random = (below: number) => number;

/** The bits of integers that are numbers, below 0 for signed ones; the fewest where ABIs differ. */
const NUMBERS: Readonly<Record<string, number>> = {
  char: -8,
  i8: -8,
  u8: 8,
  i16: -16,
  u16: 16,
  char16: 16,
  i32: -32,
  u32: 32,
  long: -32,
  ulong: 32,
  size_t: 32,
  wchar: 15,
};

/** One value; in unions one member is given. */
export function randomValue(struct: RandomStruct, random: Random): RandomValue {
  const leaves: { path: string; value: unknown }[] = [];
  const bigint = (width: number, signed: boolean) => {
    const raw = (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
    return signed ? BigInt.asIntN(width, raw) : BigInt.asUintN(width, raw);
  };
  const scalar = (field: TruthField): unknown => {
    const { type, bits } = field;
    if (type === 'bool') return random(2) === 1;
    if (type === 'f32' || type === 'f64') return (random(2 ** 20) - 2 ** 19) / 8;
    if (type === 'ptr') return BigInt(random(2 ** 31));
    if (type === 'i64' || type === 'u64') return bigint(bits ?? 64, type === 'i64');
    if (type.startsWith('enum')) {
      // Positive under a signed base as well: whether `enum E` is signed differs between compilers.
      const most = bits ?? Number(/\d+/.exec(type)?.[0] ?? 32);
      const raw = random(2 ** (most - 1));
      return raw === 0 ? 'zero' : raw === 1 ? 'one' : raw;
    }
    const known = NUMBERS[type]!;
    const most = Math.min(Math.abs(known), bits ?? 64);
    // Under Microsoft wchar_t is unsigned: the sign bit stays clear.
    if (type === 'wchar') return random(2 ** (bits === undefined ? 15 : most - 1));
    return Number(bigint(most, known < 0));
  };
  const leaf = (field: TruthField, path: string): unknown => {
    const value = scalar(field);
    leaves.push({ path, value });
    return value;
  };
  const element = (field: TruthField, path: string): unknown => {
    if (field.type !== 'ref') return leaf(field, path);
    const inner = struct.types.find((type) => type.name === field.ref)!;
    return record(inner.fields, inner.kind === 'union', path);
  };
  const elements = (field: TruthField, path: string, [count, ...rest]: readonly number[]): unknown =>
    count === undefined
      ? element(field, path)
      : Array.from({ length: count }, (_, i) => elements(field, `${path}[${i}]`, rest));
  const record = (fields: readonly TruthField[], isUnion: boolean, path: string): Record<string, unknown> => {
    const valued = fields.filter((field) => field.name !== null || field.type === 'anon');
    const value: Record<string, unknown> = {};
    for (const field of isUnion ? [valued[random(valued.length)]!] : valued) {
      if (field.name === null) Object.assign(value, record(field.fields!, field.kind === 'union', path));
      else value[field.name] = elements(field, `${path}.${field.name}`, field.dims ?? []);
    }
    return value;
  };
  const top = struct.types.at(-1)!;
  const value = record(top.fields, top.kind === 'union', '');
  const initialisers = leaves.map((each) => `${each.path} = ${literal(each.value)}`).join(', ');
  return { value, leaves, initialisers };
}

function literal(value: unknown): string {
  if (value === 'zero' || value === false) return '0';
  if (value === 'one' || value === true) return '1';
  if (typeof value !== 'bigint') return `${value}`;
  return value === -(2n ** 63n) ? '(-9223372036854775807LL - 1)' : value < 0n ? `${value}LL` : `${value}ULL`;
}

/** What stands at `.f1.f2[3]` of a value. */
export function leafOf(value: unknown, path: string): unknown {
  let at = value;
  for (const [, name, index] of path.matchAll(/\.(\w+)|\[(\d+)\]/g)) {
    at = (at as Record<string, unknown>)[name ?? index!];
  }
  return at;
}
