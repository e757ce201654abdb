import { show } from '../base/show.ts';
import { BadValue } from './bad-value.ts';
import { bytesOf } from './bytes-of.ts';
import type { StringUnits } from './string-form.ts';
import { checkWell } from './well-formed.ts';

/** Above this many characters a native slice is faster than a loop over getUint8. */
const LOOP_LIMIT = 24;

/** Where the text ends: the first NUL, or all of it. */
function textEnd(view: DataView, at: number, count: number): number {
  const end = at + count;
  if (count > 64) {
    const bytes = bytesOf(view);
    const start = view.byteOffset + at;
    if (view.getUint8(at) === 0) return at; // also throws where the memory is gone
    const nul = bytes.subarray(start, start + count).indexOf(0);
    return nul < 0 ? end : at + nul;
  }
  let i = at;
  while (i < end && view.getUint8(i) !== 0) i += 1;
  return i;
}

function slice(view: DataView, from: number, to: number, encoding: 'latin1' | 'utf8'): string {
  const start = view.byteOffset + from;
  const end = view.byteOffset + to;
  return bytesOf(view).toString(encoding, start, end);
}

/** UTF-8. */
export function utf8Units(fatal: boolean): StringUnits {
  const decoder = fatal ? fatalUtf8() : undefined;
  return {
    unit: 1,
    read(view, at, count) {
      let text = '';
      const loopEnd = at + Math.min(count, LOOP_LIMIT);
      let i = at;
      for (; i < loopEnd; i += 1) {
        const byte = view.getUint8(i);
        if (byte === 0) return text;
        if (byte > 0x7f) break;
        text += String.fromCharCode(byte);
      }
      if (i === at + count) return text;
      const end = textEnd(view, i, at + count - i);
      if (decoder) return text + decodeFatal(decoder, view, i, end);
      return i === at ? slice(view, at, end, 'utf8') : text + slice(view, i, end, 'utf8');
    },
    measure(value) {
      if (isAscii(value)) return value.length;
      checkWell(value);
      return Buffer.byteLength(value, 'utf8');
    },
    store(view, at, value) {
      if (value.length <= LOOP_LIMIT && isAscii(value)) return storeCodes(view, at, value);
      return bytesOf(view).write(value, view.byteOffset + at, view.byteLength - at, 'utf8');
    },
  };
}

/** ISO 8859-1, or ASCII where `limit` is 127: each character is its own byte. */
export function latin1Units(limit: 127 | 255, fatal: boolean): StringUnits {
  return {
    unit: 1,
    read(view, at, count) {
      const end = textEnd(view, at, count);
      const text = end - at > LOOP_LIMIT ? slice(view, at, end, 'latin1') : codes(view, at, end);
      if (limit === 255 || isAscii(text)) return text;
      if (fatal) throw new RangeError(`Cannot decode ${show(text)} as ascii: it has bytes above 127`);
      return text.replace(/[\u0080-\u00ff]/g, '\ufffd');
    },
    measure(value) {
      for (let i = 0; i < value.length; i += 1) {
        if (value.charCodeAt(i) > limit) {
          throw new BadValue(
            true,
            value,
            `characters of ${limit === 127 ? 'ascii' : 'latin1'}`,
            `${show(value)} with ${show(String.fromCodePoint(value.codePointAt(i)!))} at ${i}`,
          );
        }
      }
      return value.length;
    },
    store: storeCodes,
  };
}

/** Throws for bytes that are no UTF-8. */
export function fatalUtf8(): InstanceType<typeof TextDecoder> {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
}

export function decodeFatal(
  decoder: InstanceType<typeof TextDecoder>,
  view: DataView,
  from: number,
  to: number,
): string {
  // A copy: TextDecoder refuses shared memory on some versions.
  const bytes = Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset + from, to - from));
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new RangeError(`Cannot decode ${to - from} bytes as ${decoder.encoding}: they are no valid text`, { cause });
  }
}

export function textRange(view: DataView, at: number, count: number): number {
  return textEnd(view, at, count);
}

export function isAscii(value: string): boolean {
  if (value.length > 256) return !/[^\0-\x7f]/.test(value);
  for (let i = 0; i < value.length; i += 1) if (value.charCodeAt(i) > 127) return false;
  return true;
}

function codes(view: DataView, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i += 1) text += String.fromCharCode(view.getUint8(i));
  return text;
}

function storeCodes(view: DataView, at: number, value: string): number {
  const { length } = value;
  for (let i = 0; i < length; i += 1) view.setUint8(at + i, value.charCodeAt(i));
  return length;
}
