import { types } from 'node:util';
import { BadValue, within } from './bad-value.ts';
import type { Form, Member } from './form.ts';
import {
  checkKeys,
  isGiven,
  isVisible,
  listed,
  namesOf,
  type RecordFunctions,
  type RecordKind,
  refuseNone,
  refuseObject,
} from './record-members.ts';
import { takenAt } from './taken.ts';

type Values = Record<string, unknown>;

/** What the generated code does, for runtimes that compile none, and for what is not the plain case. */
export function closures(kind: RecordKind, members: readonly Member[], label = 'the record'): RecordFunctions {
  const names = new Set(namesOf(members));
  return {
    read: (view, at) => readMembers(members, view, at, {}),
    take(value) {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
        refuseObject(value, '', `an object with ${listed([...names])}`);
      }
      const own = takeMembers(kind, members, value as Values, {});
      checkKeys(value, names, '', label);
      return own;
    },
    store: (view, at, value) => storeMembers(kind, members, view, at, value as Values),
  };
}

function readMembers(members: readonly Member[], view: DataView, at: number, into: Values): Values {
  for (const m of members) {
    if (m.promoted) readMembers(m.form.members!, view, at + m.byteOffset, into);
    else if (isVisible(m)) into[m.key] = m.form.read(view, at + m.byteOffset);
  }
  return into;
}

/** Whether members of a length of their own have room, before the first byte is stored. */
export function checkRooms(members: readonly Member[], view: DataView, at: number, value: Values): void {
  for (const m of members) {
    if (m.promoted) checkRooms(m.form.members!, view, at + m.byteOffset, value);
    const member = value[m.key];
    if (member === undefined || !isVisible(m)) continue;
    try {
      m.form.checkRoom?.(view, at + m.byteOffset, member, value);
    } catch (error) {
      within(error, `.${m.key}`);
    }
  }
}

/** Takes the members into `own`. With `partial` a struct may lack members, and each member may lack its own. */
export function takeMembers(
  kind: RecordKind,
  members: readonly Member[],
  value: Values,
  own: Values,
  partial = false,
): Values {
  let given = false;
  for (const m of members) {
    if (m.promoted) {
      if ((kind === 'union' || m.form.optional) && !isGiven(m.form.members!, value)) continue;
      given = true;
      takeMembers(m.form.kind as RecordKind, m.form.members!, value, own, partial);
    } else if (isVisible(m)) {
      const member = value[m.key];
      if (member === undefined && (partial || kind === 'union' || m.form.optional)) continue;
      given = true;
      own[m.key] =
        partial && m.form.takePartial ? takenPartial(m.form, member, m.key) : takenAt(m.form, member, `.${m.key}`);
    }
  }
  if (kind === 'union' && !given && !partial) {
    const names = namesOf(members);
    if (names.length > 0) refuseNone(value, '', names.join(', '));
  }
  return own;
}

function takenPartial(form: Form, value: unknown, key: string): unknown {
  try {
    return form.takePartial!(value);
  } catch (error) {
    within(error, `.${key}`);
  }
}

export function storeMembers(
  kind: RecordKind,
  members: readonly Member[],
  view: DataView,
  at: number,
  value: Values,
  partial = false,
): void {
  for (const m of kind === 'union' ? members.toReversed() : members) {
    if (m.promoted) {
      if ((kind === 'union' || m.form.optional) && !isGiven(m.form.members!, value)) continue;
      storeMembers(m.form.kind as RecordKind, m.form.members!, view, at + m.byteOffset, value, partial);
    } else if (isVisible(m)) {
      const member = value[m.key];
      if (member === undefined && (partial || kind === 'union' || m.form.optional)) continue;
      if (partial && m.form.storePartial) m.form.storePartial(view, at + m.byteOffset, member);
      else m.form.store(view, at + m.byteOffset, member);
    }
  }
}

/** For `assign`: the same, with members that may be absent. What is absent costs nothing. */
export function assignFunctions(
  kind: RecordKind,
  members: readonly Member[],
  label: string,
): {
  takePartial(value: unknown): unknown;
  storePartial(view: DataView, at: number, value: unknown): void;
} {
  const names = new Set(namesOf(members));
  const placeOf = new Map(members.flatMap((m, i) => (m.promoted ? namesOf([m]) : [m.key]).map((name) => [name, i])));
  /** The members, in their order, of which the object may have something. */
  const touched = (value: object): readonly Member[] => {
    if (!isPlain(value)) return members;
    const keys = Object.getOwnPropertyNames(value);
    if (keys.length * 4 > members.length) return members;
    const places = new Set(keys.map((key) => placeOf.get(key)).filter((place) => place !== undefined));
    return [...places].sort((a, b) => a - b).map((i) => members[i]!);
  };
  return {
    takePartial(value) {
      if (typeof value !== 'object' || value === null)
        throw new BadValue(false, value, `an object with some of ${listed([...names])}`);
      const own = takeMembers(kind, touched(value), value as Values, {}, true);
      checkKeys(value, names, '', label);
      return own;
    },
    storePartial: (view, at, value) => storeMembers(kind, touched(value as Values), view, at, value as Values, true),
  };
}

/** Whether what it does not have itself it has not at all; a proxy answers for keys that it does not tell. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !types.isProxy(value);
}
