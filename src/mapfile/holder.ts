import type { Access, MemoryRange, MemoryScope } from '../base/memory.ts';
import type { FooterSeal } from '../memory/footer-seal.ts';
import type { Region } from '../os/contract.ts';

/** The bytes of an object's data, and the way to the disk. */
export interface Mapped {
  readonly dataView: DataView;
  flush(): Promise<void>;
  flushSync(): void;
}

/** What an object can live in: a Segment, a file, or a view of the caller's, with the same end part. */
export interface Holder {
  /** As the caller spelled it; `''` for memory that has none. */
  readonly name: string;
  readonly created: boolean;
  /** Exact for ours, what the system knows for foreign memory. */
  readonly byteLength: number;
  /** Names byte 0 in every process. */
  readonly originKey: number;
  /** Whose threads share it; undefined: this user's. */
  readonly scope: MemoryScope | undefined;
  /** Tells it from another one that had or gets the same name. */
  readonly instance: number | undefined;
  /** The control words; undefined if there are none. */
  readonly control: MemoryRange | undefined;
  readonly undo: MemoryRange | undefined;
  /** Tells whether the end part is still what it was. */
  readonly seal: FooterSeal | undefined;
  /** The creator's layout table, if it left one. */
  layout(): Uint8Array | undefined;
  /** The data, from byte 0 on. */
  map(access: Access): Mapped;
  close(): void;
}

export function mappedIn(region: Region): Mapped {
  const { byteLength } = region;
  return {
    dataView: new DataView(region.buffer, 0, byteLength),
    flush: () => region.flush(0, byteLength),
    flushSync: () => region.flushSync(0, byteLength),
  };
}

/** A range that knows whose threads share it. */
export function rangeIn(range: MemoryRange, scope: MemoryScope | undefined): MemoryRange {
  return scope === undefined ? range : { ...range, scope };
}
