/** The footer of an object inside a view: it ends at the last multiple of 64 bytes of it. */
import { type MemoryRange, subrange } from '../base/memory.ts';
import { decodeFooter, encodeFooter, type Footer, type Span } from '../memory/footer.ts';
import { FOOTER_LENGTH, MAGIC, MAGIC_HIGH, MAGIC_LOW, SECTION_ALIGNMENT } from '../memory/segment-layout.ts';

/** Where an object may start in its buffer: the control words are changed by Atomics. */
export const VIEW_ALIGNMENT = 8;
/** The last half of the magic: what makes a footer one. */
const LAST_WORD = FOOTER_LENGTH / 4 - 1;
const [LOW, HIGH] = hostOrder(MAGIC_LOW, MAGIC_HIGH);

/** How much of the memory is ours: struct and end part. */
export function totalIn({ dataView }: MemoryRange): number {
  return Math.floor(dataView.byteLength / SECTION_ALIGNMENT) * SECTION_ALIGNMENT;
}

/** Whether an object of ours stands here, be its footer sound or not. */
export function hasFooter(range: MemoryRange): boolean {
  const words = footerWords(range);
  if (!words) return false;
  // ORDER: seq_cst; pairs with the last store of publish().
  return Atomics.load(words, LAST_WORD) === HIGH && Atomics.load(words, LAST_WORD - 1) === LOW;
}

/** @throws MapFileError ERR_CORRUPT if it contradicts itself */
export function footerIn(range: MemoryRange, name: string): Footer | undefined {
  if (!hasFooter(range)) return undefined;
  const total = totalIn(range);
  return decodeFooter(bytesIn(subrange(range, total - FOOTER_LENGTH, FOOTER_LENGTH)), total, name);
}

/** Makes what has been prepared an object; the caller holds the lock of making. */
export function publish(range: MemoryRange, footer: Footer): void {
  const bytes = encodeFooter(footer);
  bytesIn(subrange(range, footer.totalLength - FOOTER_LENGTH, MAGIC)).set(bytes.subarray(0, MAGIC));
  const words = footerWords(range)!;
  Atomics.store(words, LAST_WORD - 1, LOW);
  // ORDER: seq_cst, last; pairs with hasFooter(): whoever sees it sees the footer, the cell and the first value.
  Atomics.store(words, LAST_WORD, HIGH);
}

export function spanIn(range: MemoryRange, { byteOffset, byteLength }: Span): MemoryRange {
  return subrange(range, byteOffset, byteLength);
}

/** Undefined if it is absent. */
export function sectionIn(range: MemoryRange, span: Span): MemoryRange | undefined {
  return span.byteLength === 0 ? undefined : spanIn(range, span);
}

export function bytesIn({ dataView }: MemoryRange): Uint8Array {
  return new Uint8Array(dataView.buffer, dataView.byteOffset, dataView.byteLength);
}

/** Undefined where none can stand. */
function footerWords(range: MemoryRange): Int32Array | undefined {
  const at = totalIn(range) - FOOTER_LENGTH;
  const { buffer, byteOffset } = range.dataView;
  if (at < 0 || byteOffset % VIEW_ALIGNMENT !== 0) return undefined;
  return new Int32Array(buffer, byteOffset + at, FOOTER_LENGTH / 4);
}

/** Little-endian words as Atomics of this host see them. */
function hostOrder(low: number, high: number): [number, number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, low, true);
  view.setUint32(4, high, true);
  const words = new Int32Array(view.buffer);
  return [words[0]!, words[1]!];
}
