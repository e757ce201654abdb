import { show } from '../base/show.ts';
import { BadValue } from './bad-value.ts';
import { latin1Units, textRange, utf8Units } from './narrow-strings.ts';
import type { StringUnits } from './string-form.ts';

/** A conversion of the system's own code page, for pages that no TextDecoder knows. */
export interface SystemText {
  /** The Windows code page number: 1252, 932, 65001. Absent elsewhere. */
  readonly codePage?: number;
  decode?(bytes: Uint8Array): string;
  /** Answers `undefined` for text that the page cannot hold. */
  encode?(text: string): Uint8Array | undefined;
}

/** Where no upper floor has said otherwise, `'system'` is UTF-8: right on Linux and macOS. */
let systemText: () => SystemText = () => ({});

/**
 * Tells what the encoding `'system'` stands for: the ANSI code page on Windows. The floor that may call the operating
 * system registers itself here, `import 'mapfile'` does; it is asked at the first use of such a string, not before.
 *
 * @param source answers the number of the code page, and conversions for a page that no TextDecoder knows
 *
 * @example
 * ```ts
 * import { char, registerSystemText } from 'mapfile/codec';
 *
 * registerSystemText(() => ({ codePage: 1252 }));
 * const memory = new Uint8Array(4);
 * char(4, 'system').write(memory, 0, '5€');
 * console.log(memory[1]); // 128
 * ```
 */
export function registerSystemText(source: () => SystemText): void {
  systemText = source;
  units.clear();
}

/** Windows code pages and the TextDecoder labels that read them. */
const CODE_PAGES: Readonly<Record<number, string>> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  1250: 'windows-1250',
  1251: 'windows-1251',
  1252: 'windows-1252',
  1253: 'windows-1253',
  1254: 'windows-1254',
  1255: 'windows-1255',
  1256: 'windows-1256',
  1257: 'windows-1257',
  1258: 'windows-1258',
  10000: 'macintosh',
  20866: 'koi8-r',
  21866: 'koi8-u',
  28592: 'iso-8859-2',
  28595: 'iso-8859-5',
  28597: 'iso-8859-7',
  28605: 'iso-8859-15',
  54936: 'gb18030',
  65001: 'utf-8',
};

const units = new Map<string, StringUnits>();

/** How text of that encoding stands in memory. */
export function unitsOf(encoding: string, fatal: boolean): StringUnits {
  const label = encoding.toLowerCase();
  const key = `${label}${fatal ? '!' : ''}`;
  let known = units.get(key);
  if (!known) {
    known = makeUnits(label, encoding, fatal);
    units.set(key, known);
  }
  return known;
}

function makeUnits(label: string, encoding: string, fatal: boolean): StringUnits {
  switch (label) {
    case 'utf8':
    case 'utf-8':
      return utf8Units(fatal);
    case 'latin1':
      return latin1Units(255, fatal);
    case 'ascii':
      return latin1Units(127, fatal);
    case 'system':
      return lazily(() => systemUnits(fatal));
    default:
      return decoderUnits(encoding, fatal);
  }
}

/** Asks at first use, and anew after another registration. */
function lazily(make: () => StringUnits): StringUnits {
  let made: StringUnits | undefined;
  let source: unknown;
  const current = () => {
    if (made === undefined || source !== systemText) {
      const asked = systemText;
      made = make();
      source = asked;
    }
    return made;
  };
  return {
    unit: 1,
    read: (view, at, count) => current().read(view, at, count),
    measure: (value) => current().measure(value),
    store: (view, at, value) => current().store(view, at, value),
  };
}

function systemUnits(fatal: boolean): StringUnits {
  const { codePage = 65001, decode, encode } = systemText();
  if (decode && encode) return convertedUnits(`code page ${codePage}`, decode, encode);
  const label = CODE_PAGES[codePage];
  if (label === 'utf-8') return utf8Units(fatal);
  if (label === undefined)
    throw new TypeError(`Cannot use the system's encoding: code page ${codePage} is unknown here, name an encoding`);
  const plain = decoderUnits(label, fatal);
  return decode || encode
    ? { ...plain, ...(encode && convertedUnits(label, (bytes) => decodeWith(label, bytes), encode)) }
    : plain;
}

