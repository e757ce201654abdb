import type { Memory } from '../base/memory.ts';
import { show } from '../base/show.ts';
import type { AnyCodec } from '../codec/codec.ts';
import { MAX_BLOCK_BYTES } from './block-layout.ts';

/** A limit that may be left out. @throws TypeError, RangeError */
export function limitOf(what: string, limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (typeof limit !== 'number') throw new TypeError(`Cannot use ${show(limit)} as ${what}: pass a number`);
  if (limit >= 0) return limit;
  throw new RangeError(`Cannot use ${limit} as ${what}: it must be 0 or more`);
}

/** An option that is on or off, and may be left out. @throws TypeError */
export function checkFlag(what: string, flag: unknown): void {
  if (flag === undefined || typeof flag === 'boolean') return;
  throw new TypeError(`Cannot use ${show(flag)} as ${what}: pass true or false`);
}

/** Why something is no byte. */
export function noByte(value: unknown): TypeError | RangeError {
  const message = `Cannot store ${show(value)} as a byte: pass an integer from 0 to 255`;
  return typeof value === 'number' ? new RangeError(message) : new TypeError(message);
}

/** Whether something is a codec: an object, or a class that is one. */
export function isCodec(value: unknown): value is AnyCodec {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const { byteLength, write } = value as { readonly byteLength?: unknown; readonly write?: unknown };
  return typeof byteLength === 'number' && typeof write === 'function';
}

/** @throws TypeError */
export function checkCodec(what: string, codec: unknown): void {
  if (!isCodec(codec)) throw new TypeError(`Cannot ${what} as ${show(codec)}: pass a codec, or leave it out`);
}

/** The bytes that a block for `size` needs. @throws TypeError, RangeError */
export function byteLengthOf(size: number | AnyCodec): number {
  return typeof size === 'number' && isBlockLength(size) ? size : lengthOf(size);
}

function lengthOf(size: number | AnyCodec): number {
  if (typeof size === 'number') return checkedBytes(size);
  if (isCodec(size)) return checkedBytes(size.byteLength);
  throw new TypeError(`Cannot have a block of ${show(size)}: pass its bytes as a number, or a codec`);
}

/** What a block may have. @throws TypeError, RangeError */
export function checkedBytes(byteLength: number): number {
  if (typeof byteLength !== 'number') {
    throw new TypeError(`Cannot have a block of ${show(byteLength)}: pass its bytes as a number`);
  }
  if (isBlockLength(byteLength)) return byteLength;
  throw new RangeError(
    `Cannot have a block of ${byteLength} bytes: it must be an integer from 1 to ${MAX_BLOCK_BYTES.toLocaleString('en')}`,
  );
}

function isBlockLength(byteLength: number): boolean {
  return byteLength >>> 0 === byteLength && byteLength > 0 && byteLength <= MAX_BLOCK_BYTES;
}

/** The byteLength of a heap. @throws TypeError, RangeError */
export function heapBytes(what: string, byteLength: number | undefined): number {
  if (typeof byteLength !== 'number') {
    const got = byteLength === undefined ? '' : `, not ${show(byteLength)}`;
    throw new TypeError(`Cannot create ${what}: say its byteLength as a number${got}`);
  }
  if (Number.isSafeInteger(byteLength) && byteLength > 0) return byteLength;
  throw new RangeError(`Cannot create ${what} of ${byteLength} bytes: byteLength must be an integer of 1 or more`);
}

/** @throws TypeError */
export function checkPlace(where: string | Memory): void {
  if (typeof where === 'string' || (typeof where === 'object' && where !== null)) return;
  throw new TypeError(
    `Cannot have a heap in ${show(where)}: pass a name, or memory (a MappedView, an ArrayBuffer or a view of one)`,
  );
}

/** @throws TypeError */
export function checkView(what: string, view: unknown): void {
  if (!ArrayBuffer.isView(view))
    throw new TypeError(`Cannot ${what} ${show(view)}: pass an ArrayBuffer view, as a Buffer is`);
}
