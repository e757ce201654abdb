import { asError } from '../codec/bad-value.ts';
import { type AnyCodec, formOf } from '../codec/codec.ts';

/** Checks every given member, then stores them; a codec without members takes a whole value. */
export function storePartial(codec: AnyCodec, view: DataView, partial: unknown): void {
  const form = codec[formOf];
  if (!form.checkPartial || !form.storePartial) {
    codec.write(view, 0, partial as never);
    return;
  }
  try {
    form.checkPartial(partial);
    form.checkRoom?.(view, 0, partial, {});
  } catch (error) {
    throw asError(error, form.label);
  }
  form.storePartial(view, 0, partial);
}
