import { show } from '../base/show.ts';

/** The largest array: what a DataView can span. */
const LIMIT = 2 ** 33;

/** @throws RangeError unless `count` is an integer of `least` to 2^33 */
export function checkCount(count: number, what: string, least = 0, name = 'length'): void {
  if (Number.isSafeInteger(count) && count >= least && count <= LIMIT) return;
  throw new RangeError(`Cannot make ${what}: ${name} is ${show(count)}, expected an integer from ${least} to ${LIMIT}`);
}
