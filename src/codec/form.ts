import type { MemoryRange } from '../base/memory.ts';
import type { Abi } from './abi.ts';
import type { RecordCode } from './code.ts';
import type { LiveClass } from './live-class.ts';
import type { LivePath } from './live-path.ts';

/**
 * What a codec is made of, as the codecs around it see it. The public methods of {@link Codec} stand on this.
 *
 * `view` is always large enough: whoever calls has checked the bounds once for the whole value.
 */
export interface Form {
  /** The key of the layout table's entry: `i32`, `char`, `struct`, … */
  readonly kind: string;
  /** The type's name for messages and tables. */
  readonly label: string;
  /** Set if the layout holds under this ABI only. */
  readonly abi: Abi | undefined;
  readonly byteLength: number;
  /** The natural alignment, before `pack` and {@link alignas}. */
  alignment(abi: Abi): number;
  /** An alignment that was asked for with alignas, here or inside (Microsoft's rules let it beat `pack`). */
  readonly alignas?: number;

  /** Takes no part in read and write (padding, locks). */
  readonly hidden?: boolean;
  read(view: DataView, at: number): unknown;
  /** Throws BadValue, touches nothing. */
  check(value: unknown): void;
  /**
   * For values that are no primitives: like {@link check}, and answers a copy that is ours alone, each property of `value`
   * read once. What is stored is what was checked, whoever changes the value meanwhile: a getter, another thread.
   */
  take?(value: unknown): unknown;
  /** `value` has passed {@link check}, or was answered by {@link take} where there is one. */
  store(view: DataView, at: number, value: unknown): void;
  /**
   * `store` may throw for what `check` lets pass: a codec of one's own, here or inside, checks nothing. Whoever calls it
   * does so through storeWhole, and what `store` stores outside of `byteLength` it stores through storeElements.
   */
  readonly unchecked?: boolean;
  /**
   * The object that stands for the bytes, for forms that have one; made once for each parent object. Without it the
   * member is a plain property that reads and stores.
   */
  live?(range: MemoryRange, at: number, path: LivePath): unknown;
  /**
   * For forms whose `live` is nearly always of one class: a useless object of it, which parents hold until the real one
   * is made, so that V8 knows the class of what it finds there.
   */
  readonly vacant?: object;
  /** For records: the class of live objects over memory that may be written. */
  openClass?(): {
    readonly Class: LiveClass;
    readonly needsRange: boolean;
  };
  /** For classes of users: a `live` whose objects are of the class, over records that are shortened. */
  liveOf?(short: Form): NonNullable<Form['live']>;
  /** For records: `write` looks for unknown fields each time. */
  readonly strict?: boolean;
  /** For `assign`: like take and store, but members may be absent. */
  takePartial?(value: unknown): unknown;
  storePartial?(view: DataView, at: number, value: unknown): void;

  /** How generated code reads and stores it without a call. */
  readonly code?: RecordCode;
  /** The least memory that holds the value now: more than `byteLength` where a count inside the memory says so. */
  extent?(view: DataView, at: number): number;

  /** For integers and what stands on one: how bit-fields and enumerations get at the raw value. */
  readonly integer?: {
    readonly signed: boolean;
    /** What `decode` takes: 64-bit bases that read as bigint. */
    readonly big: boolean;
    decode(raw: number | bigint): unknown;
    encode(value: unknown): number | bigint;
  };
  /** A bit-field that has no place yet; `place` gives the form for bits that start `shift` bits into a byte. */
  readonly bits?: { readonly width: number; readonly unnamed: boolean; place(shift: number): Form };
  /** `at(offset, …)`: the place in a `layout`. */
  readonly place?: { readonly byteOffset: number; readonly bit: number };
  /** `anonymous(…)`: the members count as the parent's. */
  readonly promotes?: boolean;
  /** For members that depend on members before them: the form at that place of that struct. */
  bind?(before: readonly Member[], byteOffset: number, label: string): Form;
  /**
   * For what has an extent known at run time only: whether `value` has room, before anything is stored. `record` is the
   * value that it is part of; what that leaves out is looked up in memory.
   */
  checkRoom?(view: DataView, at: number, value: unknown, record: Readonly<Record<string, unknown>>): void;
  /** The members of the same record that say where it stands or how many elements it has. */
  readonly headerFields?: readonly string[];
  /** The value may lack it. */
  readonly optional?: boolean;

  /** Members of structs and unions, in order. */
  readonly members?: readonly Member[];
  /** Elements of arrays. */
  readonly element?: { readonly form: Form; readonly stride: number; readonly count: number };
  /** The canonical description for layout tables. */
  schema(): Schema;
}

/** A member at its place. */
export interface Member {
  /** `undefined` for what has no name in C: padding, unnamed bit-fields, anonymous structs. */
  readonly name: string | undefined;
  readonly form: Form;
  readonly byteOffset: number;
  /** Bit-fields: counted from bit 0 of byte 0 of the struct. */
  readonly bitOffset?: number;
  readonly bitWidth?: number;
  /** An anonymous struct or union: its members count as the parent's. */
  readonly promoted?: boolean;
  /** The key under which the user wrote it. */
  readonly key: string;
}

/** A JSON value: a kind alone, or a kind and its parameters. */
export type Schema = string | readonly [kind: string, ...parameters: unknown[]];
