import { MapFileError } from '../base/errors.ts';
import { show } from '../base/show.ts';

/**
 * Agrees on a parameter of which the layout depends: the first user stores `value + 1` (0 = nobody yet), others must bring
 * the same one. One store, so a death leaves either nothing or the agreement.
 */
export function agree(words: Int32Array, index: number, value: number, what: string, parameter: string): void {
  const seen = Atomics.compareExchange(words, index, 0, value + 1);
  if (seen === 0 || seen === value + 1) return;
  throw disagreement(what, parameter, seen - 1, value);
}

/** The error of one who opens with another parameter than the memory was made with. */
export function disagreement(
  what: string,
  parameter: string,
  made: number | boolean,
  opened: number | boolean,
): MapFileError<'ERR_LAYOUT_MISMATCH'> {
  return new MapFileError(
    'ERR_LAYOUT_MISMATCH',
    `Cannot use ${what}: it was made with ${parameter} ${made}, opened with ${opened}, pass the same in every process`,
    { name: what, expected: `${parameter}: ${opened}`, actual: `${parameter}: ${made}` },
  );
}

/** `value` if it is an integer of that range. */
export function checkedInteger(value: number, min: number, max: number, parameter: string): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`Cannot use ${parameter} ${show(value)}: pass an integer from ${min} to ${max}`);
}
