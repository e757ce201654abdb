import { show } from '../base/show.ts';
import type { Abi } from './abi.ts';
import type { AnyCodec } from './codec.ts';
import type { Form } from './form.ts';
import { formIn } from './make-codec.ts';

/** Members that every live object has, or that JavaScript gives a meaning. */
const RESERVED = new Set(['constructor', '__proto__', 'prototype', 'toJSON', 'snapshot', 'assign', 'then']);

/** The fields in order, each checked: names, targets. */
export function fieldEntries(
  label: string,
  fields: Readonly<Record<string, AnyCodec>>,
  abi: Abi | undefined,
): [key: string, form: Form][] {
  if (typeof label !== 'string') {
    throw new TypeError(`Cannot make a codec: its name is ${show(label)}, expected a string, then the fields`);
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new TypeError(`Cannot make ${label}: fields are ${show(fields)}, expected an object of codecs`);
  }
  if (!isPlain(fields)) {
    // A literal `__proto__: codec` ends up here: it sets the prototype and names no field.
    throw new TypeError(`Cannot make ${label}: fields are no plain object (a field called "__proto__" does that too)`);
  }
  for (const key of Object.getOwnPropertySymbols(fields)) checkName(key, label);
  const entries = Object.entries(fields).map(([key, codec]): [string, Form] => {
    checkName(key, label);
    const form = formIn(codec, `${label}.${key}`);
    if (form.abi !== undefined && form.abi !== abi) {
      throw new TypeError(
        `Cannot put ${form.label} into ${label}: it is laid out for ${form.abi}, ${label} for ${abi}, take both from one target()`,
      );
    }
    return [key, form];
  });
  // C and C++ and their compilers give one of width 0 alone 0, 1 or 4 bytes.
  if (entries.every(([, form]) => form.bits?.width === 0)) {
    throw new TypeError(`Cannot make ${label}: it has no fields, and C knows no empty struct`);
  }
  const namesOf = ([key, form]: [string, Form]) => (form.promotes ? namesIn(form) : form.bits?.unnamed ? [] : [key]);
  checkDistinct(entries.flatMap(namesOf), label);
  return entries;
}

/** An object of this realm or another, and not one that has a class. */
function isPlain(fields: object): boolean {
  const prototype = Object.getPrototypeOf(fields) as object | null;
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}

/** @throws TypeError where two members have one name */
export function checkDistinct(names: readonly string[], label: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new TypeError(`Cannot make ${label}: two members are called ${JSON.stringify(name)}`);
    seen.add(name);
  }
}

/** @throws TypeError for a name that a live object could not carry */
export function checkName(key: string | symbol, label: string): void {
  if (typeof key === 'symbol') {
    throw new TypeError(`Cannot make ${label}: field name ${String(key)} is a symbol, expected a string`);
  }
  if (RESERVED.has(key)) {
    throw new TypeError(`Cannot make ${label}: field name ${JSON.stringify(key)} is reserved, rename it`);
  }
  if (/^(?:0|[1-9]\d*)$/.test(key)) {
    throw new TypeError(
      `Cannot make ${label}: JavaScript would move field ${key} to the front, give it a name like _${key}`,
    );
  }
  if (key === '' || /[.[\]]/.test(key)) {
    throw new TypeError(
      `Cannot make ${label}: field name ${JSON.stringify(key)} could not be part of a path, rename it`,
    );
  }
}

/** The names that an anonymous member adds to its parent. */
export function namesIn(form: Form): string[] {
  return (form.members ?? []).flatMap((m) => (m.promoted ? namesIn(m.form) : m.name === undefined ? [] : [m.name]));
}
