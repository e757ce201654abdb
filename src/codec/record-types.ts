import type { AnyCodec, Codec, Infer, InferInput, InferLive } from './codec.ts';

/** The fields of a struct or union. */
export type Fields = Readonly<Record<string, AnyCodec>>;

declare const promotes: unique symbol;

/** A struct or union without a name whose members count as the parent's. */
export interface Anonymous<T, Live, Input> extends Codec<T, Live, Input> {
  readonly [promotes]: true;
}

/** A codec that takes no part in values: padding, unnamed bits. Its three types are `never`. */
export type HiddenCodec = Codec<never, never, unknown>;

/** The keys of members that have a value of their own. */
type ValueKeys<F> = {
  [K in keyof F]: F[K] extends { readonly [promotes]: true } ? never : [Infer<F[K]>] extends [never] ? never : K;
}[keyof F];

type LiveKeys<F> = {
  [K in keyof F]: F[K] extends { readonly [promotes]: true } ? never : [InferLive<F[K]>] extends [never] ? never : K;
}[keyof F];

type PromotedKeys<F> = { [K in keyof F]: F[K] extends { readonly [promotes]: true } ? K : never }[keyof F];

type Intersect<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;

type Flat<T> = { [K in keyof T]: T[K] };

/** What `read` gives for a struct. */
export type StructValue<F> = [PromotedKeys<F>] extends [never]
  ? { [K in ValueKeys<F>]: Infer<F[K]> }
  : Flat<{ [K in ValueKeys<F>]: Infer<F[K]> } & Intersect<{ [K in PromotedKeys<F>]: Infer<F[K]> }[PromotedKeys<F>]>>;

/** What `write` takes for a struct. */
export type StructInput<F> = [PromotedKeys<F>] extends [never]
  ? { readonly [K in ValueKeys<F>]: InferInput<F[K]> }
  : { readonly [K in ValueKeys<F>]: InferInput<F[K]> } & Intersect<
        { [K in PromotedKeys<F>]: [InferInput<F[K]>] }[PromotedKeys<F>]
      > extends infer I
    ? I
    : never;

/** What every live object of a struct can do beside its members. */
export interface LiveMethods<T, Input> {
  /** A copy of all members as a plain object. */
  snapshot(): T;
  /** What `JSON.stringify` takes: a snapshot with bigints as decimal strings. */
  toJSON(): unknown;
  /**
   * Stores the given members and leaves the others. All are checked first: a call that throws has stored nothing.
   *
   * @throws TypeError ERR_READ_ONLY over read-only memory
   */
  assign(partial: PartialInput<Input>): void;
}

/** The members that live objects have. */
export type LiveMembers<F> = [PromotedKeys<F>] extends [never]
  ? { -readonly [K in LiveKeys<F>]: LiveMember<F[K]> }
  : { -readonly [K in LiveKeys<F>]: LiveMember<F[K]> } & Intersect<
      { [K in PromotedKeys<F>]: Omit<InferLive<F[K]>, keyof LiveMethods<unknown, unknown>> }[PromotedKeys<F>]
    >;

/** As a member a scalar is a plain property, not a box. */
type LiveMember<C> = InferLive<C> extends { value: Infer<C> } ? Infer<C> : InferLive<C>;

/** A struct's live object. */
export type LiveStruct<F> = LiveMembers<F> & LiveMethods<StructValue<F>, StructInput<F>>;

/** The codec of a struct. */
export interface StructCodec<F> extends Codec<StructValue<F>, LiveStruct<F>, StructInput<F>> {
  /** The codecs that it was made from. */
  readonly fields: F;
}

/** Inputs with members left out, at any depth; arrays stay whole. */
export type PartialInput<I> = I extends string | number | bigint | boolean | ArrayBufferView | ArrayLike<unknown> | Date
  ? I
  : I extends object
    ? { readonly [K in keyof I]?: PartialInput<I[K]> }
    : I;
