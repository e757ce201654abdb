/** The footer of a segment: written once before the segment can be seen, read and checked at every open. */
import { MapFileError } from '../base/errors.ts';
import type { ObjectKind, SectionJudge, SectionNature } from '../os/contract.ts';
import { os } from '../os/current.ts';
import {
  CHECKSUM,
  CONTROL_LENGTH,
  DATA_LENGTH,
  FLAG_EVERYONE,
  FLAG_PERSISTENT,
  FLAGS,
  FOOTER_LENGTH,
  FORMAT_VERSION,
  HOME,
  INSTANCE,
  KIND,
  KINDS,
  LAYOUT_LENGTH,
  LAYOUT_OFFSET,
  MAGIC,
  MAGIC_HIGH,
  MAGIC_LOW,
  SECTION_ALIGNMENT,
  UNDO_LENGTH,
  UNDO_OFFSET,
  VERSION,
} from './segment-layout.ts';

/** A run of bytes of the segment; `byteLength` 0 if the section is absent. */
export interface Span {
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** What a footer says. */
export interface Footer {
  /** Exact length of the data, which starts at 0. */
  readonly byteLength: number;
  readonly layout: Span;
  readonly undo: Span;
  readonly control: Span;
  readonly kind: ObjectKind;
  readonly persistent: boolean;
  /** Made for other users too. */
  readonly everyone: boolean;
  /** Random: tells this segment from a successor of the same name. */
  readonly instance: number;
  /** Where it was made, see {@link homeOf}; 0 if that is no segment. */
  readonly home: number;
  /** Length of the whole, footer included. */
  readonly totalLength: number;
}

/** What a creator wants behind its data. */
export interface FooterPlan {
  readonly byteLength: number;
  readonly layoutLength: number;
  readonly undoLength: number;
  readonly controlLength: number;
  readonly kind: ObjectKind;
  readonly persistent: boolean;
  readonly everyone?: boolean;
  readonly instance: number;
}

const up = (n: number, unit: number) => Math.ceil(n / unit) * unit;

/** Lays the sections out against the end of the smallest sufficient number of pages. */
export function planFooter(plan: FooterPlan, pageSize: number): Footer {
  const { byteLength, layoutLength, undoLength, controlLength, kind, persistent, everyone = false, instance } = plan;
  const lengths = [layoutLength, undoLength, controlLength].map((length) => up(length, SECTION_ALIGNMENT));
  const behind = lengths.reduce((sum, length) => sum + length, FOOTER_LENGTH);
  const totalLength = up(up(byteLength, SECTION_ALIGNMENT) + behind, pageSize);
  const layout = { byteOffset: totalLength - behind, byteLength: layoutLength };
  const undo = { byteOffset: layout.byteOffset + lengths[0]!, byteLength: undoLength };
  const control = { byteOffset: undo.byteOffset + lengths[1]!, byteLength: lengths[2]! };
  return { byteLength, layout, undo, control, kind, persistent, everyone, instance, home: 0, totalLength };
}

export function encodeFooter(footer: Footer): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FOOTER_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(DATA_LENGTH, BigInt(footer.byteLength), true);
  view.setBigUint64(UNDO_OFFSET, BigInt(footer.undo.byteOffset), true);
  view.setBigUint64(UNDO_LENGTH, BigInt(footer.undo.byteLength), true);
  view.setBigUint64(LAYOUT_OFFSET, BigInt(footer.layout.byteOffset), true);
  view.setUint32(LAYOUT_LENGTH, footer.layout.byteLength, true);
  view.setUint32(CONTROL_LENGTH, footer.control.byteLength, true);
  view.setUint8(KIND, KINDS.indexOf(footer.kind));
  view.setUint8(FLAGS, (footer.persistent ? FLAG_PERSISTENT : 0) | (footer.everyone ? FLAG_EVERYONE : 0));
  view.setUint16(HOME, footer.home, true);
  view.setUint32(INSTANCE, footer.instance, true);
  view.setUint32(VERSION, FORMAT_VERSION, true);
  view.setUint32(MAGIC, MAGIC_LOW, true);
  view.setUint32(MAGIC + 4, MAGIC_HIGH, true);
  view.setUint32(CHECKSUM, checksum(bytes), true);
  return bytes;
}

/**
 * What the last bytes of memory of `totalLength` bytes say; undefined if they are not a footer of ours (foreign memory).
 * @throws MapFileError ERR_CORRUPT if they are one that contradicts itself, or one of a format that we do not know
 */
