import type { Form } from './form.ts';

/** Runs `store`, which stores a value of the form and may throw; if it does, the form's bytes are as before. */
export function storeWhole(form: Form, view: DataView, at: number, store: () => void): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, form.byteLength);
  const before = bytes.slice();
  try {
    store();
  } catch (error) {
    bytes.set(before);
    throw error;
  }
}
