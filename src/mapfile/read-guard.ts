import type { WaitOptions } from '../base/participants.ts';
import type { AnyCodec, Infer, InferLive } from '../codec/codec.ts';

/** A member by its name or path (`header.tick`, `cars[0].id`), or a `u32` by its byte offset from the start of the mapping. */
export type GuardPlace<C extends AnyCodec> = FieldPath<C> | number;

/** The members of a struct, and paths that begin with one. */
export type FieldPath<C extends AnyCodec> =
  | (keyof Infer<C> & string)
  | `${keyof Infer<C> & string}${'.' | '['}${string}`;

/** What a guard needs of a mutex; a NamedMutex has it. */
export interface GuardMutex {
  tryLock(): Held | undefined;
  lock(options?: WaitOptions & { readonly sameThread?: 'wait' }): Promise<Held>;
  lockSync(options?: WaitOptions): Held;
  /** Called with the object's own close, if the object has opened the mutex by its name. */
  close?(): void;
}

/** A mutex that is held. */
export interface Held {
  unlock(): void;
}

/**
 * How the program that made a foreign mapping protects its data, so that `read()` gives whole values:
 *
 * - `{ sequence: 'field' }`: a counter that is odd while the program writes (Project CARS 2).
 * - `{ begin: 'a', end: 'b' }`: it counts `a` up before it writes and `b` behind; equal when whole. They may stand in a
 *   block before the struct: `{ begin: 0, end: 4 }` with `byteOffset: 8` (rFactor 2).
 * - `{ busy: 'field' }`: not 0 while the program writes. As good as a flag can be: the copy is compared with the memory once more.
 * - `{ counter: 'field' }`: tells that something changed and promises nothing (MumbleLink's `uiTick`).
 * - `{ mutex }`: a NamedMutex or its name; the program holds it while it writes (HWiNFO, FreeTrack).
 * - a function of the live object: `undefined` while the program writes, and otherwise a number, bigint or string that
 *   differs after each write. It is asked before and after the copy.
 */
export type ReadGuard<C extends AnyCodec = AnyCodec> = GuardOf<GuardPlace<C>, InferLive<C>>;

/** {@link ReadGuard} by how it names a place, and what its function is given. */
export type GuardOf<Place, Live> =
  | { readonly sequence: Place }
  | { readonly begin: Place; readonly end: Place }
  | { readonly busy: Place }
  | { readonly counter: Place }
  | { readonly mutex: GuardMutex | string }
  | ((live: Live) => Stamp);

/** What tells one state of the data from the next; `undefined` while it is being written. */
export type Stamp = number | bigint | string | undefined;