export function decodeFooter(tail: Uint8Array, totalLength: number, name: string): Footer | undefined {
  if (!isOurs(tail)) return undefined;
  const view = new DataView(tail.buffer, tail.byteOffset, FOOTER_LENGTH);
  const version = view.getUint32(VERSION, true);
  if (version !== FORMAT_VERSION) {
    throw corrupt(name, `its footer has format version ${version}, this release knows ${FORMAT_VERSION}`);
  }
  if (view.getUint32(CHECKSUM, true) !== checksum(tail)) throw corrupt(name, 'the checksum of its footer is wrong');

  const u64 = (at: number) => Number(view.getBigUint64(at, true));
  const controlLength = view.getUint32(CONTROL_LENGTH, true);
  const end = totalLength - FOOTER_LENGTH;
  const footer: Footer = {
    byteLength: u64(DATA_LENGTH),
    layout: { byteOffset: u64(LAYOUT_OFFSET), byteLength: view.getUint32(LAYOUT_LENGTH, true) },
    undo: { byteOffset: u64(UNDO_OFFSET), byteLength: u64(UNDO_LENGTH) },
    control: { byteOffset: end - controlLength, byteLength: controlLength },
    kind: KINDS[view.getUint8(KIND)] ?? 'section',
    persistent: (view.getUint8(FLAGS) & FLAG_PERSISTENT) !== 0,
    everyone: (view.getUint8(FLAGS) & FLAG_EVERYONE) !== 0,
    instance: view.getUint32(INSTANCE, true),
    home: view.getUint16(HOME, true),
    totalLength,
  };
  const { layout, undo, control } = footer;
  for (const { byteOffset, byteLength } of [layout, undo, control]) {
    if (byteOffset < footer.byteLength || byteOffset + byteLength > end) {
      throw corrupt(name, `its footer points ${byteLength} bytes at ${byteOffset}, outside of ${totalLength} bytes`);
    }
  }
  return footer;
}

/** Tells the system which memory is ours. A broken one of ours, or of another format, is never removed unasked. */
export const footerJudge: SectionJudge = {
  tailByteLength: FOOTER_LENGTH,
  judge(tail, originKey): SectionNature {
    if (!isOurs(tail)) return 'foreign';
    const view = new DataView(tail.buffer, tail.byteOffset, FOOTER_LENGTH);
    if (view.getUint32(VERSION, true) !== FORMAT_VERSION) return 'persistent';
    if (view.getUint32(CHECKSUM, true) !== checksum(tail)) return 'persistent';
    if ((view.getUint8(FLAGS) & FLAG_PERSISTENT) !== 0) return 'persistent';
    // Somebody's copy of a segment: nobody holds it, and it is not ours to remove.
    return originKey === undefined || view.getUint16(HOME, true) === homeOf(originKey) ? 'transient' : 'persistent';
  },
};

/** What a footer remembers of the memory that it was written into. */
export function homeOf(originKey: number): number {
  return originKey & 0xffff;
}

/** What the last bytes of a section make it: memory without our footer is a section too. */
export function kindIn(tail: Uint8Array): ObjectKind {
  return (isOurs(tail) && KINDS[tail[KIND]!]) || 'section';
}

function isOurs(tail: Uint8Array): boolean {
  if (tail.byteLength !== FOOTER_LENGTH) return false;
  const view = new DataView(tail.buffer, tail.byteOffset, FOOTER_LENGTH);
  return view.getUint32(MAGIC, true) === MAGIC_LOW && view.getUint32(MAGIC + 4, true) === MAGIC_HIGH;
}

export function corrupt(name: string, detail: string): MapFileError<'ERR_CORRUPT'> {
  const remedy = os.capabilities.unlink
    ? `close it everywhere, take its name away with unlink("${name}", { foreign: true }) if it stays, and create it anew`
    : 'close it everywhere and create it anew';
  return new MapFileError('ERR_CORRUPT', `Cannot use "${name}": ${detail}, ${remedy}`, { name, detail });
}

/** FNV-1a over the footer without the checksum itself. */
function checksum(footer: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < FOOTER_LENGTH; i++) {
    if (i < CHECKSUM || i >= VERSION) hash = Math.imul(hash ^ footer[i]!, 0x01000193);
  }
  return hash >>> 0;
}
