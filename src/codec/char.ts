import { asciiLength, storeAscii } from './ascii.ts';
import { show } from './bad-value.ts';
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
 * byte has no NUL.
 *
 * @throws RangeError when a string is written that needs more bytes, has a NUL, or has characters the encoding lacks
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
    get: (code, at) => `${code.use(form)}.read(v,${at})`,
    set(code, value, path) {
      const length = code.local();
      const name = code.use(form);
      return {
        bind: `var ${length}=${code.use(asciiLength)}(${value},${form.byteLength});`,
        guard: '',
        calls: `if(${length}<0)${code.use(checkAt)}(${name},${value},${JSON.stringify(path)});`,
        put: (at) =>
          `if(${length}<0)${name}.store(v,${at},${value});else ${code.use(storeAscii)}(v,${at},${value},${length},${form.byteLength});`,
      };
    },
  };
}

/** Whether characters below 128 are their own bytes. Codecs of other encodings store no ASCII directly. */
function isAsciiBased(encoding: Encoding): boolean {
  return ['utf8', 'utf-8', 'latin1', 'ascii', 'windows-1252', 'system'].includes(encoding.toLowerCase());
}
