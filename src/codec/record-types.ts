import type { AnyCodec, Codec, Infer, InferInput, InferLive } from './codec.ts';
import type { InnerLive } from './scalars.ts';

/** The fields of a struct or union. */
export type Fields = Readonly<Record<string, AnyCodec>>;

declare const promotes: unique symbol;

/** A struct or union without a name whose members count as the parent's. */
export type Anonymous<C extends AnyCodec> = Codec<Infer<C>, InferLive<C>, InferInput<C>> & {
  readonly [promotes]: C;
};

/** A codec that takes no part in values: padding, unnamed bits. Its three types are `never`. */
export type HiddenCodec = Codec<never, never, never>;

declare const optional: unique symbol;

/** A member that `write` may go without. */
export interface OptionalMember {
  readonly [optional]: true;
}

/** The keys of members that have a value of their own. */
type ValueKeys<F> = {
  [K in keyof F]: F[K] extends { readonly [promotes]: unknown } ? never : [Infer<F[K]>] extends [never] ? never : K;
}[keyof F];

type LiveKeys<F> = {
  [K in keyof F]: F[K] extends { readonly [promotes]: unknown } ? never : [InferLive<F[K]>] extends [never] ? never : K;
}[keyof F];

type PromotedKeys<F> = { [K in keyof F]: F[K] extends { readonly [promotes]: unknown } ? K : never }[keyof F];

type Intersect<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;

type Flat<T> = { [K in keyof T]: T[K] };

/** What `read` gives for a struct. */
export type StructValue<F> = [PromotedKeys<F>] extends [never]
  ? { [K in ValueKeys<F>]: Infer<F[K]> }
  : Flat<{ [K in ValueKeys<F>]: Infer<F[K]> } & Intersect<{ [K in PromotedKeys<F>]: Infer<F[K]> }[PromotedKeys<F>]>>;

type OptionalKeys<F> = { [K in keyof F]: F[K] extends OptionalMember ? K : never }[keyof F];

type OwnInput<F> = [OptionalKeys<F>] extends [never]
  ? { readonly [K in ValueKeys<F>]: InferInput<F[K]> }
  : Flat<
      { readonly [K in Exclude<ValueKeys<F>, OptionalKeys<F>>]: InferInput<F[K]> } & {
        readonly [K in OptionalKeys<F>]?: InferInput<F[K]>;
      }
    >;

/** What `write` takes for a struct. */
export type StructInput<F> = [PromotedKeys<F>] extends [never]
  ? OwnInput<F>
  : Intersect<{ [K in PromotedKeys<F>]: [InferInput<F[K]>] }[PromotedKeys<F>]> extends { readonly 0: infer I }
    ? OwnInput<F> & I
    : never;

/** What every live object of a struct can do beside its members. */
export interface LiveMethods<T, Changes> {
  /** A copy of all members as a plain object. */
  snapshot(): T;
  /** What `JSON.stringify` takes: a snapshot with bigints as decimal strings. */
  toJSON(): unknown;
  /**
   * Stores the given members and leaves the others. All are checked first: a call that throws has stored nothing.
   *
   * @throws TypeError ERR_READ_ONLY over read-only memory
   */
  assign(partial: Changes): void;
}

/** The members that live objects have. */
export type LiveMembers<F> = [PromotedKeys<F>] extends [never]
  ? { -readonly [K in LiveKeys<F>]: InnerLive<F[K]> }
  : { -readonly [K in LiveKeys<F>]: InnerLive<F[K]> } & Intersect<
      { [K in PromotedKeys<F>]: Omit<InferLive<F[K]>, keyof LiveMethods<unknown, unknown>> }[PromotedKeys<F>]
    >;

/** A struct's live object. */
export type LiveStruct<F> = LiveMembers<F> & LiveMethods<StructValue<F>, StructPartial<F>>;

/** The codec of a struct. */
export interface StructCodec<F> extends Codec<StructValue<F>, LiveStruct<F>, StructInput<F>> {
  /** The codecs that it was made from. */
  readonly fields: F;
}

/**
 * What `assign` takes: of structs and unions any members, at any depth; of everything else (arrays, `json`, codecs of
 * one's own) the whole value.
 *
 * @example
 * ```ts
 * import { i32, type InferPartial, struct } from 'mapfile/codec';
 *
 * const Point = struct('point', { x: i32, y: i32 });
 * const change: InferPartial<typeof Point> = { y: 5 };
 * const point = Point.live(new Uint8Array(8));
 * point.assign(change);
 * console.log(point.x, point.y); // 0 5
 * ```
 */
export type InferPartial<C> = C extends { readonly fields: infer F } ? StructPartial<F> : InferInput<C>;

type OwnPartial<F> = { readonly [K in ValueKeys<F>]?: InferPartial<F[K]> };

type StructPartial<F> = [PromotedKeys<F>] extends [never]
  ? OwnPartial<F>
  : OwnPartial<F> & Intersect<{ [K in PromotedKeys<F>]: PromotedPartial<F[K]> }[PromotedKeys<F>]>;

type PromotedPartial<C> = C extends { readonly [promotes]: infer Record } ? InferPartial<Record> : never;

/** What `write` takes for a union: one member or more. */
export type UnionInput<F> =
  | {
      [K in ValueKeys<F>]: { readonly [P in K]: InferInput<F[P]> } & OtherInputs<F, K>;
    }[ValueKeys<F>]
  | { [K in PromotedKeys<F>]: InferInput<F[K]> & OtherInputs<F, K> }[PromotedKeys<F>];

/** A union's members beside the one that is given. */
type OtherInputs<F, Given> = { readonly [P in Exclude<ValueKeys<F>, Given>]?: InferInput<F[P]> } & (Intersect<
  { [P in Exclude<PromotedKeys<F>, Given>]: [Partial<InferInput<F[P]>>] }[Exclude<PromotedKeys<F>, Given>]
> extends { readonly 0: infer I }
  ? I
  : unknown);

/** The codec of a union. */
export interface UnionCodec<F> extends Codec<StructValue<F>, LiveStruct<F>, UnionInput<F>> {
  /** The codecs that it was made from. */
  readonly fields: F;
}
