import { within } from './bad-value.ts';
import type { Form } from './form.ts';

/**
 * @param label what the elements make: `u8[4]`
 * @throws TypeError for what cannot stand many times in a row
 */
export function checkElementForm(element: Form, label: string): void {
  if (element.bits || element.promotes || element.hidden || element.bind || element.place) {
    throw new TypeError(`Cannot make ${label}: an element must be a value of its own, not ${element.kind}`);
  }
  if (element.byteLength === 0) throw new TypeError(`Cannot make ${label}: its elements have no bytes`);
}

/** Elements that follow each other at once, as those of a C array do. */
export function checkAdjacent(element: Form, label: string): void {
  const stride = element.byteLength;
  if (element.alignas !== undefined && stride % element.alignas !== 0) {
    throw new TypeError(
      `Cannot make ${label}: its elements of ${stride} bytes cannot each be aligned to ${element.alignas}, align the array`,
    );
  }
  if (isFlexible(element)) {
    throw new TypeError(`Cannot make ${label}: each element ends in a flexible array, over the elements behind it`);
  }
}

/** Whether what stands behind it may be part of it. */
export function isFlexible(form: Form): boolean {
  return form.kind === 'flexible' || (form.members?.some((m) => isFlexible(m.form)) ?? false);
}

/** {@link Form.checkRoom} of each element; `first` is the index of the first of them. */
export function checkElementRooms(
  element: Form,
  view: DataView,
  at: number,
  stride: number,
  values: ArrayLike<unknown>,
  first = 0,
): void {
  if (!element.checkRoom) return;
  let i = 0;
  try {
    for (; i < values.length; i += 1) element.checkRoom(view, at + i * stride, values[i], {});
  } catch (error) {
    within(error, `[${first + i}]`);
  }
}
