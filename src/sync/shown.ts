/** A wrong value as messages show it: `"4"`, unlike `4`, is a string. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
