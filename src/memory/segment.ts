/**
 * Named memory with what we keep behind it: data at offset 0, a footer at the end, and between them the sections that the
 * floors above ask for. Memory without our footer is foreign: opened as it is, nothing of ours in it.
 */
import { randomBytes } from 'node:crypto';
import { closedError, isMapFileError, MapFileError, type SystemFailure } from '../base/errors.ts';
import type { Access, MemoryRange } from '../base/memory.ts';
import { type MemoryScope, offsetKey } from '../base/memory.ts';
import type { ObjectKind, Region, Section, SectionJudge, SectionNature } from '../os/contract.ts';
import { os } from '../os/current.ts';
import {
  corrupt,
  decodeFooter,
  encodeFooter,
  type Footer,
  footerJudge,
  homeOf,
  kindIn,
  planFooter,
  type Span,
} from './footer.ts';
import { FooterSeal } from './footer-seal.ts';
import { didYouMean, objectName } from './names.ts';
import { checkLength, checkSecurity, type SecurityOptions, type UnlinkOptions, unsupported } from './options.ts';
import { FOOTER_LENGTH } from './segment-layout.ts';
import { forget, remember, remembers } from './segment-registry.ts';

/** What a new segment is to hold. */
export interface SegmentPlan extends SecurityOptions {
  /** Exact length of the data, 1 or more. */
  readonly byteLength: number;
  readonly kind?: ObjectKind;
  /** The name outlives its last holder (POSIX only). */
  readonly persistent?: boolean;
  /** The creator's layout table. */
  readonly layout?: Uint8Array;
  /** Length of the undo copy. */
  readonly undoLength?: number;
  /** Length of the control words, which start as zeros at a multiple of 64. */
  readonly controlLength?: number;
  /** `initialise` runs in one process only, whoever races. Costs a few more calls. */
  readonly once?: boolean;
  /** Fills the segment before anyone else can open it. If it throws, there is no segment. */
  initialise?(segment: Segment): void;
}

export interface SegmentOpening {
  /** Of the data. The trailer is opened for writing wherever this user may, whatever this says. */
  readonly access: Access;
  readonly kind?: ObjectKind;
  /** Map what stands behind the data too. Plain views leave it alone. */
  readonly trailer?: boolean;
}

export class Segment {
  /** As the caller spelled it. */
  readonly name: string;
  readonly created: boolean;
  /** Undefined in foreign memory. */
  readonly footer: Footer | undefined;
  readonly #section: Section;
  readonly #regions = new Set<Region>();
  #trailer: Region | undefined;
  #closed = false;

  private constructor(section: Section, footer: Footer | undefined, created: boolean) {
    this.name = section.name.spelled;
    this.created = created;
    this.footer = footer;
    this.#section = section;
  }

  /** @throws MapFileError ERR_NAME_EXISTS if the name lives, ERR_OUT_OF_MEMORY if the system has no room */
  static create(name: string, plan: SegmentPlan): Segment {
    const checked = objectName(name);
    const { byteLength, kind = 'section', persistent = false, layout, undoLength = 0, controlLength = 0 } = plan;
    checkLength('byteLength', byteLength, 1);
    const security = checkSecurity(plan);
    const { pageSize, persistent: canPersist } = os.capabilities;
    if (persistent && !canPersist)
      throw unsupported('persistent', 'a name lives there as long as a process has it open');

    const everyone = security.share === 'everyone' || security.sddl !== undefined;
    const instance = randomBytes(4).readUInt32LE();
    const lengths = { byteLength, layoutLength: layout?.byteLength ?? 0, undoLength, controlLength };
    const footer = planFooter({ ...lengths, kind, persistent, everyone, instance }, pageSize);
    const filled: Segment[] = [];
    try {
      const section = os.createSection(checked, {
        byteLength: footer.totalLength,
        security,
        persistent,
        once: plan.once ?? false,
        judge: footerJudge,
        fill(section) {
          const segment = new Segment(section, { ...footer, home: homeOf(section.originKey) }, true);
          filled.push(segment);
          segment.#write(layout);
          plan.initialise?.(segment);
        },
      });
      remember(section);
      return filled[0]!;
    } catch (error) {
      for (const segment of filled) segment.#unmap();
      if (isMapFileError(error, 'ERR_NAME_EXISTS')) refuseOtherKind(name, kind);
      throw error;
    }
  }

