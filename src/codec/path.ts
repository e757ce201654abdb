import { show } from '../base/show.ts';
import type { Form, Member } from './form.ts';
import { listed } from './record-members.ts';

/** What a path leads to, seen from the outermost form. */
export interface Place {
  readonly form: Form;
  readonly bitOffset: number;
  readonly bitWidth?: number;
}

/** @throws TypeError for a path that names nothing */
export function placeOf(form: Form, path: string): Place {
  let place: Place = { form, bitOffset: 0 };
  for (const step of steps(path)) {
    const next = typeof step === 'number' ? element(place, step) : member(place.form, place.bitOffset, step);
    if (next === undefined) {
      throw new TypeError(
        `Cannot find ${JSON.stringify(path)} in ${form.label}: no ${stepText(step)}${hint(place.form)}`,
      );
    }
    place = next;
  }
  return place;
}

export function bitOffsetOf(form: Form, path: string): number {
  return placeOf(form, path).bitOffset;
}

export function byteOffsetOf(form: Form, path: string): number {
  const { bitOffset, bitWidth } = placeOf(form, path);
  if (bitWidth !== undefined && bitOffset % 8 !== 0) {
    throw new TypeError(
      `Cannot give ${JSON.stringify(path)} a byte offset: it is a bit-field at bit ${bitOffset}, ask bitOffsetOf`,
    );
  }
  return bitOffset / 8;
}

function member(form: Form, base: number, name: string): Place | undefined {
  for (const m of form.members ?? []) {
    const bitOffset = base + (m.bitOffset ?? m.byteOffset * 8);
    if (m.promoted) {
      const found = member(m.form, bitOffset, name);
      if (found) return found;
    } else if (m.name === name) {
      return m.bitWidth === undefined ? { form: m.form, bitOffset } : { form: m.form, bitOffset, bitWidth: m.bitWidth };
    }
  }
  return undefined;
}

function element(place: Place, index: number): Place | undefined {
  const { element } = place.form;
  // A flexible array has no count of its own; any index is a place behind the struct.
  if (element === undefined || (index >= element.count && element.count > 0)) return undefined;
  return { form: element.form, bitOffset: place.bitOffset + index * element.stride * 8 };
}

function* steps(path: string): Generator<string | number> {
  if (typeof path !== 'string') throw new TypeError(`Cannot read the path ${show(path)}: write it like "a.b[2].c"`);
  // A name stands at the start or behind a dot.
  const pattern = /(?:^|\.)([^.[\]]+)|\[(0|[1-9]\d*)\]/gy;
  while (pattern.lastIndex < path.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(path);
    if (match === null || (at === 0 && path[0] === '.')) {
      throw new TypeError(`Cannot read the path ${JSON.stringify(path)}: write it like "a.b[2].c"`);
    }
    yield match[2] === undefined ? match[1]! : Number(match[2]);
  }
}

function stepText(step: string | number): string {
  return typeof step === 'number' ? `element ${step}` : `member ${JSON.stringify(step)}`;
}

function hint(form: Form): string {
  if (form.element) return `, ${form.label} has ${form.element.count} elements`;
  const names = namesOf(form.members ?? []);
  return names.length === 0 ? `, ${form.label} has no members` : `, it has ${listed(names)}`;
}

function namesOf(members: readonly Member[]): string[] {
  return members.flatMap((m) => (m.promoted ? namesOf(m.form.members ?? []) : m.name === undefined ? [] : [m.name]));
}
