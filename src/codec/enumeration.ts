import { show } from '../base/show.ts';
import { BadValue } from './bad-value.ts';
import { checkOptions } from './check-options.ts';
import type { IntegerBits, IntegerCodec } from './integer-types.ts';
import { formIn, integerCodec } from './make-codec.ts';
import { scalarForm } from './scalar-form.ts';

/** How an enumeration's values look in JavaScript. */
export interface EnumerationOptions {
  /** `'name'` (default) or `'number'`. */
  readonly as?: 'name' | 'number';
  /**
   * A value without a name: `'number'` (default) reads as the number, since a newer program may know more names;
   * `'error'` throws a RangeError.
   */
  readonly unknown?: 'number' | 'error';
}

type Values = Readonly<Record<string, number>>;

/** What an enumeration reads as. */
export type EnumerationValue<E extends Values, O extends EnumerationOptions> = O extends { as: 'number' }
  ? O extends { unknown: 'error' }
    ? E[keyof E]
    : number
  : O extends { unknown: 'error' }
    ? keyof E & string
    : (keyof E & string) | number;

/** What an enumeration takes: names and numbers, however it reads. */
export type EnumerationInput<E extends Values, O extends EnumerationOptions> =
  | (keyof E & string)
  | (O extends { unknown: 'error' } ? E[keyof E] : number);

/**
 * A C enum: an integer in memory, its name (or number) in JavaScript. Size and alignment are the base's.
 *
 * `read` gives a name, or the number where the value has none; `write` takes names, and numbers too. With
 * `{ as: 'number' }` values read as numbers. With `{ unknown: 'error' }` a value without a name is a RangeError both ways.
 *
 * @param base the integer that holds it: `u8` for `enum x : uint8_t`, `i32` for a plain C enum
 * (bit-fields have its sign: GCC and Clang take an enum without negative constants as unsigned, so `u32` there)
 * @param values the constants; where two share a value the first name is read
 * @throws TypeError for a base that is no little-endian integer, for no values, for options that nobody knows
 * @throws RangeError for a constant that the base cannot hold
 * @throws RangeError from `write` for an unknown name or a number out of range, TypeError for what is neither
 *
 * @example
 * ```ts
 * import { enumeration, i32 } from 'mapfile/codec';
 *
 * const Session = enumeration(i32, { Unknown: -1, Practice: 0, Race: 5 });
 * const memory = new Uint8Array(4);
 * Session.write(memory, 0, 'Race');
 * console.log(Session.read(memory), memory[0]); // Race 5
 * ```
 */
export function enumeration<
  const E extends Values,
  Bits extends IntegerBits,
  const O extends EnumerationOptions = EnumerationOptions,
>(
  base: IntegerCodec<number, Bits>,
  values: E,
  options?: O,
): IntegerCodec<EnumerationValue<E, O>, Bits, EnumerationInput<E, O>> {
  const inner = formIn(base, 'enumeration()');
  if (!inner.integer || inner.bits || !/^[iu]\d/.test(inner.kind))
    throw new TypeError(`Cannot make an enumeration on ${inner.label}: it is no little-endian integer`);
  const label = `enum ${inner.label}`;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new TypeError(`Cannot make an enumeration: its values are ${show(values)}, expected an object of numbers`);
  }
  checkOptions(label, options ?? {}, { as: ['name', 'number'], unknown: ['number', 'error'] });
  const entries = Object.entries(values);
  if (entries.length === 0) throw new TypeError('Cannot make an enumeration: it has no values');
  for (const [name, value] of entries) {
    try {
      inner.check(value);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      const message = `Cannot make ${label}: ${name} is ${show(value)}, expected ${error.expected}`;
      throw error.range ? new RangeError(message) : new TypeError(message);
    }
  }
  const numbers = new Map(entries);
  const names = new Map(entries.toReversed().map(([name, value]) => [value, name]));
  const asNumber = options?.as === 'number';
  const strict = options?.unknown === 'error';
  const expected = `one of ${entries
    .slice(0, 12)
    .map(([name]) => name)
    .join(', ')}${entries.length > 12 ? ', …' : ''}`;

  const decode = (raw: unknown): string | number => {
    const name = names.get(raw as number);
    if (name === undefined && strict)
      throw new RangeError(`Cannot read ${label}: value is ${String(raw)}, expected ${expected}`);
    return asNumber || name === undefined ? (raw as number) : name;
  };
  const encode = (value: unknown): number => (typeof value === 'string' ? numbers.get(value)! : (value as number));
  const check = (value: unknown): void => {
    if (typeof value === 'string' ? numbers.has(value) : strict && names.has(value as number)) return;
    if (typeof value !== 'number' || strict) throw new BadValue(typeof value !== 'object', value, expected);
    inner.check(value);
  };
  return integerCodec(
    scalarForm(
      {
        kind: 'enum',
        label,
        bytes: inner.byteLength,
        ...(inner.abi && { abi: inner.abi }),
        alignment: inner.alignment,
        get: (code, at) => `${code.use(decode, 'decode')}(${inner.code!.get(code, at)})`,
        put: (code, at, x) => inner.code!.set(code, `${code.use(encode, 'encode')}(${x})`, '').put(at),
        check,
        integer: {
          signed: inner.integer.signed,
          big: inner.integer.big,
          decode: (raw) => decode(inner.integer!.decode(raw)),
          encode: (value) => inner.integer!.encode(encode(value)),
        },
        schema: () => ['enum', inner.schema(), Object.fromEntries(entries)],
      },
      {
        read: (view, at) => decode(inner.read(view, at)),
        store: (view, at, value) => inner.store(view, at, encode(value)),
      },
    ),
  );
}
