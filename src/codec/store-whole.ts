import type { Form } from './form.ts';

const known = new WeakMap<Form, boolean>();

/** Whether storing a value that was taken may throw all the same: a codec of one's own in it checks nothing. */
export function isUnchecked(form: Form): boolean {
  let answer = known.get(form);
  if (answer === undefined) {
    const inner = [...(form.members ?? []).map((m) => m.form), ...(form.element ? [form.element.form] : [])];
    answer = form.unchecked === true || inner.some(isUnchecked);
    known.set(form, answer);
  }
  return answer;
}

/** Runs `store`, which stores a value of the form; if it throws, the form's bytes are as before. */
export function storeWhole(form: Form, view: DataView, at: number, store: () => void): void {
  if (!isUnchecked(form)) {
    store();
    return;
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, form.byteLength);
  const before = bytes.slice();
  try {
    store();
  } catch (error) {
    bytes.set(before);
    throw error;
  }
}
