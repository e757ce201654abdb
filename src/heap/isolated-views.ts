import { addressOf, detach, viewOf } from '../ffi/external-memory.ts';

/**
 * Buffers of single blocks, which can be taken back: detached, they throw or are empty. Only over a mapping that the heap
 * itself has opened, for whoever unmaps must detach them first.
 */
export class IsolatedViews {
  readonly #open = new Set<ArrayBuffer>();

  make(bytes: Uint8Array): ArrayBuffer {
    // SAFETY: the mapping outlives the buffer: close() calls takeAll() before it unmaps.
    const buffer = viewOf(addressOf(bytes), bytes.byteLength);
    this.#open.add(buffer);
    return buffer;
  }

  take(buffer: ArrayBuffer): void {
    if (this.#open.delete(buffer)) detach(buffer);
  }

  takeAll(): void {
    for (const buffer of this.#open) this.take(buffer);
  }
}
