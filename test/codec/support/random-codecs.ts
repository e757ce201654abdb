/** Random codecs nested in each other, each with a value, its bytes where they are known, and ways to spoil it. */
import type { GeneratorValue } from 'fast-check';
import fc from 'fast-check';
import type { AnyCodec, AnyInteger, Fields, Target } from '../../../src/codec/index.ts';
import { LEAVES, type Leaf } from './leaves.ts';

/** A scalar at its place, with the bytes that it must have. */
export interface Spot {
  /** `.pos.tags[1]` */
  readonly path: string;
  readonly bytes?: Uint8Array;
  /** For bit-fields. */
  readonly bits?: { readonly width: number; readonly raw: bigint };
  readonly wrong: readonly unknown[];
}

export interface RandomCodec {
  readonly codec: AnyCodec;
  readonly value: unknown;
  /** What `read` gives after `value` was written; absent inside unions, whose other members read the same bytes. */
  readonly expected: unknown;
  readonly spots: readonly Spot[];
  /** Paths of plain objects, in which every field is known. */
  readonly objects: readonly string[];
  /** It holds a union, so that `read` gives more than was written, and perhaps nothing. */
  readonly hasUnion: boolean;
}

type Record_ = Omit<RandomCodec, 'value' | 'expected' | 'codec'> & {
  readonly fields: Record<string, AnyCodec>;
  readonly value: Record<string, unknown>;
  readonly expected: Record<string, unknown>;
};

