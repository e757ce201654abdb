import { checkCount } from './check-count.ts';
import { makeCodec } from './make-codec.ts';
import type { HiddenCodec } from './record-types.ts';

/**
 * `byteLength` bytes that mean nothing, aligned to 1: they take room in the layout, have no value, are never written.
 * The padding that a compiler inserts needs no member; this is for reserved bytes.
 *
 * @throws RangeError for a length that is no integer from 1 on
 *
 * @example
 * ```ts
 * import { padding, struct, u8 } from 'mapfile/codec';
 *
 * const Packet = struct('packet', { kind: u8, reserved: padding(6), end: u8 });
 * console.log(Packet.offsetOf('end'), Packet.read(new Uint8Array(8))); // 7 { kind: 0, end: 0 }
 * ```
 */
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
