/**
 * The root directory: names for blocks, the way into a heap for a process that has no handle yet.
 *
 * ```text
 * word 0          1          4                                8          12               31
 * +---------------+-------+--+--------+------------+----------+----------+-----------------+
 * | state:        | name  |  | index  | generation | finger-  | the same | name, UTF-8,    |
 * | 0 free, 1 A   | bytes |  | A      | A          | print A  | four, B  | at most 80      |
 * | holds, 2 B    |       |  |        |            | (2 words)|          | bytes           |
 * +---------------+-------+--+--------+------------+----------+----------+-----------------+
 * ```
 *
 * A change fills the slot that is not in force and commits with the one store of the state. A fingerprint of 0 means that
 * the root was set without a codec. A root whose block has been freed counts as free.
 */

export const ROOT = { state: 0, nameBytes: 1, slotA: 4, slotB: 8, name: 12 } as const;
export const ROOT_STATE = { free: 0, slotA: 1, slotB: 2 } as const;
export const SLOT = { index: 0, generation: 1, fingerprint: 2 } as const;
export const ROOT_WORDS = 32;
export const MAX_NAME_BYTES = 80;
