import type { Form } from './form.ts';
import { memoryElements } from './memory-elements.ts';
import { memoryNumbers } from './memory-numbers.ts';
import { typedArray, typedArrayOver } from './typed-arrays.ts';

/** The `live` of an array form: a typed array where one may be handed out, elements in memory elsewhere. */
export function liveElements(element: Form, count: number, stride: number): Pick<Form, 'live' | 'vacant'> {
  if (element.live) {
    // An atomic is a u32 in memory, but a typed array over it would store without atomicity.
    return { live: (range, at, path) => memoryElements({ elements: { element, count, stride, at }, range, path }) };
  }
  const vacant = typedArray(element.kind, 0);
  return {
    live: (range, at, path) =>
      typedArrayOver(element.kind, range, at, count) ??
      Object.freeze(new (memoryNumbers(element))({ elements: { element, count, stride, at }, range, path })),
    ...(vacant && { vacant }),
  };
}
