import { show } from '../base/show.ts';

/**
 * Plain JavaScript passes what the types forbid; an option that is misspelt would change nothing and say nothing.
 *
 * @param what is made: `char[20]`
 * @param known each option with its values, `undefined` where any will do here
 * @throws TypeError for options that are no object, that nobody knows, or that have an unknown value
 */
export function checkOptions(
  what: string,
  options: object,
  known: Readonly<Record<string, readonly unknown[] | undefined>>,
): void {
  const names = Object.keys(known);
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`Cannot make ${what}: options are ${show(options)}, expected an object with ${listed(names)}`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(known, key)) {
      throw new TypeError(`Cannot make ${what}: there is no option ${JSON.stringify(key)}, expected ${listed(names)}`);
    }
    const values = known[key];
    if (value !== undefined && values !== undefined && !values.includes(value)) {
      throw new TypeError(
        `Cannot make ${what}: ${key} is ${show(value)}, expected ${listed(values.map((each) => show(each)))}`,
      );
    }
  }
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
