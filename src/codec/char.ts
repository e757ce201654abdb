import { show } from '../base/show.ts';
import { asciiLength, stageAscii, stagedText, storeAscii, storeStaged } from './ascii.ts';
import { checkCount } from './check-count.ts';
import type { RecordCode } from './code.ts';
import type { Codec } from './codec.ts';
import { unitsOf } from './encodings.ts';
import type { Form } from './form.ts';
import { makeCodec } from './make-codec.ts';
import { checkAt } from './scalar-form.ts';
import type { ScalarBox } from './scalars.ts';
import { type StringOptions, stringForm } from './string-form.ts';

/**
 * What `char(n)` understands: `utf8` (default), `latin1`, `ascii`, `windows-1252` and the other single-byte labels of
 * TextDecoder both ways, its labels of several bytes (`shift_jis`, `gbk`) for reading. `system` is the ANSI code page on
 * Windows and UTF-8 elsewhere.
 */
export type Encoding = 'utf8' | 'latin1' | 'ascii' | 'windows-1252' | 'system' | (string & {});

/** A string of a fixed number of bytes or units. */
export type StringCodec = Codec<string, ScalarBox<string>, string>;

/**
 * C `char name[byteLength]`: text up to the first NUL, padded with NULs when written. As in C a text that fills every
 * byte has no NUL. `byteLength` bytes, aligned to 1.
 *
 * @param byteLength in bytes, not characters
 * @param encoding see {@link Encoding}
 * @param options what happens to text that does not fit, and to bytes that are no text: see {@link StringOptions}
 * @throws RangeError for a length that is no integer from 1 on; TypeError for an unknown encoding or option
 * @throws RangeError from `write` for a string that needs more bytes (both lengths are said), that has a NUL or half a
 * surrogate pair, or characters that the encoding lacks; TypeError for what is no string
 * @throws RangeError from `read` for invalid bytes under `{ invalid: 'error' }`
 *
 * https://encoding.spec.whatwg.org/#names-and-labels
 *
 * @example
 * ```ts
 * import { char } from 'mapfile/codec';
 *
 * const memory = new Uint8Array(8);
 * char(8).write(memory, 0, 'Zoë');
 * console.log(char(8).read(memory), memory[2]); // Zoë 195
 *
 * const Short = char(4, 'utf8', { overflow: 'truncate' }); // never in the middle of a character
 * Short.write(memory, 0, 'Zoëë');
 * console.log(Short.read(memory)); // Zoë
 * ```
 */
export function char(byteLength: number, encoding: Encoding = 'utf8', options: StringOptions = {}): StringCodec {
  checkCount(byteLength, `char`, 1);
  if (typeof encoding !== 'string') {
    throw new TypeError(
      `Cannot make char[${byteLength}]: encoding is ${show(encoding)}, expected a name like 'utf8', options come third`,
    );
  }
  const schema = encoding === 'utf8' ? (['char', byteLength] as const) : (['char', byteLength, encoding] as const);
  const form = stringForm(
    'char',
    `char[${byteLength}]`,
    byteLength,
    unitsOf(encoding, options?.invalid === 'error'),
    options,
    schema,
  );
  return makeCodec(byteLength <= INLINE_LIMIT && isAsciiBased(encoding) ? { ...form, code: asciiCode(form) } : form);
}

/** Up to this many bytes ASCII text is stored without a native call. */
const INLINE_LIMIT = 64;

/** Generated writes store ASCII themselves and leave everything else to the form. */
function asciiCode(form: Form): RecordCode {
  return {
    weight: 2,
    reach: 0,
    get: (code, at) => `${code.use(form)}.read(v,${at})`,
    set(code, value, path) {
      const known = code.local();
      const name = code.use(form);
      const size = form.byteLength;
      const check = `if(${known}<0)${code.use(checkAt)}(${name},${value},${JSON.stringify(path)});`;
      const other = (at: string) => `if(${known}<0)${name}.store(v,${at},${value});else `;
      const held = [{ local: known }, { local: value }];
      if (!code.mayStage) {
        return {
          bind: `var ${known}=${code.use(asciiLength)}(${value},${size});`,
          guard: '',
          calls: check,
          put: (at) => `${other(at)}${code.use(storeAscii)}(v,${at},${value},${known},${size});`,
          held,
          reach: 0,
        };
      }
      const stage = code.stage(stagedText(size));
      const refuse = code.use((wrong: unknown) => checkAt(form, wrong, path), 'check');
      return {
        bind: `var ${known}=${code.use(stageAscii)}(${value},${stage},${size});`,
        guard: '',
        calls: `if(!${known})${refuse}(${value});`,
        put: (at) =>
          `if(${known})${code.use(storeStaged(size))}(v,${at},${stage});else ${name}.store(v,${at},${value});`,
        held,
        reach: 0,
      };
    },
  };
}

/** Whether characters below 128 are their own bytes. Codecs of other encodings store no ASCII directly. */
function isAsciiBased(encoding: Encoding): boolean {
  return ['utf8', 'utf-8', 'latin1', 'ascii', 'windows-1252', 'system'].includes(encoding.toLowerCase());
}
