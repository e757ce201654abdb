import { type MemoryRange, rangeOf } from '../base/memory.ts';
import type { AnyCodec, InferLive } from '../codec/codec.ts';
import type { Initial } from './map-file-types.ts';
import { storePartial } from './store-partial.ts';
import { asynchronous, isThenable } from './update-errors.ts';

/** Gives new memory its first value, before anybody else can see it. */
export function fillInitial<C extends AnyCodec>(
  range: MemoryRange,
  codec: C,
  initial: Initial<C> | undefined,
  what: string,
): void {
  if (initial === undefined) return;
  if (typeof initial !== 'function') {
    storePartial(codec, range.dataView, initial);
    return;
  }
  const fill = initial as (live: InferLive<C>) => unknown;
  if (isThenable(fill(codec.live({ [rangeOf]: range }) as InferLive<C>))) throw asynchronous(what);
}
