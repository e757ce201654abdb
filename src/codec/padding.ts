import { checkCount } from './check-count.ts';
import { makeCodec } from './make-codec.ts';
import type { HiddenCodec } from './record-types.ts';

/** Bytes that mean nothing: they take room in the layout, have no value, and are never written. */
export function padding(byteLength: number): HiddenCodec {
  checkCount(byteLength, 'padding', 1);
  return makeCodec({
    kind: 'padding',
    label: `padding[${byteLength}]`,
    abi: undefined,
    byteLength,
    alignment: () => 1,
    hidden: true,
    read: () => undefined,
    check: () => undefined,
    store: () => undefined,
    schema: () => ['padding', byteLength],
  });
}
