import { type AnyCodec, formOf } from '../codec/codec.ts';
import type { Form } from '../codec/form.ts';
import type { Kept } from './cell-writer.ts';

/**
 * The bytes that an undone update leaves alone: atomic fields and locks. Others change them while the update is under way,
 * each change being whole in itself, and putting back what they were before would lose those.
 */
export function keptRanges(codec: AnyCodec): Kept[] {
  return [...ranges(codec[formOf], 0)];
}

function* ranges(form: Form, byteOffset: number): Generator<Kept> {
  if (isShared(form)) {
    yield { byteOffset, byteLength: form.byteLength };
    return;
  }
  for (const member of form.members ?? []) yield* ranges(member.form, byteOffset + member.byteOffset);
  const { element } = form;
  if (!element || ranges(element.form, 0).next().done) return;
  for (let i = 0; i < element.count; i++) yield* ranges(element.form, byteOffset + i * element.stride);
}

function isShared(form: Form): boolean {
  if (form.kind === 'custom') return form.hidden === true;
  const schema = form.schema();
  return Array.isArray(schema) && schema[0] === 'atomic';
}
