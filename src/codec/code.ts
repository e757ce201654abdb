import { compileFunction } from 'node:vm';

/**
 * How a form takes part in generated code. In all of it `v` is the DataView; `at` is an expression for the offset.
 *
 * The text holds only constants of ours (offsets, names through JSON.stringify), never a user's text.
 */
export interface RecordCode {
  /** An expression that gives the value. */
  get(code: Code, at: string): string;
  /**
   * The code that checks the local `value` and stores it. It may bind the local itself, from the expression `source`,
   * and says so by `bound`.
   */
  set(code: Code, value: string, path: string, source?: string): Setting;
  /**
   * For live setters: statements that check `x` and store it through the expression `view`. `refuse` names a function of
   * a value and the live object: it throws what is wrong with the value.
   */
  quick?(code: Code, view: string, at: string, refuse: string): string;
  /** One value, whose setting is a guard alone. */
  readonly isScalar?: boolean;
  /** About how many operations this puts in line. */
  readonly weight: number;
  /** Reading surely asks the DataView for the byte before this one, so that a view that is too short throws. */
  readonly reach: number;
}

/**
 * Checking and storing in parts, so that the parts of many members can stand together: all values are bound, then one
 * condition over all guards (five times cheaper than a branch with a call for each), then the calls, then the stores.
 */
export interface Setting {
  /** Statements that bind what the others need. */
  readonly bind: string;
  /** The guard binds the value from its source. */
  readonly bound?: boolean;
  /** Whether the value is good as far as an expression can tell; empty for always. It may throw for bad ones. */
  readonly guard: string;
  /** Statements that throw for what the guard cannot tell. */
  readonly calls: string;
  /** Statements that store what has been bound. */
  put(at: string): string;
  /** The locals that `put` reads. */
  readonly held: readonly Held[];
  /** The first of them reaches up to this byte, so that it throws where the view is too short; 0 if that is not known. */
  readonly reach: number;
  /** For integers of one or two bytes: the bits to store, so that neighbours can be stored as one word. */
  readonly small?: { readonly bytes: 1 | 2; readonly bits: string };
}

/** A local that must last from the check to the store. */
export interface Held {
  readonly local: string;
  /** What a scalar is, so that many of them can stand in a typed array. */
  readonly kind?: string;
}

/** A setting and its place in the record. */
export interface Placed {
  readonly setting: Setting;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Collects what generated code refers to from outside. */
export class Code {
  readonly #names: string[] = [];
  readonly #values: unknown[] = [];
  #locals = 0;
  /** Every store follows its guard, with nothing between but other members' guards: guards may bind what is stored. */
  readonly isGuarded: boolean;
  #staged = false;
  #times = 1;
  readonly #functions: string[] = [];

  constructor(isGuarded = false) {
    this.isGuarded = isGuarded;
  }

  /** A name for `value` inside the code. */
  use(value: unknown, stem = 'u'): string {
    const known = this.#values.indexOf(value);
    if (known >= 0) return this.#names[known]!;
    const name = `${stem}$${this.#values.length}`;
    this.#names.push(name);
    this.#values.push(value);
    return name;
  }

  /** A name for memory that holds values between their check and their store. */
  stage(memory: object): string {
    this.#staged = true;
    return this.use(memory, 'stage');
  }

  /** How often what is made now will run in one write: loops multiply. A stage needs room for each time. */
  get times(): number {
    return this.#times;
  }

  /** What `make` answers for code that stands in a loop. */
  repeated<R>(times: number, make: () => R): R {
    const before = this.#times;
    this.#times *= times;
    const made = make();
    this.#times = before;
    return made;
  }

  /** Whether a stage for one value will do. */
  get mayStage(): boolean {
    return this.isGuarded && this.#times === 1;
  }

  /** A name for a function of this code, which stands beside the one that {@link run} answers: that one stays short. */
  define(text: string): string {
    const name = this.local();
    this.#functions.push(`const ${name}=${text};`);
    return name;
  }

  /** Whether something stands on a stage, which a second run of the same code inside the first would take away. */
  get isStaged(): boolean {
    return this.#staged;
  }

  /** How long the code is by now, in locals. */
  get size(): number {
    return this.#locals;
  }

  /** A fresh name for a local variable. */
  local(): string {
    this.#locals += 1;
    return `x$${this.#locals}`;
  }

  /** Runs `body` as a function body that sees the used values. Throws where code may not be compiled at all. */
  run<R>(body: string, mode: '' | "'use strict';" = "'use strict';"): R {
    // vm.compileFunction works under --disallow-code-generation-from-strings, where `new Function` does not.
    const make = compileFunction(`${mode}${this.#functions.join('')}${body}`, this.#names, {
      filename: 'mapfile-generated.js',
    });
    return make(...this.#values) as R;
  }
}

let allowed = true;

/** Whether code is generated; the closures that stand in otherwise do the same, more slowly. */
export function codeAllowed(): boolean {
  return allowed;
}

/** For tests and for runtimes that forbid it. @internal */
export function allowCode(value: boolean): void {
  allowed = value;
}

/** `generated()`, or `fallback()` where code cannot be compiled. */
export function generatedOr<R>(generated: () => R, fallback: () => R): R {
  if (!allowed) return fallback();
  try {
    return generated();
  } catch (error) {
    if (error instanceof EvalError) return fallback();
    throw error;
  }
}

/** `base + offset`, with constants added up. */
export function plus(base: string, offset: number): string {
  const [, start = base, before = '0'] = /^(.*)\+(\d+)$/.exec(base) ?? [];
  const sum = offset + Number(before);
  return sum === 0 ? start : `${start}+${sum}`;
}
