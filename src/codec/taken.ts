import { BadValue, within } from './bad-value.ts';
import type { Form } from './form.ts';

/** What is good to be stored through the form, and cannot change any more. Throws BadValue, touches nothing. */
export function taken(form: Pick<Form, 'check' | 'take'>, value: unknown): unknown {
  if (form.take) return form.take(value);
  form.check(value);
  return value;
}

/** The same, with a step in front of the path of what it throws. */
export function takenAt(form: Pick<Form, 'check' | 'take'>, value: unknown, path: string): unknown {
  try {
    return taken(form, value);
  } catch (error) {
    within(error, path);
  }
}

/** The elements of an array-like, each read once and taken. */
export function takenElements(element: Form, list: ArrayLike<unknown>, length: number = list.length): unknown[] {
  const own: unknown[] = [];
  let i = 0;
  try {
    for (; i < length; i += 1) own.push(taken(element, list[i]));
  } catch (error) {
    within(error, `[${i}]`);
  }
  return own;
}

/** The same of as many elements as there are. @throws BadValue for what is no list */
export function takenList(element: Form, value: unknown): unknown[] {
  if (!isList(value)) throw new BadValue(false, value, 'an array');
  return takenElements(element, value);
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && Number.isInteger((value as ArrayLike<unknown>).length);
}
