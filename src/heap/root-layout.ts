/**
 * The root directory: names for blocks, the way into a heap for a process that has no handle yet.
 *
 * ```text
 * word 0          1          2      3       4                                8          12               31
 * +---------------+----------+------+-------+--------+------------+----------+----------+-----------------+
 * | state:        | name     | hash | next  | index  | generation | finger-  | the same | name, UTF-8,    |
 * | 0 free, 1 A   | bytes    | of   | root  | A      | A          | print A  | four, B  | at most 80      |
 * | holds, 2 B    |          | name |(cache)|        |            | (2 words)|          | bytes, then 0   |
 * +---------------+----------+------+-------+--------+------------+----------+----------+-----------------+
 * ```
 *
 * A change fills the slot that is not in force and commits with the one store of the state. A fingerprint of 0 means that
 * the root was set without a codec. A root whose block has been freed counts as free.
 *
 * Behind the roots stand the buckets, a power of two of words: the first root of each hash, which `next` goes on from. Roots
 * are numbered from 1 there. The free ones that have been used before are a list of the same kind. Buckets, lists and `next`
 * are a cache.
 */

export const ROOT = { state: 0, nameBytes: 1, hash: 2, next: 3, slotA: 4, slotB: 8, name: 12 } as const;
export const ROOT_STATE = { free: 0, slotA: 1, slotB: 2 } as const;
export const SLOT = { index: 0, generation: 1, fingerprint: 2 } as const;
export const ROOT_WORDS = 32;
export const MAX_NAME_BYTES = 80;

const FEWEST_BUCKETS = 4;

/** Buckets for so many roots. */
export function bucketsFor(roots: number): number {
  return roots === 0 ? 0 : Math.max(FEWEST_BUCKETS, 2 ** Math.ceil(Math.log2(roots)));
}