  /** @throws MapFileError ERR_NAME_NOT_FOUND, ERR_WRONG_KIND, ERR_ACCESS_DENIED, ERR_CORRUPT */
  static open(name: string, { access, kind = 'section', trailer = false }: SegmentOpening): Segment {
    const checked = objectName(name);
    const wanted = access === 'readwrite' ? 'readwrite' : trailer ? 'upgrade' : 'read';
    let section: Section;
    const judge = new TailKeeper();
    try {
      section = os.openSection(checked, { access: wanted, judge });
    } catch (error) {
      const hint = didYouMean(checked);
      if (!hint || !isMapFileError(error, 'ERR_NAME_NOT_FOUND')) throw error;
      throw new MapFileError(error.code, `${error.message}; ${hint}`, error.context, error as SystemFailure, error);
    }
    let segment: Segment | undefined;
    try {
      // Where the system asks what the memory is, its last bytes have been read already.
      const footer = judge.tail ? decodeFooter(judge.tail, section.byteLength, name) : readFooter(section);
      if (!footer && remembers(section)) throw corrupt(name, 'its footer is gone');
      if ((footer?.kind ?? 'section') !== kind) throw wrongKind('open', name, kind, footer?.kind ?? 'section');
      segment = new Segment(section, footer, false);
      if (trailer && footer) segment.#mapTrailer();
      if (footer) remember(section);
      return segment;
    } catch (error) {
      if (segment) segment.#unmap();
      section.close();
      throw error;
    }
  }

  /** Opens what is there, or makes it; of all that race, one creates. */
  static openOrCreate(name: string, opening: SegmentOpening, plan: SegmentPlan): Segment {
    for (;;) {
      try {
        return Segment.open(name, opening);
      } catch (error) {
        if (!isMapFileError(error, 'ERR_NAME_NOT_FOUND')) throw error;
      }
      try {
        return Segment.create(name, plan);
      } catch (error) {
        if (!isMapFileError(error, 'ERR_NAME_EXISTS')) throw error;
      }
    }
  }

  /** Whether the name lives, as that kind of object where that can be seen. */
  static exists(name: string, kind: ObjectKind = 'section'): boolean {
    const judge = new TailKeeper();
    return os.sectionExists(objectName(name), judge) && (judge.tail === undefined || kindIn(judge.tail) === kind);
  }

  /** @throws MapFileError ERR_WRONG_KIND for another kind of object, or another program's unless `foreign` is true */
  static unlink(name: string, { foreign = false }: UnlinkOptions = {}, kind: ObjectKind = 'section'): boolean {
    const checked = objectName(name);
    if (typeof foreign !== 'boolean')
      throw new TypeError(`Cannot use ${String(foreign)} as foreign: pass true or false`);
    if (!os.capabilities.unlink) throw unsupported('unlink', 'the name goes when the last process closes it');
    const judge = new TailKeeper();
    return os.unlinkSection(checked, judge, () => {
      const actual = kindIn(judge.tail!);
      if (actual !== kind) throw wrongKind('unlink', name, kind, actual);
      if (!foreign && footerJudge.judge(judge.tail!) === 'foreign') throw notOurs(name);
    });
  }

