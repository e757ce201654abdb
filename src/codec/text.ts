import { MapFileError } from '../base/errors.ts';
import { show } from '../base/show.ts';
import { BadValue } from './bad-value.ts';
import { bytesOf } from './bytes-of.ts';
import type { StringCodec } from './char.ts';
import { checkCount } from './check-count.ts';
import type { Codec } from './codec.ts';
import type { Form } from './form.ts';
import { makeCodec } from './make-codec.ts';
import { decodeFatal, fatalUtf8 } from './narrow-strings.ts';
import type { ScalarBox } from './scalars.ts';
import { checkStringOptions, cut, type StringOptions } from './string-form.ts';
import { checkWell } from './well-formed.ts';

/** The bytes of the length in front. */
const PREFIX = 4;

/**
 * Text of up to `maxBytes` bytes of UTF-8 behind a 4-byte length: for memory between programs of ours, where NUL may
 * be part of the text. `4 + maxBytes` bytes, aligned to 4.
 *
 * @param maxBytes in bytes of UTF-8
 * @param options what happens to text that does not fit, and to bytes that are no text: see {@link StringOptions}
 * @throws RangeError for a length that is no integer from 1 on
 * @throws RangeError from `write` for a longer text or half a surrogate pair, TypeError for what is no string
 * @throws MapFileError ERR_CORRUPT from `read` when the length in memory is above `maxBytes`
 *
 * @example
 * ```ts
 * import { text } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(16);
 * text(12).write(memory, 0, 'a\0b');
 * console.log(text(12).read(memory).length, memory[0]); // 3 3
 * ```
 */
export function text(maxBytes: number, options: StringOptions = {}): StringCodec {
  checkStringOptions(`text[${String(maxBytes)}]`, options);
  const truncates = options.overflow === 'truncate';
  const decoder = options.invalid === 'error' ? fatalUtf8() : undefined;
  return makeCodec(
    prefixed('text', maxBytes, {
      decode: (value) => value,
      ...(decoder && { decoder }),
      encode(value) {
        if (typeof value !== 'string') throw new BadValue(false, value, 'a string');
        checkWell(value);
        return truncates && Buffer.byteLength(value, 'utf8') > maxBytes ? cut(value, maxBytes, utf8) : value;
      },
    }),
  );
}

/** What `json` codecs hold. As a member, a live one is a plain property: assign a whole value. */
export type JsonCodec<T> = Codec<T, ScalarBox<T>, T>;

/**
 * Any JSON value as UTF-8 text behind a 4-byte length, for what changes rarely and has no fixed shape. `4 + maxBytes`
 * bytes, aligned to 4. All zero reads as `null`. What `read` gives is parsed, not checked: `T` is the caller's word.
 *
 * @param maxBytes in bytes of the JSON text
 * @throws RangeError from `write` when the JSON is longer, TypeError for what JSON cannot hold (bigint, cycles, undefined)
 * @throws MapFileError ERR_CORRUPT from `read` when the memory holds no JSON
 *
 * @example
 * ```ts
 * import { json } from 'mapfile/codec';
 *
 * const Settings = json<{ theme: string }>(100);
 * const memory = new Uint8Array(Settings.byteLength);
 * Settings.write(memory, 0, { theme: 'dark' });
 * console.log(Settings.read(memory).theme); // dark
 * ```
 */
export function json<T>(maxBytes: number): JsonCodec<T> {
  return makeCodec(
    prefixed('json', maxBytes, {
      decode(value) {
        if (value === '') return null;
        try {
          return JSON.parse(value) as unknown;
        } catch (cause) {
          throw new MapFileError('ERR_CORRUPT', `Cannot read json: the memory holds ${show(value)}`, {
            detail: String(cause),
          });
        }
      },
      encode(value) {
        let encoded: string | undefined;
        try {
          encoded = JSON.stringify(value);
        } catch (error) {
          throw new BadValue(false, value, `what JSON can hold (${(error as Error).message})`);
        }
        if (encoded === undefined) throw new BadValue(false, value, 'what JSON can hold');
        return encoded;
      },
    }),
  );
}

const utf8 = { measure: (character: string) => Buffer.byteLength(character, 'utf8') };

interface Conversion {
  /** Refuses bytes that are no text. */
  readonly decoder?: InstanceType<typeof TextDecoder>;
  decode(text: string): unknown;
  encode(value: unknown): string;
}

function prefixed(kind: 'text' | 'json', maxBytes: number, { decoder, decode, encode }: Conversion): Form {
  checkCount(maxBytes, kind, 1);
  const label = `${kind}[${maxBytes}]`;
  const take = (value: unknown): string => {
    const encoded = encode(value);
    const needed = Buffer.byteLength(encoded, 'utf8');
    if (needed <= maxBytes) return encoded;
    throw new BadValue(true, value, `at most ${maxBytes} bytes${remedy}`, `${show(value)} of ${needed} bytes`);
  };
  const remedy = kind === 'text' ? " (or { overflow: 'truncate' })" : '';
  return {
    kind,
    label,
    abi: undefined,
    byteLength: PREFIX + maxBytes,
    alignment: () => PREFIX,
    read(view, at) {
      const length = view.getUint32(at, true);
      if (length > maxBytes) {
        throw new MapFileError('ERR_CORRUPT', `Cannot read ${label}: its length in memory is ${length}`, {
          detail: `length ${length} of ${maxBytes}`,
        });
      }
      if (decoder) return decode(decodeFatal(decoder, view, at + PREFIX, at + PREFIX + length));
      const start = view.byteOffset + at + PREFIX;
      return decode(bytesOf(view).toString('utf8', start, start + length));
    },
    check: (value) => void take(value),
    take,
    store(view, at, encoded) {
      // The length last: a reader in between sees the old length.
      const written = bytesOf(view).write(encoded as string, view.byteOffset + at + PREFIX, maxBytes, 'utf8');
      view.setUint32(at, written, true);
    },
    schema: () => [kind, maxBytes],
  };
}
