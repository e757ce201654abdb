/** What a compiler needs to know of a member to place it. */
export interface Placeable {
  /** In bytes; for a bit-field the size of its base type. */
  readonly byteLength: number;
  /** The natural alignment. */
  readonly alignment: number;
  /** alignas on the member, or inside its type; 1 without. */
  readonly alignas: number;
  /** For a bit-field. */
  readonly bitWidth?: number;
  /** An unnamed bit-field does not align the struct under System V. */
  readonly unnamed?: boolean;
}

export interface PlacingRules {
  readonly isUnion: boolean;
  /** `#pragma pack`; absent is the compiler's default. */
  readonly pack?: number;
  /** alignas on the whole type. */
  readonly alignas?: number;
}

export interface Placed {
  /** Bits from the start, one for each member. */
  readonly bitOffsets: readonly number[];
  readonly byteLength: number;
  readonly alignment: number;
  /** The alignment that was asked for (alignas), which Microsoft's rules keep apart. */
  readonly alignas: number;
}

export function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
