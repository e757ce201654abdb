import { BadValue, within } from './bad-value.ts';
import type { Member } from './form.ts';

export type RecordKind = 'struct' | 'union';

/** The ways through a record. */
export interface RecordFunctions {
  read(view: DataView, at: number): unknown;
  take(value: unknown): unknown;
  store(view: DataView, at: number, value: unknown): void;
}

/** The members that a value of this record has as fields, those of anonymous ones among them. */
export function fieldsOf(members: readonly Member[]): Member[] {
  return members.flatMap((m) => (m.promoted ? fieldsOf(m.form.members!) : isVisible(m) ? [m] : []));
}

/** Their names. */
export function namesOf(members: readonly Member[]): string[] {
  return fieldsOf(members).map((m) => m.key);
}

/** Whether a member's extent is known at run time only. */
export function isOpenEnded(members: readonly Member[]): boolean {
  return members.some((m) => m.form.checkRoom !== undefined || (m.form.members && isOpenEnded(m.form.members)));
}

/** Whether the member takes part in read and write. */
export function isVisible(m: Member): boolean {
  return m.name !== undefined && !m.form.hidden;
}

/** Whether the value has a member of this record: an anonymous one in a union may be left out as a whole. */
export function isGiven(members: readonly Member[], value: Readonly<Record<string, unknown>>): boolean {
  return members.some((m) =>
    m.promoted ? isGiven(m.form.members!, value) : isVisible(m) && value[m.key] !== undefined,
  );
}

export function refuseObject(value: unknown, path: string, expected: string): never {
  within(new BadValue(false, value, expected), path);
}

export function refuseNone(value: unknown, path: string, names: string): never {
  within(new BadValue(false, value, `one of the union's members: ${names}`), path);
}

/** Names for a message: the first dozen. */
export function listed(names: readonly string[]): string {
  return names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '');
}

/** Slow path: which key is not a field's? Missing ones have been seen before. */
export function checkKeys(value: object, known: ReadonlySet<string>, path: string, label: string): void {
  for (const key of Object.keys(value)) {
    if (known.has(key)) continue;
    within(
      new BadValue(
        false,
        key,
        `only fields of ${label}: ${listed([...known])}`,
        `an object with the unknown field ${JSON.stringify(key)}`,
      ),
      path,
    );
  }
}
