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
  const value = Number(field.form.read(view, record + field.byteOffset));
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`Cannot use ${path}: ${name} is ${value}, expected a count of 0 or more`);
  }
  return value;
}
