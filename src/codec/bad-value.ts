import { show } from '../base/show.ts';

/**
 * A value that a codec refuses, on its way up to the call that knows the whole path.
 *
 * Thrown by `check` functions without a path, so that the good path carries none; each level adds its own step.
 */
export class BadValue {
  path = '';
  readonly range: boolean;
  /** What the value is, ready for a message: `300`, `"abc"`. */
  readonly actual: string;
  readonly expected: string;

  constructor(range: boolean, value: unknown, expected: string, actual: string = show(value)) {
    this.range = range;
    this.actual = actual;
    this.expected = expected;
  }

  toError(root: string): TypeError | RangeError {
    const message = `Cannot write ${root}${this.path}: value is ${this.actual}, expected ${this.expected}`;
    return this.range ? new RangeError(message) : new TypeError(message);
  }
}

/** Adds a step (`.name` or `[3]`) in front of the path of a BadValue; rethrows everything. */
export function within(error: unknown, step: string): never {
  if (error instanceof BadValue) error.path = step + error.path;
  throw error;
}

/** Runs at the entry points: turns a BadValue into the error that the caller sees. */
export function asError(error: unknown, root: string): unknown {
  return error instanceof BadValue ? error.toError(root) : error;
}
