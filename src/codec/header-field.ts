import { show } from '../base/show.ts';
import type { Form, Member } from './form.ts';

/** The member of that name, promoted ones included, with its offset from the record. */
export function findMember(
  members: readonly Member[],
  name: string,
  base = 0,
): { form: Form; byteOffset: number } | undefined {
  for (const m of members) {
    const byteOffset = base + m.byteOffset;
    const found = m.promoted
      ? findMember(m.form.members!, name, byteOffset)
      : m.name === name
        ? { form: m.form, byteOffset }
        : undefined;
    if (found) return found;
  }
  return undefined;
}

/** @throws TypeError if a count, offset or stride is said by a member that does not exist or is no integer */
export function checkHeaderFields(label: string, members: readonly Member[]): void {
  for (const { key, form } of members) {
    for (const name of form.headerFields ?? []) {
      const field = findMember(members, name)?.form;
      if (field && isCount(field)) continue;
      throw new TypeError(
        `Cannot make ${label}: ${key} goes by ${JSON.stringify(name)}, which is ${field ? field.label : 'no member'}, expected an integer of the same struct`,
      );
    }
  }
}

function isCount(form: Form): boolean {
  if (form.kind === 'custom') return true;
  if (form.hidden || form.members || form.element || form.kind === 'enum' || /^f(32|64)/.test(form.kind)) return false;
  const zero = form.read(new DataView(new ArrayBuffer(form.byteLength)), 0);
  return typeof zero === 'number' || typeof zero === 'bigint';
}

/** What a count, offset or stride field says now. */
export function numberAt(
  members: readonly Member[],
  name: string,
  view: DataView,
  record: number,
  path: string,
): number {
  const field = findMember(members, name);
  if (!field) throw new TypeError(`Cannot use ${path}: the struct has no member ${JSON.stringify(name)}`);
  const raw = field.form.read(view, record + field.byteOffset);
  const value = Number(raw);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot use ${path}: ${name} is ${show(raw)}, expected an integer of 0 or more`);
  }
  return value;
}
