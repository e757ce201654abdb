/** A value for a message, short. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? `an array of ${value.length}` : `an object (${tagOf(value)})`;
  }
  return Object.is(value, -0) ? '-0' : String(value);
}

/** What kind of object it says that it is. */
export function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
