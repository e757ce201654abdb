import type { Form } from './form.ts';

interface Kept {
  readonly bytes: Uint8Array;
  readonly before: Uint8Array;
}

/** What the running {@link undoing} has kept, oldest first. Stores are synchronous: there is one at a time. */
let journal: Kept[] | undefined;

/** Runs `store`, which may throw; if it does, what it has kept is as before. */
export function undoing(store: () => void): void {
  const outer = journal;
  const kept: Kept[] = [];
  journal = kept;
  try {
    store();
  } catch (error) {
    for (const { bytes, before } of kept.toReversed()) {
      // Memory that is gone, or became shorter, has no bytes to put back.
      if (bytes.length === before.length) bytes.set(before);
    }
    throw error;
  } finally {
    journal = outer;
  }
}

function keep(view: DataView, at: number, byteLength: number): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, byteLength);
  journal?.push({ bytes, before: bytes.slice() });
}

/** Runs `store`, which stores a value of the form and may throw; if it does, the bytes of the whole value are as before. */
export function storeWhole(form: Form, view: DataView, at: number, store: () => void): void {
  undoing(() => {
    keep(view, at, form.byteLength);
    store();
  });
}

/**
 * Stores elements that stand outside of their form's `byteLength`. Only their own bytes are kept: those between them are
 * others', who may write there meanwhile.
 */
export function storeElements(
  element: Form,
  view: DataView,
  at: number,
  stride: number,
  values: ArrayLike<unknown>,
): void {
  for (let i = 0; i < values.length; i += 1) {
    const place = at + i * stride;
    if (element.unchecked) keep(view, place, element.byteLength);
    element.store(view, place, values[i]);
  }
}
