import type { Form } from './form.ts';
import { memoryElements } from './memory-elements.ts';
import { emptyTypedArray, typedArrayOver } from './typed-arrays.ts';

/** The `live` of an array form: a typed array where one may be handed out, elements in memory elsewhere. */
export function liveElements(element: Form, count: number, stride: number): Pick<Form, 'live' | 'vacant'> {
  const vacant = emptyTypedArray(element.kind);
  return {
    live: (range, at, path) =>
      typedArrayOver(element.kind, range, at, count) ??
      memoryElements({ elements: { element, count, stride, at }, range, path }),
    ...(vacant && { vacant }),
  };
}
