import { show, tagOf } from './show.ts';

/**
 * `options`, if they are an object with no other keys than those.
 *
 * @param what cannot be done with others: `open a heap`
 * @param hidden a key that is not spoken of
 * @throws TypeError
 */
export function knownOptions<T extends object>(what: string, options: T, keys: readonly string[], hidden?: string): T {
  if (typeof options !== 'object' || options === null || !isRecord(options)) {
    throw new TypeError(`Cannot ${what} with options ${show(options)}: pass an object, or leave them out`);
  }
  for (const key in options) {
    if (keys.includes(key) || key === hidden) continue;
    throw new TypeError(`Cannot ${what} with option "${key}": there is none, the options are ${keys.join(', ')}`);
  }
  return options;
}

/** Whether it is an object of anybody's own, no array, date or the like. */
function isRecord(options: object): boolean {
  return Object.getPrototypeOf(options) === Object.prototype || tagOf(options) === 'Object';
}
