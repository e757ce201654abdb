import type {
  LiveArray,
  LiveNumbers,
  MemoryArray,
  NumberTypedArray,
  ReadonlyLiveArray,
  ReadonlyMemoryArray,
} from './array-types.ts';
import type { AtomicCell, ReadonlyAtomicCell } from './atomic.ts';
import type { InferLive } from './codec.ts';

type Value = string | number | bigint | boolean | symbol | null | undefined;

/**
 * A live object as read-only memory gives it: no property can be assigned, arrays have no `set`, and `assign` is gone.
 * At run time the same holds: whatever stores throws ERR_READ_ONLY.
 */
export type ReadonlyLive<L> = L extends Value | ((...args: never) => unknown)
  ? L
  : L extends NumberTypedArray | MemoryArray<number>
    ? ReadonlyMemoryArray<number>
    : L extends BigInt64Array | BigUint64Array | MemoryArray<bigint>
      ? ReadonlyMemoryArray<bigint>
      : L extends AtomicCell
        ? ReadonlyAtomicCell
        : L extends LiveArray<infer Element, infer T, never>
          ? ReadonlyLiveArray<ReadonlyLive<Element>, T>
          : { readonly [K in keyof L as K extends 'assign' ? never : K]: ReadonlyLive<L[K]> };

/**
 * What `live` gives over memory that may only be read: nothing in it can be assigned, and whatever stores throws
 * ERR_READ_ONLY.
 *
 * @example
 * ```ts
 * import { i32, type InferReadonlyLive, struct } from 'mapfile/codec';
 *
 * const Point = struct('point', { x: i32, y: i32 });
 * const sum = (point: InferReadonlyLive<typeof Point>) => point.x + point.y;
 * console.log(sum(Point.live(new Uint8Array(8)))); // 0
 * ```
 */
export type InferReadonlyLive<C> = ReadonlyLive<InferLive<C>>;

/** {@link LiveNumbers} over read-only memory. */
export type ReadonlyNumbers<V extends number | bigint> = ReadonlyLive<LiveNumbers<V>>;
