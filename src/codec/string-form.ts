import { show } from '../base/show.ts';
import type { Abi } from './abi.ts';
import { BadValue } from './bad-value.ts';
import { bytesOf } from './bytes-of.ts';
import { checkOptions } from './check-options.ts';
import type { Form, Schema } from './form.ts';

/** What a string of limited size does with what does not fit or does not decode. */
export interface StringOptions {
  /** A string that is too long: `'error'` (default) or `'truncate'`, which cuts between two characters. */
  readonly overflow?: 'error' | 'truncate';
  /** Bytes that are no text: `'replace'` (default) reads U+FFFD, `'error'` throws. */
  readonly invalid?: 'replace' | 'error';
}

/** @throws TypeError for what no string has */
export function checkStringOptions(label: string, options: StringOptions): void {
  checkOptions(label, options, { overflow: ['error', 'truncate'], invalid: ['replace', 'error'] });
}

/** How strings of one encoding stand in units of 1, 2 or 4 bytes. */
export interface StringUnits {
  readonly unit: 1 | 2 | 4;
  /** `count` units at `at`, up to the first zero unit. */
  read(view: DataView, at: number, count: number): string;
  /** Units that the string needs; throws BadValue for characters that it cannot hold. */
  measure(value: string): number;
  /** Stores the units; the string has been measured and fits. Answers how many were stored. */
  store(view: DataView, at: number, value: string): number;
}

/** A fixed array of character units, NUL-padded, as C has it. */
export function stringForm(
  kind: string,
  label: string,
  count: number,
  units: StringUnits,
  options: StringOptions = {},
  schema: Schema = [kind, count],
  abi?: Abi,
): Form {
  checkStringOptions(label, options);
  const { unit } = units;
  const truncates = options.overflow === 'truncate';
  const byteLength = count * unit;
  return {
    kind,
    label,
    abi,
    byteLength,
    alignment: () => unit,
    read: (view, at) => units.read(view, at, count),
    check(value) {
      if (typeof value !== 'string') throw new BadValue(false, value, 'a string');
      const nul = value.indexOf('\0');
      if (nul >= 0)
        throw new BadValue(
          true,
          value,
          'a string without NUL, which would end it',
          `${show(value)} with NUL at ${nul}`,
        );
      const needed = units.measure(value);
      if (needed > count && !truncates) {
        const size = unit === 1 ? 'bytes' : `units of ${unit} bytes`;
        throw new BadValue(
          true,
          value,
          `at most ${count} ${size} (or { overflow: 'truncate' })`,
          `${show(value)} of ${needed} ${size}`,
        );
      }
    },
    store(view, at, value) {
      const text = value as string;
      const fits = truncates && units.measure(text) > count ? cut(text, count, units) : text;
      const stored = units.store(view, at, fits);
      clear(view, at + stored * unit, at + byteLength);
    },
    schema: () => schema,
  };
}

/** The longest prefix of whole characters that fits. */
export function cut(text: string, count: number, units: Pick<StringUnits, 'measure'>): string {
  let used = 0;
  let end = 0;
  for (const character of text) {
    used += units.measure(character);
    if (used > count) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function clear(view: DataView, from: number, to: number): void {
  if (to - from > 32) {
    bytesOf(view).fill(0, view.byteOffset + from, view.byteOffset + to);
    return;
  }
  for (let i = from; i < to; i += 1) view.setUint8(i, 0);
}
