import type { Memory, MemorySource } from '../base/memory.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import type { AnyCodec, Codec, InferLive } from '../codec/codec.ts';
import type { ReadonlyLive } from '../codec/readonly-live.ts';
import type { InferPartial, LiveMethods } from '../codec/record-types.ts';
import type { SecurityOptions } from '../memory/options.ts';
import type { Recovery } from './cell-writer.ts';
import type { ReadGuard } from './read-guard.ts';

/** What may be done with a shared object. */
export type MapFileAccess = 'read' | 'readwrite';

/** The live object of a codec under that access. */
export type MapFileLive<C extends AnyCodec, A extends MapFileAccess> = A extends 'read'
  ? ReadonlyLive<InferLive<C>>
  : InferLive<C>;

/** What the creator starts with: some members (the rest is zero), or a function that runs in the winner of a race only. */
export type Initial<C extends AnyCodec> = InferPartial<C> | ((live: InferLive<C>) => void);

/** A function for `update`: given the live object, and synchronous, which the compiler checks. */
export type Updater<C extends AnyCodec, R> = ((live: InferLive<C>) => R) & Synchronous<R>;

/** `unknown` if `R` is no Promise; else a sentence for the error message. */
export type Synchronous<R> = 0 extends 1 & R
  ? unknown
  : [R] extends [never]
    ? unknown
    : [R] extends [PromiseLike<unknown>]
      ? 'An update must be synchronous: await before it, not in it'
      : unknown;

/** What a mapping without our footer needs to be understood, and what to do about its publisher. */
export interface ForeignOptions<C extends AnyCodec> {
  /** Where the struct begins, in bytes from the start of the mapping. Default 0; foreign mappings only. */
  readonly byteOffset?: number;
  /** How the program that made the mapping protects its data. Without it `read()` may be torn. */
  readonly guard?: ReadGuard<C>;
  /** Whether what stands in the memory is to be believed; asked of each copy. `read()` throws ERR_NOT_VALID otherwise. */
  readonly valid?: (live: ReadonlyLive<InferLive<C>>) => boolean;
}

/** How to place an object over memory. */
export type OverOptions<C extends AnyCodec> = ForeignOptions<C>;

/** What every opener can say. */
export interface AttachOptions<C extends AnyCodec> extends ForeignOptions<C> {
  /** Called after an update of this object that first had to undo what a dead writer had left half done. */
  readonly onRecovery?: (recovery: Recovery) => void;
  /** Who takes part; the threads of this machine if absent. */
  readonly participants?: Participants;
}

/** How to open a shared object. */
export interface OpenOptions<C extends AnyCodec, A extends MapFileAccess = MapFileAccess> extends AttachOptions<C> {
  /** Default `'read'`. */
  readonly access?: A;
  /**
   * Follows a publisher that has ended and started again: `read()` and `changes()` look for the name anew, at most every
   * 250 ms, and when `valid` says no. Live objects of before throw then, `get()` gives the new one.
   */
  readonly reopen?: boolean;
}

/** How to create a shared object. */
export interface CreateOptions<C extends AnyCodec>
  extends Pick<AttachOptions<C>, 'onRecovery' | 'participants'>,
    SecurityOptions {
  /** What it starts with; zeros if absent. Others see the object with it, or not at all. */
  readonly initial?: Initial<C>;
  /** Bytes of the object, for a struct with a flexible tail. Default: the codec's. */
  readonly byteLength?: number;
  /** Whether the name outlives the last process that has it open (POSIX only). */
  readonly persistent?: boolean;
}

/** How to open a shared object or create it, whichever it takes. */
export type OpenOrCreateOptions<C extends AnyCodec> = CreateOptions<C> & AttachOptions<C>;

/** How to make a file that holds an object. */
export type CreateFileOptions<C extends AnyCodec> = Omit<CreateOptions<C>, 'persistent'>;

/** Memory that an object of ours can be made in: a MappedView or a subview that may write, a buffer, a view of one. */
export type WritableMemory = Exclude<Memory, MemorySource> | (MemorySource & { readonly access: 'readwrite' });

/** What an object that is opened in some memory may do: what the memory's view may; a buffer is writable. */
export type AccessOf<M extends Memory> = M extends { readonly access: infer A }
  ? [A] extends ['readwrite']
    ? 'readwrite'
    : 'read'
  : 'readwrite';

/** How to make an object in memory of the caller's. Who else may open that is the memory's affair. */
export type MemoryCreateOptions<C extends AnyCodec> = Pick<
  CreateOptions<C>,
  'initial' | 'byteLength' | 'onRecovery' | 'participants'
>;

/** How to open an object in memory of the caller's; the access is the memory's. */
export type MemoryOpenOptions<C extends AnyCodec> = AttachOptions<C>;

/** How to open an object in memory of the caller's or make it there, whichever it takes. */
export type MemoryOpenOrCreateOptions<C extends AnyCodec> = MemoryCreateOptions<C> & Pick<AttachOptions<C>, 'valid'>;

/** How to wait for a shared object that nobody has created yet. */
export interface WaitForOptions<C extends AnyCodec, A extends MapFileAccess = MapFileAccess>
  extends OpenOptions<C, A>,
    WaitOptions {
  /** How often to look for the name. Default 20. */
  readonly intervalMs?: number;
}

/** The codec of an object that describes itself: what the creator's layout table says. */
export type SelfDescribed = Codec<
  Record<string, unknown>,
  Record<string, unknown> & LiveMethods<Record<string, unknown>, Record<string, unknown>>,
  Record<string, unknown>
>;
