/**
 * The pin table: one record a participant, whose pins vanish with it.
 *
 * ```text
 * word 0      1                                 16
 * +-----------+---------------------------+-----+--------------------------------------+
 * | id        | used: pin words at and    | …   | pins: index of the handle-table      |
 * | (0: free) | above were never set      |     | entry held in place by it (0: none)  |
 * +-----------+---------------------------+-----+--------------------------------------+
 * ```
 *
 * The pins start on a cache line of their own; a record is a whole number of lines. Pin 0 is the heap's own: it holds a
 * block while allocate() fills it.
 */

export const RECORD = { id: 0, used: 1, pins: 16 } as const;
export const FILL_PIN = 0;

const LINE_WORDS = 16;

export function recordWords(pins: number): number {
  return RECORD.pins + Math.ceil(pins / LINE_WORDS) * LINE_WORDS;
}
