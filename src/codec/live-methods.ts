import type { inspect as Inspect, InspectOptionsStylized } from 'node:util';
import { readOnlyError } from '../base/errors.ts';
import { asError } from './bad-value.ts';
import type { Form } from './form.ts';
import { LackingPath, type LivePath } from './live-path.ts';
import { storeWhole } from './store-whole.ts';

/** @throws TypeError ERR_READ_ONLY; RangeError for what lacks in memory that may be written */
export function refuseWrite(path: LivePath, step = ''): never {
  if (path instanceof LackingPath) throw new RangeError(`Cannot write ${path}${step}: ${path.reason}`);
  throw readOnlyError(`${path}${step}`);
}

/** `assign`: takes every given member, then stores them. */
export function assignChecked(form: Form, view: DataView, at: number, partial: unknown, path: LivePath): void {
  try {
    const own = form.takePartial!(partial);
    form.checkRoom?.(view, at, own, {});
    if (form.unchecked) storeWhole(form, view, at, () => form.storePartial!(view, at, own));
    else form.storePartial!(view, at, own);
  } catch (error) {
    throw asError(error, `${path}`);
  }
}

/** What JSON can hold of a snapshot: bigints become decimal strings, byte arrays become arrays. */
export function jsonable(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if ('toJSON' in value && typeof value.toJSON === 'function') return value;
  if (Array.isArray(value)) return value.map(jsonable);
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array, jsonable);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonable(member)]));
}

/** A live object prints its snapshot under its type's name, or why it has none: looking at memory does not throw. */
export function inspectLive(
  label: string,
  snapshot: () => unknown,
  depth: number,
  options: InspectOptionsStylized,
  inspect: typeof Inspect,
): string {
  if (depth < 0) return options.stylize(`[${label}]`, 'special');
  const nested = { ...options, depth: options.depth == null ? options.depth : options.depth - 1 };
  try {
    return `${label} ${inspect(snapshot(), nested)}`;
  } catch (error) {
    return `${label} ${options.stylize(`<${String(error)}>`, 'special')}`;
  }
}
