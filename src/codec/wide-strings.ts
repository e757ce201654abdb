import { show } from '../base/show.ts';
import { type Abi, abiFacts, hostAbi } from './abi.ts';
import { bytesOf } from './bytes-of.ts';
import type { StringCodec } from './char.ts';
import { checkCount } from './check-count.ts';
import { makeCodec } from './make-codec.ts';
import { type StringOptions, type StringUnits, stringForm } from './string-form.ts';
import { checkWell, loneSurrogate } from './well-formed.ts';

/**
 * `char16_t name[length]`, and `wchar_t name[length]` on Windows: UTF-16 up to the first NUL unit, padded with NULs.
 * `2 * length` bytes, aligned to 2.
 *
 * A surrogate without its other half reads as U+FFFD (or throws, see {@link StringOptions}) and is refused in writing.
 *
 * @param length in units of 2 bytes; a character beyond U+FFFF takes two
 * @throws RangeError for a length that is no integer from 1 on; TypeError for an unknown option
 * @throws RangeError from `write` for a string that needs more units, or has a NUL or half a surrogate pair
 *
 * @example
 * ```ts
 * import { utf16 } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(8);
 * utf16(4).write(memory, 0, 'a😀');
 * console.log(utf16(4).read(memory), utf16(4).byteLength); // a😀 8
 * ```
 */
export function utf16(length: number, options: StringOptions = {}): StringCodec {
  return utf16As(`utf16[${checked(length, 'utf16')}]`, length, options);
}

/**
 * C `char16_t name[length]`: {@link utf16} under its C name. `2 * length` bytes, aligned to 2.
 *
 * @param length in units of 2 bytes
 * @throws as {@link utf16} does
 */
export function char16(length: number, options: StringOptions = {}): StringCodec {
  return utf16As(`char16[${checked(length, 'char16')}]`, length, options);
}

/**
 * `char32_t name[length]`, and `wchar_t name[length]` on Linux and macOS: one unit of 4 bytes for each code point, up to
 * the first NUL unit. `4 * length` bytes, aligned to 4.
 *
 * @param length in units of 4 bytes
 * @throws RangeError for a length that is no integer from 1 on; TypeError for an unknown option
 * @throws RangeError from `write` for a string that needs more units, or has a NUL or half a surrogate pair
 *
 * @example
 * ```ts
 * import { utf32 } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(8);
 * utf32(2).write(memory, 0, 'a😀');
 * console.log(utf32(2).read(memory)); // a😀
 * ```
 */
export function utf32(length: number, options: StringOptions = {}): StringCodec {
  return utf32As(`utf32[${checked(length, 'utf32')}]`, length, options);
}

/** C `wchar_t name[length]` for a given ABI: 2-byte units under Microsoft's, 4-byte units elsewhere. */
export function wcharOn(abi: Abi = hostAbi): (length: number, options?: StringOptions) => StringCodec {
  const make = abiFacts[abi].wchar === 2 ? utf16As : utf32As;
  return (length, options = {}) => make(`wchar[${checked(length, 'wchar')}]`, length, options, abi);
}

/** UTF-16 under a name of windows.h. */
export function wtextOn(name: string, length: number, options: StringOptions): StringCodec {
  return utf16As(`${name}[${checked(length, name)}]`, length, options);
}

function checked(length: number, what: string): number {
  checkCount(length, what, 1);
  return length;
}

function utf16As(label: string, length: number, options: StringOptions, abi?: Abi): StringCodec {
  return makeCodec(
    stringForm('utf16', label, length, utf16Units(options?.invalid === 'error'), options, ['utf16', length], abi),
  );
}

function utf32As(label: string, length: number, options: StringOptions, abi?: Abi): StringCodec {
  return makeCodec(
    stringForm('utf32', label, length, utf32Units(options?.invalid === 'error'), options, ['utf32', length], abi),
  );
}

function utf16Units(fatal: boolean): StringUnits {
  return {
    unit: 2,
    read(view, at, count) {
      const end = at + count * 2;
      let to = at;
      while (to < end && view.getUint16(to, true) !== 0) to += 2;
      if (to - at > 48)
        return well(bytesOf(view).toString('utf16le', view.byteOffset + at, view.byteOffset + to), fatal);
      let text = '';
      let odd = false;
      for (let i = at; i < to; i += 2) {
        const unit = view.getUint16(i, true);
        odd ||= (unit & 0xf800) === 0xd800;
        text += String.fromCharCode(unit);
      }
      return odd ? well(text, fatal) : text;
    },
    measure(value) {
      checkWell(value);
      return value.length;
    },
    store(view, at, value) {
      const { length } = value;
      for (let i = 0; i < length; i += 1) view.setUint16(at + i * 2, value.charCodeAt(i), true);
      return length;
    },
  };
}

function utf32Units(fatal: boolean): StringUnits {
  return {
    unit: 4,
    read(view, at, count) {
      let text = '';
      for (let i = at; i < at + count * 4; i += 4) {
        const point = view.getUint32(i, true);
        if (point === 0) break;
        const valid = point <= 0x10ffff && (point & 0xfffff800) !== 0xd800;
        if (!valid && fatal)
          throw new RangeError(`Cannot decode a string as utf32: unit 0x${point.toString(16)} is no code point`);
        text += valid ? String.fromCodePoint(point) : '\ufffd';
      }
      return text;
    },
    measure(value) {
      checkWell(value);
      let count = 0;
      for (const _ of value) count += 1;
      return count;
    },
    store(view, at, value) {
      let to = at;
      for (const character of value) {
        view.setUint32(to, character.codePointAt(0)!, true);
        to += 4;
      }
      return (to - at) / 4;
    },
  };
}

function well(text: string, fatal: boolean): string {
  if (!loneSurrogate.test(text)) return text;
  if (fatal) throw new RangeError(`Cannot decode ${show(text)} as utf16: it has half a surrogate pair`);
  return text.replace(new RegExp(loneSurrogate, 'g'), '\ufffd');
}
