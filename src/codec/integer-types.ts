import type { AnyCodec } from './codec.ts';
import type { ScalarCodec } from './scalars.ts';

declare const integerBits: unique symbol;

/** The sizes of integers, in bits. */
export type IntegerBits = 8 | 16 | 32 | 64;

/** Any codec that stands on an integer: what {@link bits} takes. */
export type AnyInteger = AnyCodec & { readonly [integerBits]: IntegerBits };

/**
 * A scalar that is an integer in memory, of so many bits: what bit-fields, enumerations and atomics stand on. Where the
 * size differs between the ABIs, as that of `c.long`, `Bits` is a union.
 */
export type IntegerCodec<T, Bits extends IntegerBits, Input = T> = ScalarCodec<T, Input> & {
  readonly [integerBits]: Bits;
};

type Upto8 = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;
type Upto16 = Upto8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16;
type Upto32 = Upto16 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27 | 28 | 29 | 30 | 31 | 32;
type From33 = 33 | 34 | 35 | 36 | 37 | 38 | 39 | 40 | 41 | 42 | 43 | 44 | 45 | 46 | 47 | 48;
type From49 = 49 | 50 | 51 | 52 | 53 | 54 | 55 | 56 | 57 | 58 | 59 | 60 | 61 | 62 | 63 | 64;
type Widths = { 8: Upto8; 16: Upto16; 32: Upto32; 64: Upto32 | From33 | From49 };

/** `W`, or `never` where a literal width is wider than the base. A width that is any number is left to run time. */
export type FittingWidth<C extends AnyInteger, W extends number> = number extends W
  ? W
  : W extends Widths[C[typeof integerBits]]
    ? W
    : never;
