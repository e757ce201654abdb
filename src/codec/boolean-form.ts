import type { Abi } from './abi.ts';
import { BadValue } from './bad-value.ts';
import type { Form } from './form.ts';
import { numberForm, type ScalarKind, scalarForm } from './scalar-form.ts';

/** An integer in memory, a boolean in JavaScript. Any value but 0 reads as true; true is stored as 1. */
export function booleanForm(base: Extract<ScalarKind, 'u8' | 'i32' | 'u16'>, label: string, abi?: Abi): Form {
  const inner = numberForm(base);
  return scalarForm(
    {
      kind: inner.byteLength === 1 ? 'bool8' : `bool${inner.byteLength * 8}`,
      label,
      bytes: inner.byteLength,
      abi,
      get: (code, at) => `(${inner.code!.get(code, at)}!==0)`,
      guard: (_, first) => `typeof ${first}==='boolean'`,
      put: (code, at, x) => inner.code!.set(code, `(${x}?1:0)`, '').put(at),
      ...(base !== 'i32' && { small: (x: string) => `(${x}?1:0)` }),
      integer: {
        signed: false,
        big: false,
        decode: (raw) => raw !== 0,
        encode: (value) => (value ? 1 : 0),
      },
      check(value) {
        if (typeof value !== 'boolean') throw new BadValue(false, value, 'true or false');
      },
    },
    {
      read: (view, at) => inner.read(view, at) !== 0,
      store: (view, at, value) => inner.store(view, at, value ? 1 : 0),
    },
  );
}
