import { BadValue } from './bad-value.ts';

/** Half a surrogate pair. */
export const loneSurrogate: RegExp = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Half a surrogate pair has no form in UTF-8 or UTF-32, and no C program expects it. */
export function checkWell(value: string): void {
  if (!loneSurrogate.test(value)) return;
  throw new BadValue(true, value, 'text without half surrogate pairs');
}