function decodeWith(label: string, bytes: Uint8Array): string {
  return new TextDecoder(label).decode(bytes);
}

/** Any label of TextDecoder. Single-byte encodings are written too, by the table that decoding every byte gives. */
function decoderUnits(encoding: string, fatal: boolean): StringUnits {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(encoding, { fatal, ignoreBOM: true });
  } catch {
    throw new TypeError(
      `Cannot use encoding ${show(encoding)}: it is no label of TextDecoder, nor utf8, latin1, ascii or system`,
    );
  }
  if (decoder.encoding === 'utf-8') return utf8Units(fatal);
  if (decoder.encoding.startsWith('utf-16')) {
    throw new TypeError(`Cannot use encoding ${show(encoding)} for bytes: its units are of two, take utf16(length)`);
  }
  // Node 20 and 22 decode windows-1252 as latin1, so its own characters come from a table.
  if (decoder.encoding === 'windows-1252') return windows1252Units();
  const table = encodeTable(decoder.encoding);
  return {
    unit: 1,
    read(view, at, count) {
      const end = textRange(view, at, count);
      const bytes = Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset + at, end - at));
      try {
        return decoder.decode(bytes);
      } catch (cause) {
        throw new RangeError(`Cannot decode ${end - at} bytes as ${decoder.encoding}: they are no valid text`, {
          cause,
        });
      }
    },
    ...tableWriter(table, decoder.encoding),
  };
}

/** What windows-1252 has in bytes 0x80 to 0x9f, where latin1 has controls. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252Units(): StringUnits {
  const latin1 = latin1Units(255, false);
  const bytes = new Map([...WINDOWS_1252].map((character, i) => [character, 0x80 + i]));
  for (let code = 0; code < 256; code += 1) if (code < 0x80 || code > 0x9f) bytes.set(String.fromCharCode(code), code);
  return {
    unit: 1,
    read: (view, at, count) =>
      latin1
        .read(view, at, count)
        .replace(/[\u0080-\u009f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!),
    ...tableWriter(bytes, 'windows-1252'),
  };
}

function tableWriter(
  table: ReadonlyMap<string, number> | undefined,
  label: string,
): Pick<StringUnits, 'measure' | 'store'> {
  return {
    measure(value) {
      if (!table) throw new BadValue(false, value, `nothing: ${label} can be read, not written`);
      let count = 0;
      for (const character of value) {
        if (!table.has(character)) {
          throw new BadValue(true, value, `characters of ${label}`, `${show(value)} with ${show(character)}`);
        }
        count += 1;
      }
      return count;
    },
    store(view, at, value) {
      let i = at;
      for (const character of value) view.setUint8(i++, table!.get(character)!);
      return i - at;
    },
  };
}

/** Each character of a single-byte encoding with its byte; `undefined` for encodings of several bytes. */
function encodeTable(label: string): Map<string, number> | undefined {
  const decoder = new TextDecoder(label);
  const table = new Map<string, number>();
  for (let byte = 0; byte < 256; byte += 1) {
    const character = decoder.decode(Uint8Array.of(byte));
    if (character === '\ufffd') continue;
    if (character.length !== 1) return undefined;
    table.set(character, byte);
  }
  // A lead byte alone decodes to U+FFFD: an encoding that uses more than its upper half so has several bytes.
  const pair = decoder.decode(Uint8Array.of(0x81, 0x40));
  return pair.length === 2 && table.size > 160 ? table : undefined;
}

function convertedUnits(
  label: string,
  decode: (bytes: Uint8Array) => string,
  encode: (text: string) => Uint8Array | undefined,
): StringUnits {
  const encoded = (value: string): Uint8Array => {
    const bytes = encode(value);
    if (bytes === undefined) throw new BadValue(true, value, `characters of ${label}`);
    return bytes;
  };
  return {
    unit: 1,
    read(view, at, count) {
      const end = textRange(view, at, count);
      return decode(Uint8Array.from(new Uint8Array(view.buffer, view.byteOffset + at, end - at)));
    },
    measure: (value) => encoded(value).length,
    store(view, at, value) {
      const bytes = encoded(value);
      for (let i = 0; i < bytes.length; i += 1) view.setUint8(at + i, bytes[i]!);
      return bytes.length;
    },
  };
}
