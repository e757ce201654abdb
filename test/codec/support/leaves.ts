/** Every codec that holds one value: what it takes, what it refuses, and the bytes as C has them, written anew here. */
import fc from 'fast-check';
import type { AnyCodec, Target } from '../../../src/codec/index.ts';

export interface Leaf {
  readonly name: string;
  codec(t: Target): AnyCodec;
  readonly value: fc.Arbitrary<unknown>;
  /** What `read` gives for a value; the value itself by default. */
  expected?(value: unknown): unknown;
  /** The bytes of a value, without our codecs: all that is written, from the first byte on. */
  bytes(value: never, t: Target): Uint8Array;
  readonly wrong: readonly unknown[];
  /** What bit-fields may stand on it: whether it is signed. */
  readonly bits?: { readonly signed: boolean; readonly big: boolean };
}

const NO_NUMBERS = ['1', 1n, null, {}, [], true];

function integerBytes(value: bigint, size: number, bigEndian = false): Uint8Array {
  const bytes = Array.from({ length: size }, (_, i) =>
    Number((BigInt.asUintN(size * 8, value) >> BigInt(8 * i)) & 255n),
  );
  return Uint8Array.from(bigEndian ? bytes.toReversed() : bytes);
}

function integer(name: keyof Target & string): Leaf {
  const [, sign, width, rest] = /^([iu])(\d+)(.*)$/.exec(name)! as unknown as [string, string, string, string];
  const bits = Number(width);
  const signed = sign === 'i';
  const big = bits === 64 && rest !== 'Number';
  const limit = (most: bigint) => (rest === 'Number' ? BigInt(Number.MAX_SAFE_INTEGER) : most);
  const max = limit(signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n);
  const min = !signed ? 0n : rest === 'Number' ? -max : -max - 1n;
  const of = (value: bigint) => (big ? value : Number(value));
  return {
    name,
    codec: (t) => t[name] as AnyCodec,
    value: fc.oneof(fc.constantFrom(min, max, 0n), fc.bigInt({ min, max })).map(of),
    bytes: (value: number | bigint) => integerBytes(BigInt(value), bits / 8, rest === 'be'),
    wrong: big
      ? [max + 1n, min - 1n, 1, '1', null, 0.5, {}]
      : [...[max + 1n, min - 1n].map(Number), 0.5, Number.NaN, Number.POSITIVE_INFINITY, ...NO_NUMBERS],
    ...(rest !== 'be' && rest !== 'Number' && { bits: { signed, big } }),
  };
}

function real(name: 'f32' | 'f64' | 'f32be' | 'f64be'): Leaf {
  const single = name.startsWith('f32');
  const edges = fc.constantFrom(Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  return {
    name,
    codec: (t) => t[name],
    value: fc.oneof(edges, single ? fc.float() : fc.double()),
    bytes(value: number) {
      const bytes = new Uint8Array((single ? Float32Array : Float64Array).of(value).buffer);
      return name.endsWith('be') ? bytes.reverse() : bytes;
    },
    wrong: NO_NUMBERS,
  };
}

function fixedText(
  name: string,
  codec: Leaf['codec'],
  value: fc.Arbitrary<string>,
  bytes: (value: string, t: Target) => Uint8Array,
  wrong: readonly unknown[] = [],
): Leaf {
  const all = ['x'.repeat(1000), 'a\0b', '\ud800', 'a\udc00', 5, null, {}, ['a'], ...wrong];
  return { name, codec, value, bytes, wrong: all };
}

const padded = (bytes: Uint8Array, length: number) => Uint8Array.from({ length }, (_, i) => bytes[i] ?? 0);
const characters = (accept: (text: string) => boolean, unit: fc.StringConstraints['unit'] = 'binary') =>
  fc.string({ unit, maxLength: 12 }).filter((text) => !text.includes('\0') && accept(text));
const utf8 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf8'));
const utf16 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le'));
const utf32 = (text: string) =>
  Uint8Array.from([...text].flatMap((each) => [...integerBytes(BigInt(each.codePointAt(0)!), 4)]));
const wide = (text: string, t: Target) => (t.abi.startsWith('msvc') ? utf16(text) : utf32(text));
const prefixed = (bytes: Uint8Array) => Uint8Array.from([...integerBytes(BigInt(bytes.length), 4), ...bytes]);
const below = (limit: number) => fc.integer({ min: 1, max: limit }).map((code) => String.fromCharCode(code));

const word = (name: string, codec: Leaf['codec'], signed: boolean): Leaf => ({
  name,
  codec,
  value: signed ? fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n }) : fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
  bytes: (value: bigint, t) => integerBytes(value, t.abi.endsWith('32') ? 4 : 8),
  wrong: [1, '1', null, 2n ** 64n, -(2n ** 65n)],
});

