import { MapFileError } from '../base/errors.ts';
import { BadValue, show } from './bad-value.ts';
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
 * be part of the text. Takes `4 + maxBytes` bytes.
 *
 * @throws RangeError when a longer text is written
 * @throws MapFileError ERR_CORRUPT when the length in memory is above `maxBytes`
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
 * Any JSON value as UTF-8 text behind a 4-byte length, for what changes rarely and has no fixed shape. Takes
 * `4 + maxBytes` bytes. All zero reads as `null`.
 *
 * @throws RangeError when a value is written whose JSON is longer
 * @throws MapFileError ERR_CORRUPT when the memory holds no JSON
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
    check(value) {
      const needed = Buffer.byteLength(encode(value), 'utf8');
      if (needed > maxBytes)
        throw new BadValue(true, value, `at most ${maxBytes} bytes${remedy}`, `${show(value)} of ${needed} bytes`);
    },
    store(view, at, value) {
      const encoded = encode(value);
      // The length last: a reader in between sees the old length.
      const written = bytesOf(view).write(encoded, view.byteOffset + at + PREFIX, maxBytes, 'utf8');
      view.setUint32(at, written, true);
    },
    schema: () => [kind, maxBytes],
  };
}
