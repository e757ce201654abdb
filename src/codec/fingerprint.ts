import type { Form } from './form.ts';

const cache = new WeakMap<Form, string>();

/** 64 bits over the canonical layout, as 16 hexadecimal digits. */
export function fingerprintOf(form: Form): string {
  let known = cache.get(form);
  if (known === undefined) {
    known = hash(JSON.stringify([form.byteLength, bytesOnly(form.schema())]));
    cache.set(form, known);
  }
  return known;
}

/** Leaves out what changes no byte: the constants of an enumeration (a newer program knows more), atomicity. */
function bytesOnly(schema: unknown): unknown {
  if (!Array.isArray(schema)) return schema;
  if (schema[0] === 'enum' || schema[0] === 'atomic') return bytesOnly(schema[1]);
  return schema.map(bytesOnly);
}

/** FNV-1a, 64 bits over UTF-16 units. Not for security: it tells layouts apart. */
function hash(text: string): string {
  let h = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i += 1) {
    h = BigInt.asUintN(64, (h ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  }
  return h.toString(16).padStart(16, '0');
}
