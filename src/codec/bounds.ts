import { show } from '../base/show.ts';
import type { Form } from './form.ts';

/** @throws RangeError unless the form lies inside the view; TypeError if the view's memory is gone */
export function checkBounds(form: Form, view: DataView, byteOffset: number): void {
  // A detached view throws its own TypeError here.
  const room = view.byteLength;
  if (Number.isSafeInteger(byteOffset) && byteOffset >= 0 && byteOffset + form.byteLength <= room) return;
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0) {
    throw new RangeError(`Cannot use ${form.label} at offset ${show(byteOffset)}: pass an integer of 0 or more`);
  }
  const left = Math.max(0, room - byteOffset);
  throw new RangeError(
    `Cannot use ${form.label} at offset ${byteOffset}: it needs ${form.byteLength} bytes, the memory has ${left} from there`,
  );
}
