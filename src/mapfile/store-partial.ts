import { type AnyCodec, formOf } from '../codec/codec.ts';
import { assignChecked } from '../codec/live-methods.ts';

/** Takes every given member, then stores them; a codec without members takes a whole value. */
export function storePartial(codec: AnyCodec, view: DataView, partial: unknown): void {
  const form = codec[formOf];
  if (form.takePartial) assignChecked(form, view, 0, partial, form.label);
  else codec.write(view, 0, partial as never);
}
