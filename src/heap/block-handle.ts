import type { Codec } from '../codec/codec.ts';
import { defineCodec } from '../codec/define-codec.ts';
import { type BlockHandle, indexOfHandle, packHandle } from './handle-layout.ts';

/**
 * A codec for a field that holds a {@link BlockHandle}, or `null`: links between blocks, handles in a MapFile or a queue.
 *
 * 8 bytes, little-endian: the handle as an unsigned 64-bit number (at most 2^53 - 1), 0 for `null`. Two stores: a reader
 * without a lock may see halves of two handles, which the heap refuses as stale or invalid unless they happen to be one.
 *
 * @example
 * ```ts
 * import { blockHandle, i32, SharedHeap, struct } from 'mapfile';
 *
 * const Node = struct('node', { value: i32, next: blockHandle });
 * const heap = SharedHeap.create(new ArrayBuffer(65536));
 * const tail = heap.allocate(Node, { initial: { value: 2, next: null } });
 * const head = heap.allocate(Node, { initial: { value: 1, next: tail } });
 * console.log(heap.withPin(head, Node, (pin) => pin.value.next === tail)); // true
 * ```
 */
export const blockHandle: Codec<BlockHandle | null> = defineCodec<BlockHandle | null>({
  name: 'blockHandle',
  byteLength: 8,
  byteAlignment: 8,
  read(view, byteOffset) {
    const handle = packHandle(view.getUint32(byteOffset + 4, true), view.getUint32(byteOffset, true));
    return handle === 0 ? null : handle;
  },
  check(value) {
    if (value !== null && indexOfHandle(value) === 0) throw new RangeError('what allocate() returned, or null');
  },
  write(view, byteOffset, value) {
    const handle = value ?? 0;
    view.setUint32(byteOffset, handle % 2 ** 32, true);
    view.setUint32(byteOffset + 4, Math.floor(handle / 2 ** 32), true);
  },
});
