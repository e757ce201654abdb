/**
 * What the floors above mean by "memory": bytes that can be read through a DataView and, if allowed, written.
 *
 * A MappedView does not hand out its DataView when it is read-only (a store there would kill the process), so the floors
 * reach it through a symbol that is not exported from the package, and promise to respect `access`.
 */

import { types } from 'node:util';

/** What may be done with memory. In the type too: `MappedView<'read'>` has no writing member. */
export type Access = 'read' | 'readwrite' | 'copy-on-write';

/** The key under which a memory source answers with its range. Never exported from `index.ts`. */
export const rangeOf: unique symbol = Symbol('mapfile.rangeOf');

/** A user id (POSIX), everyone on this machine, or every session of it (Windows). */
export type MemoryScope = number | 'everyone' | 'global';

/** A run of bytes. */
export interface MemoryRange {
  /** Exactly the bytes of the range. Detached (every use throws TypeError) once its owner is closed. */
  readonly dataView: DataView;
  /** A store through `dataView` is allowed only if this is not `'read'`. */
  readonly access: Access;
  /**
   * Names byte 0 of this range in the same way in every process that maps the same bytes: wait keys derive from it.
   * 0 where no such name exists (plain ArrayBuffers); waits then still work, with more needless wake-ups.
   */
  readonly originKey: number;
  /**
   * Whose threads share the bytes, if not only those of this user: `'everyone'` (made with `share: 'everyone'`), or the
   * user id of the segment's owner, or `'global'` (Windows: `Global\\`). Locks find their participants by it.
   */
  readonly scope?: MemoryScope;
}

/** Something that owns memory: a MappedView, a MapFile. */
export interface MemorySource {
  /** @throws TypeError ERR_CLOSED after `close()` */
  readonly [rangeOf]: MemoryRange;
}

/** What codecs, locks, heaps and queues accept. */
export type Memory = DataView | ArrayBufferView | ArrayBuffer | SharedArrayBuffer | MemorySource;

/** The range behind any memory. Allocates for plain views: resolve once, keep the result. */
export function memoryRange(memory: Memory): MemoryRange {
  if (memory instanceof DataView) return plainRange(memory);
  if (ArrayBuffer.isView(memory)) {
    return plainRange(new DataView(memory.buffer, memory.byteOffset, memory.byteLength));
  }
  // Also those of another realm, as a vm context is.
  if (types.isAnyArrayBuffer(memory)) return plainRange(new DataView(memory));
  if (typeof memory === 'object' && memory !== null && rangeOf in memory) return memory[rangeOf];
  throw new TypeError(
    `Cannot use ${describe(memory)} as memory: pass a DataView, an ArrayBuffer or a view of one, or a MappedView`,
  );
}

/** A part of a range; its `originKey` keeps naming the same byte as in other processes. */
export function subrange(range: MemoryRange, byteOffset: number, byteLength: number): MemoryRange {
  const { dataView } = range;
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || !Number.isSafeInteger(byteLength) || byteLength < 0) {
    throw new RangeError(`Cannot take ${byteLength} bytes at ${byteOffset}: both must be integers of 0 or more`);
  }
  if (byteOffset + byteLength > dataView.byteLength) {
    throw new RangeError(
      `Cannot take ${byteLength} bytes at ${byteOffset}: the memory has ${dataView.byteLength} bytes`,
    );
  }
  return {
    dataView: new DataView(dataView.buffer, dataView.byteOffset + byteOffset, byteLength),
    access: range.access,
    originKey: offsetKey(range.originKey, byteOffset),
    ...(range.scope === undefined ? {} : { scope: range.scope }),
  };
}

/** The key of a byte `byteOffset` behind the one that `originKey` names; an unsigned 32-bit number. */
export function offsetKey(originKey: number, byteOffset: number): number {
  // Offsets past 4 GiB fold: a collision costs a needless wake-up, nothing else.
  return (originKey + (byteOffset % 0x1_0000_0000)) >>> 0;
}

function plainRange(dataView: DataView): MemoryRange {
  return { dataView, access: 'readwrite', originKey: 0 };
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value;
}
