/** A part of a segment or file, mapped: what views and typed objects stand on. */
import { MapFileError } from '../base/errors.ts';
import { type Access, type MemoryRange, type MemoryScope, offsetKey } from '../base/memory.ts';
import { MAX_VIEW_LENGTH } from '../ffi/external-memory.ts';
import type { Region } from '../os/contract.ts';
import { type ByteRange, checkLength } from './options.ts';

/** What can be mapped: a Segment, an OpenedFile. */
export interface Origin {
  readonly name: string;
  readonly created: boolean;
  readonly foreign: boolean;
  readonly byteLength: number;
  /** Names byte 0 in every process. */
  readonly originKey: number;
  /** Whose threads share it. */
  readonly scope?: MemoryScope | undefined;
  map(byteOffset: number, byteLength: number, access: Access): Region;
  /** @throws MapFileError ERR_CORRUPT if another program broke what we keep beside the data */
  verify(): void;
  /** Only files can. */
  resize?(byteLength: number): void;
  close(): void;
}

/** Regions start at a multiple of this, so that a typed array over their buffer is aligned in memory too. */
const ALIGNMENT = 8;

export class Window {
  readonly origin: Origin;
  readonly access: Access;
  readonly byteOffset: number;
  readonly #scope: MemoryScope | undefined;
  /** Counts the mappings that this window has had: ranges of an earlier one are detached. */
  generation = 0;
  closed = false;
  #byteLength: number;
  #region: Region;
  #dataView: DataView | undefined;

  private constructor(origin: Origin, access: Access, byteOffset: number, byteLength: number) {
    this.origin = origin;
    this.access = access;
    this.byteOffset = byteOffset;
    this.#byteLength = byteLength;
    this.#scope = origin.scope;
    this.#region = this.#map();
  }

  /**
   * Maps `byteLength` bytes (0 or absent: all that follow) from `byteOffset`. The origin stays open if that fails.
   * @throws MapFileError ERR_TOO_SMALL if the origin does not have them
   * @throws RangeError if no ArrayBuffer can hold them
   */
  static over(origin: Origin, access: Access, { byteOffset = 0, byteLength = 0 }: ByteRange = {}): Window {
    checkLength('byteOffset', byteOffset);
    checkLength('byteLength', byteLength);
    const needed = byteOffset + (byteLength || 1);
    if (needed > origin.byteLength) throw tooSmall(origin, needed);
    const length = byteLength || origin.byteLength - byteOffset;
    checkMappable(length, origin.name);
    return new Window(origin, access, byteOffset, length);
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get region(): Region {
    return this.#region;
  }

  /** Where the window starts in its region. */
  get lead(): number {
    return this.byteOffset % ALIGNMENT;
  }

  /** @throws MapFileError ERR_NO_LIVE_MEMORY where the runtime forbids external memory */
  get range(): MemoryRange {
    this.#dataView ??= new DataView(this.#region.buffer, this.lead, this.#byteLength);
    return {
      dataView: this.#dataView,
      access: this.access,
      originKey: offsetKey(this.origin.originKey, this.byteOffset),
      ...(this.#scope !== undefined && { scope: this.#scope }),
    };
  }

  /** @throws MapFileError ERR_CORRUPT, ERR_TOO_SMALL: a page behind the end must not be touched (SIGBUS) */
  verify(): void {
    this.origin.verify();
    const needed = this.byteOffset + this.#byteLength;
    if (this.origin.byteLength < needed) throw tooSmall(this.origin, needed);
  }

  /** Gives the file another length; all ranges of before are detached, the window reaches to the new end. */
  resize(byteLength: number): void {
    const { origin } = this;
    checkMappable(byteLength, origin.name);
    this.#unmap();
    try {
      origin.resize?.(this.byteOffset + byteLength);
      this.#byteLength = byteLength;
    } finally {
      this.generation++;
      this.#region = this.#map();
    }
  }

  /** Detaches, unmaps and lets the origin go. */
  close(): void {
    this.closed = true;
    this.#unmap();
    this.origin.close();
  }

  #map(): Region {
    return this.origin.map(this.byteOffset - this.lead, this.#byteLength + this.lead, this.access);
  }

  #unmap(): void {
    this.#dataView = undefined;
    this.#region.unmap();
  }
}

/** Asked before memory of that length is made: one view holds all of it. */
export function checkMappable(
  byteLength: number,
  name: string,
  remedy: string = 'pass byteOffset and byteLength',
): void {
  if (byteLength + ALIGNMENT <= MAX_VIEW_LENGTH) return;
  throw new RangeError(
    `Cannot map ${byteLength} bytes of "${name}": one view holds fewer than ${MAX_VIEW_LENGTH} here, ${remedy}`,
  );
}

function tooSmall({ name, byteLength }: Origin, needed: number): MapFileError<'ERR_TOO_SMALL'> {
  return new MapFileError(
    'ERR_TOO_SMALL',
    `Cannot map "${name}": it has ${byteLength} bytes, needed ${needed}, ask for fewer or let its creator make it longer`,
    { name, byteLength, needed },
  );
}
