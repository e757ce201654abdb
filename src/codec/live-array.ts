import type { Form } from './form.ts';
import { memoryElements } from './memory-elements.ts';
import { typedArrayOver } from './typed-arrays.ts';

/** The `live` of an array form: a typed array where one may be handed out, elements in memory elsewhere. */
export function liveElements(element: Form, count: number, stride: number): NonNullable<Form['live']> {
  return (range, at, path) =>
    typedArrayOver(element.kind, range, at, count) ??
    memoryElements({ elements: { element, count, stride, at }, range, path });
}