  /** Whether this memory has no footer of ours, and its layout is nobody's promise. */
  get foreign(): boolean {
    return this.footer === undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Of the data: exact for ours, as the system knows it for foreign memory (Windows: whole pages). */
  get byteLength(): number {
    return this.footer?.byteLength ?? this.#section.byteLength;
  }

  /** Names byte 0 of the data in every process. */
  get originKey(): number {
    return this.#section.originKey;
  }

  /** Whose threads share it. */
  get scope(): MemoryScope | undefined {
    return this.#section.scope ?? (this.footer?.everyone ? 'everyone' : undefined);
  }

  /** Whether control words and undo copy can be written, which a read-only opener may need too. */
  get trailerWritable(): boolean {
    return this.#section.writable;
  }

  /** Maps a part of the data; unmapped by {@link close} at the latest. */
  map(byteOffset: number, byteLength: number, access: Access): Region {
    if (this.#closed) throw closedError(`map "${this.name}"`);
    const region = this.#section.map(byteOffset, byteLength, access);
    this.#regions.add(region);
    return region;
  }

  /** The control words; undefined if the creator asked for none, or the memory is foreign. */
  get control(): MemoryRange | undefined {
    return this.#trailerRange(this.footer?.control);
  }

  get undo(): MemoryRange | undefined {
    return this.#trailerRange(this.footer?.undo);
  }

  /** To notice a destroyed footer without a system call; undefined in foreign memory. */
  get seal(): FooterSeal | undefined {
    const { footer } = this;
    if (!footer) return undefined;
    const at = { byteOffset: footer.totalLength - FOOTER_LENGTH, byteLength: FOOTER_LENGTH };
    return new FooterSeal(this.#trailerRange(at)!, this.name);
  }

  /** A copy of the creator's layout table. */
  layout(): Uint8Array<ArrayBuffer> | undefined {
    const span = this.footer?.layout;
    if (!span || span.byteLength === 0) return undefined;
    return this.#mapTrailer().copyOut(0, span.byteLength);
  }

  /**
   * Looks at the footer again.
   * @throws MapFileError ERR_CORRUPT if another program has overwritten it or changed the length
   */
  verify(): void {
    if (this.#closed) throw closedError(`map "${this.name}"`);
    const { footer } = this;
    const length = this.#section.measure();
    if (!footer) return;
    // Asked before the mapping is touched: pages behind the end of a truncated file raise SIGBUS.
    if (length !== footer.totalLength) {
      throw corrupt(this.name, `it has ${length} bytes in place of ${footer.totalLength}`);
    }
    const found = readFooter(this.#section);
    if (!found) throw corrupt(this.name, 'its footer is gone');
    if (found.instance !== footer.instance) throw corrupt(this.name, 'its footer is that of another segment');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#unmap();
    } finally {
      if (this.footer) forget(this.#section);
      this.#section.close();
    }
  }

  #write(layout: Uint8Array | undefined): void {
    const footer = this.footer!;
    const asks = footer.layout.byteLength + footer.undo.byteLength + footer.control.byteLength > 0;
    if (layout) this.#mapTrailer().copyIn(0, layout);
    else if (asks) this.#mapTrailer();
    const at = footer.totalLength - FOOTER_LENGTH;
    const bytes = encodeFooter(footer);
    if (this.#trailer) {
      this.#trailer.copyIn(at - footer.layout.byteOffset, bytes);
      return;
    }
    const region = this.#section.map(at, FOOTER_LENGTH, 'readwrite');
    try {
      region.copyIn(0, bytes);
    } finally {
      region.unmap();
    }
  }

  /** From the layout table to the last byte, shared and writable where possible, whatever the data's access. */
  #mapTrailer(): Region {
    if (this.#closed) throw closedError(`map "${this.name}"`);
    const { layout, totalLength } = this.footer!;
    this.#trailer ??= this.#section.map(
      layout.byteOffset,
      totalLength - layout.byteOffset,
      this.#section.writable ? 'readwrite' : 'read',
    );
    return this.#trailer;
  }

  #trailerRange(span: Span | undefined): MemoryRange | undefined {
    if (!span || span.byteLength === 0) return undefined;
    const { buffer } = this.#mapTrailer();
    return {
      dataView: new DataView(buffer, span.byteOffset - this.footer!.layout.byteOffset, span.byteLength),
      access: this.#section.writable ? 'readwrite' : 'read',
      originKey: offsetKey(this.originKey, span.byteOffset),
      ...(this.scope !== undefined && { scope: this.scope }),
    };
  }

  #unmap(): void {
    for (const region of this.#regions) region.unmap();
    this.#regions.clear();
    this.#trailer?.unmap();
  }
}

function readFooter(section: Section): Footer | undefined {
  const { byteLength } = section;
  if (byteLength < FOOTER_LENGTH) return undefined;
  const region = section.map(byteLength - FOOTER_LENGTH, FOOTER_LENGTH, 'read');
  try {
    return decodeFooter(region.copyOut(0, FOOTER_LENGTH), byteLength, section.name.spelled);
  } finally {
    region.unmap();
  }
}

/** Judges as {@link footerJudge}, and keeps what it was shown. */
class TailKeeper implements SectionJudge {
  readonly tailByteLength = FOOTER_LENGTH;
  tail: Uint8Array | undefined;

  judge(tail: Uint8Array, originKey?: number): SectionNature {
    this.tail = tail;
    return footerJudge.judge(tail, originKey);
  }
}

/** The name is in use: by what the caller could not open either? */
function refuseOtherKind(name: string, kind: ObjectKind): void {
  try {
    Segment.open(name, { access: 'read', kind }).close();
  } catch (error) {
    if (!isMapFileError(error, 'ERR_WRONG_KIND')) return;
    throw wrongKind('create', name, kind, error.context.actual ?? 'object of another kind');
  }
}

function wrongKind(doing: string, name: string, expected: ObjectKind, actual: string): MapFileError<'ERR_WRONG_KIND'> {
  const article = /^[aeiou]/.test(actual) ? 'an' : 'a';
  return new MapFileError(
    'ERR_WRONG_KIND',
    `Cannot ${doing} ${expected} "${name}": the name belongs to ${article} ${actual}, choose another name`,
    { name, expected, actual },
  );
}

/** Nobody's footer: another program may use it, whatever we can see. */
function notOurs(name: string): MapFileError<'ERR_WRONG_KIND'> {
  return new MapFileError(
    'ERR_WRONG_KIND',
    `Cannot unlink "${name}": another program made it, pass { foreign: true } to take its name away all the same`,
    { name, expected: 'section', actual: 'foreign' },
  );
}