/** Draws one, of at most `depth` levels. */
export function randomCodec(g: GeneratorValue, t: Target, depth: number): RandomCodec {
  let names = 0;
  const draw = (most: number) => g(fc.integer, { min: 0, max: most });

  const leaf = (): RandomCodec => {
    const each = LEAVES[draw(LEAVES.length - 1)]!;
    const value = g(() => each.value);
    return {
      codec: each.codec(t),
      value,
      expected: each.expected ? each.expected(value) : value,
      spots: [{ path: '', bytes: each.bytes(value as never, t), wrong: each.wrong }],
      objects: [],
      hasUnion: false,
    };
  };

  const bitField = (): RandomCodec => {
    const bases = LEAVES.filter((each): each is Leaf & Required<Pick<Leaf, 'bits'>> => each.bits !== undefined);
    const base = bases[draw(bases.length - 1)]!;
    const { signed, big } = base.bits;
    const codec = base.codec(t);
    const width = 1 + draw(codec.byteLength * 8 - 1);
    const all = BigInt.asUintN(64, g(fc.bigInt, { min: 0n, max: 2n ** 64n - 1n }));
    const raw = BigInt.asUintN(width, all);
    const exact = signed ? BigInt.asIntN(width, raw) : raw;
    const value = big ? exact : Number(exact);
    const above = signed ? 2n ** BigInt(width - 1) : 2n ** BigInt(width);
    const wrong = big ? [above, 1, null] : [Number(above), 0.5, Number.NaN, 1n, null];
    return {
      codec: t.bits(codec as AnyInteger, width),
      value,
      expected: value,
      spots: [{ path: '', bits: { width, raw }, wrong }],
      objects: [],
      hasUnion: false,
    };
  };

  const list = (level: number): RandomCodec => {
    const count = 1 + draw(3);
    // All elements are one codec, so what differs is their values.
    const first = node(level - 1);
    const of = (values: unknown[]) => values;
    return {
      codec: t.array(first.codec, count),
      value: of(Array(count).fill(first.value)),
      expected: of(Array(count).fill(first.expected)),
      spots: Array.from({ length: count }, (_, i) => within(first.spots, `[${i}]`)).flat(),
      objects: Array.from({ length: count }, (_, i) => first.objects.map((path) => `[${i}]${path}`)).flat(),
      hasUnion: first.hasUnion,
    };
  };

  const fieldsOf = (level: number): Record_ => {
    const made: Record_ = { fields: {}, value: {}, expected: {}, spots: [], objects: [], hasUnion: false };
    const spots: Spot[] = [];
    const objects: string[] = [];
    let hasUnion = false;
    const count = 1 + draw(4);
    for (let i = 0; i < count || spots.length === 0; i += 1) {
      const name = `f${names++}`;
      const roll = draw(9);
      if (roll === 0) made.fields[name] = t.padding(1 + draw(4));
      else if (roll === 1) made.fields[name] = t.bits(t.u32, draw(5), { unnamed: true });
      else if (roll === 2 && level > 0) {
        const inner = fieldsOf(level - 1);
        made.fields[name] = t.anonymous(t.struct('', inner.fields) as AnyCodec & { fields: Fields });
        Object.assign(made.value, inner.value);
        Object.assign(made.expected, inner.expected);
        spots.push(...inner.spots);
        objects.push(...inner.objects);
        hasUnion ||= inner.hasUnion;
      } else {
        const inner = roll < 6 ? bitField() : node(level - 1);
        made.fields[name] = inner.codec;
        made.value[name] = inner.value;
        made.expected[name] = inner.expected;
        spots.push(...within(inner.spots, `.${name}`));
        objects.push(...inner.objects.map((path) => `.${name}${path}`));
        hasUnion ||= inner.hasUnion;
      }
    }
    return { ...made, spots, objects, hasUnion };
  };

  const struct = (level: number): RandomCodec => {
    const { fields, ...made } = fieldsOf(level);
    const pack = [undefined, undefined, 1, 2, 4, 8][draw(5)] as 1 | undefined;
    const align = draw(7) === 0 ? 2 ** draw(4) : undefined;
    const options = { ...(pack && { pack }), ...(align && { align }) };
    return { ...made, codec: t.struct(`s${names++}`, fields, options), objects: ['', ...made.objects] };
  };

  const layout = (level: number): RandomCodec => {
    const fields: Record<string, AnyCodec> = {};
    const parts = Array.from({ length: 1 + draw(2) }, () => ({ name: `f${names++}`, inner: node(level - 1) }));
    let at = 0;
    for (const { name, inner } of parts) {
      at += draw(5);
      fields[name] = t.at(at, inner.codec);
      at += inner.codec.byteLength;
    }
    const entries = (key: 'value' | 'expected') =>
      Object.fromEntries(parts.map(({ name, inner }) => [name, inner[key]]));
    return {
      codec: t.layout(`l${names++}`, at + draw(5) || 1, fields),
      value: entries('value'),
      expected: entries('expected'),
      spots: parts.flatMap(({ name, inner }) => within(inner.spots, `.${name}`)),
      objects: ['', ...parts.flatMap(({ name, inner }) => inner.objects.map((path) => `.${name}${path}`))],
      hasUnion: parts.some(({ inner }) => inner.hasUnion),
    };
  };

  const union = (level: number): RandomCodec => {
    const parts = Array.from({ length: 2 + draw(1) }, () => ({ name: `f${names++}`, inner: node(level - 1) }));
    const { name, inner } = parts[draw(parts.length - 1)]!;
    return {
      codec: t.union(`u${names++}`, Object.fromEntries(parts.map((part) => [part.name, part.inner.codec]))),
      value: { [name]: inner.value },
      expected: undefined,
      spots: within(inner.spots, `.${name}`),
      objects: ['', ...inner.objects.map((path) => `.${name}${path}`)],
      hasUnion: true,
    };
  };

  const node = (level: number): RandomCodec => {
    if (level <= 0) return leaf();
    const roll = draw(9);
    if (roll < 3) return leaf();
    if (roll < 5) return list(level);
    if (roll < 8) return struct(level);
    return roll === 8 ? union(level) : layout(level);
  };
  return struct(depth);
}

function within(spots: readonly Spot[], step: string): Spot[] {
  return spots.map((spot) => ({ ...spot, path: step + spot.path }));
}

/** A copy of a value, with another at a path; plain objects and arrays are copied, the rest is shared. */
export function replaced(value: unknown, path: string, other: unknown): unknown {
  const match = /^(?:\.(\w+)|\[(\d+)\])(.*)$/.exec(path);
  if (!match) return other;
  const key = match[1] ?? match[2]!;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, unknown>)[key] = replaced((value as Record<string, unknown>)[key], match[3]!, other);
  return copy;
}
