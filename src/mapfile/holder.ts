import type { Access, MemoryRange, MemoryScope } from '../base/memory.ts';
import type { Region } from '../os/contract.ts';

/** What an object can live in: a Segment, or a file with the same end part. */
export interface Holder {
  /** As the caller spelled it. */
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
  /** The creator's layout table, if it left one. */
  layout(): Uint8Array | undefined;
  map(byteOffset: number, byteLength: number, access: Access): Region;
  close(): void;
}

/** A range that knows whose threads share it. */
export function rangeIn(range: MemoryRange, scope: MemoryScope | undefined): MemoryRange {
  return scope === undefined ? range : { ...range, scope };
}