const sized = (name: string, codec: Leaf['codec'], signed: boolean, size: (t: Target) => number): Leaf => ({
  name,
  codec,
  value: signed ? fc.integer() : fc.nat(),
  bytes: (value: number, t) => integerBytes(BigInt(value), size(t)),
  wrong: [2 ** 60, 0.5, ...NO_NUMBERS],
});

const COLOURS = { red: 1, green: 2, blue: 200 } as const;
const colour = fc.constantFrom<keyof typeof COLOURS>('red', 'green', 'blue');
const colourBytes = (value: string | number) =>
  Uint8Array.of(typeof value === 'string' ? COLOURS[value as 'red'] : value);

export const LEAVES: readonly Leaf[] = [
  ...(['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'i64Number', 'u64Number'] as const).map(integer),
  ...(['i16be', 'u16be', 'i32be', 'u32be', 'i64be', 'u64be'] as const).map(integer),
  ...(['f32', 'f64', 'f32be', 'f64be'] as const).map(real),
  ...(['bool8', 'bool32'] as const).map(
    (name): Leaf => ({
      name,
      codec: (t) => t[name],
      value: fc.boolean(),
      bytes: (value: boolean) => integerBytes(value ? 1n : 0n, name === 'bool8' ? 1 : 4),
      wrong: [0, 1, 'true', null, {}],
    }),
  ),
  fixedText(
    'char',
    (t) => t.char(20),
    characters((s) => utf8(s).length <= 20),
    (s) => padded(utf8(s), 20),
  ),
  fixedText(
    'char latin1',
    (t) => t.char(12, 'latin1'),
    characters(() => true, below(255)),
    (s) => padded(Uint8Array.from(Buffer.from(s, 'latin1')), 12),
    ['€'],
  ),
  fixedText(
    'char ascii',
    (t) => t.char(12, 'ascii'),
    characters(() => true, below(127)),
    (s) => padded(utf8(s), 12),
    ['ä'],
  ),
  fixedText(
    'char windows-1252',
    (t) => t.char(12, 'windows-1252'),
    characters(() => true, fc.constantFrom('€', '‚', 'Š', 'ÿ', 'a', 'Z', '~')),
    (s) =>
      padded(
        Uint8Array.from(s, (each) => ({ '€': 0x80, '‚': 0x82, Š: 0x8a })[each] ?? each.charCodeAt(0)),
        12,
      ),
    ['Ω'],
  ),
  fixedText(
    'char system',
    (t) => t.char(12, 'system'),
    characters(() => true, below(127)),
    (s) => padded(utf8(s), 12),
  ),
  fixedText(
    'utf16',
    (t) => t.utf16(15),
    characters((s) => s.length <= 15),
    (s) => padded(utf16(s), 30),
  ),
  fixedText(
    'char16',
    (t) => t.char16(15),
    characters((s) => s.length <= 15),
    (s) => padded(utf16(s), 30),
  ),
  fixedText(
    'utf32',
    (t) => t.utf32(12),
    characters(() => true),
    (s) => padded(utf32(s), 48),
  ),
  fixedText(
    'c.wchar',
    (t) => t.c.wchar(15),
    characters((s) => s.length <= 15),
    (s, t) => padded(wide(s, t), t.abi.startsWith('msvc') ? 30 : 60),
  ),
  fixedText(
    'win.WCHAR',
    (t) => t.win.WCHAR(15),
    characters((s) => s.length <= 15),
    (s) => padded(utf16(s), 30),
  ),
  {
    name: 'text',
    codec: (t) => t.text(60),
    value: fc.string({ unit: 'binary', maxLength: 15 }),
    bytes: (value: string) => prefixed(utf8(value)),
    wrong: ['x'.repeat(61), '\ud800', 5, null],
  },
  {
    name: 'json',
    codec: (t) => t.json(4000),
    value: fc.jsonValue({ maxDepth: 2 }).filter((value) => JSON.stringify(value).length < 1000),
    expected: (value) => JSON.parse(JSON.stringify(value)) as unknown,
    bytes: (value: unknown) => prefixed(utf8(JSON.stringify(value))),
    wrong: [1n, () => 1, 'x'.repeat(4000), Symbol('s')],
  },
  {
    name: 'bytes',
    codec: (t) => t.bytes(5),
    value: fc.uint8Array({ maxLength: 5 }),
    expected: (value) => padded(value as Uint8Array, 5),
    bytes: (value: Uint8Array) => padded(value, 5),
    wrong: [new Uint8Array(6), [256], [-1], [0.5], ['a'], 'abc', 5, null],
  },
  {
    name: 'enumeration',
    codec: (t) => t.enumeration(t.u8, COLOURS),
    value: fc.oneof(colour, fc.constantFrom(0, 3, 255)),
    bytes: colourBytes,
    wrong: ['pink', 'toString', 256, -1, 0.5, 1n, null],
  },
  {
    name: 'strict enumeration',
    codec: (t) => t.enumeration(t.u8, COLOURS, { unknown: 'error' }),
    value: colour,
    bytes: colourBytes,
    wrong: ['pink', 3, 1n, null],
  },
  {
    name: 'enumeration as number',
    codec: (t) => t.enumeration(t.u8, COLOURS, { as: 'number' }),
    value: fc.integer({ min: 0, max: 255 }),
    bytes: colourBytes,
    wrong: ['pink', 256, null],
  },
  { ...integer('u32'), name: 'atomic u32', codec: (t) => t.atomic(t.u32), bits: undefined } as Leaf,
  { ...integer('i32'), name: 'atomic i32', codec: (t) => t.atomic(t.i32), bits: undefined } as Leaf,
  word('pointer', (t) => t.pointer, false),
  word('win.HANDLE', (t) => t.win.HANDLE, false),
  word('c.intptr_t', (t) => t.c.intptr_t, true),
  sized(
    'c.long',
    (t) => t.c.long,
    true,
    (t) => (t.abi === 'sysv64' ? 8 : 4),
  ),
  sized(
    'c.size_t',
    (t) => t.c.size_t,
    false,
    (t) => (t.abi.endsWith('32') ? 4 : 8),
  ),
  sized(
    'win.LONG',
    (t) => t.win.LONG,
    true,
    () => 4,
  ),
  {
    name: 'one of the user’s',
    codec: (t) =>
      t.defineCodec<Date>({
        name: 'seconds',
        byteLength: 4,
        byteAlignment: 4,
        read: (view, at) => new Date(view.getUint32(at, true) * 1000),
        check(value) {
          if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw new TypeError('no date');
        },
        write: (view, at, value) => view.setUint32(at, value.getTime() / 1000, true),
      }),
    value: fc.integer({ min: 0, max: 2 ** 31 }).map((seconds) => new Date(seconds * 1000)),
    bytes: (value: Date) => integerBytes(BigInt(value.getTime() / 1000), 4),
    wrong: [5, 'now', null, new Date(Number.NaN)],
  },
];
