/** memcpy between two ranges; overlapping ones of one mapping come out right, as by memmove. */
import type { MemoryRange } from '../base/memory.ts';
import { checkRange } from './options.ts';

export function copyMemory(
  from: MemoryRange,
  fromOffset: number,
  to: MemoryRange,
  toOffset: number,
  byteLength?: number,
): number {
  const available = checkRange({ byteOffset: fromOffset }, from.dataView.byteLength).byteLength;
  const room = checkRange({ byteOffset: toOffset }, to.dataView.byteLength).byteLength;
  const length = byteLength ?? Math.min(available, room);
  checkRange({ byteOffset: fromOffset, byteLength: length }, from.dataView.byteLength);
  checkRange({ byteOffset: toOffset, byteLength: length }, to.dataView.byteLength);
  const source = new Uint8Array(from.dataView.buffer, from.dataView.byteOffset + fromOffset, length);
  new Uint8Array(to.dataView.buffer, to.dataView.byteOffset + toOffset, length).set(source);
  return length;
}
