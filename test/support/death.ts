/**
 * Death at every store, inside the test process.
 *
 * Import this module BEFORE the code under test. It replaces the `Atomics.*` functions, the DataView setters and the bulk
 * stores of typed arrays. While an actor runs under {@link run}, each of them is a point; at the chosen point the store
 * does not happen and a {@link Death} is thrown, and from then on every store of that actor throws too, so that `finally`
 * blocks leave no trace: the memory is what a killed process leaves. Bulk copies have points before, inside (half of the
 * bytes are written) and after. Protocol code must therefore store through these functions, never by `a[i] = v`.
 */

export class Death extends Error {
  override readonly name = 'Death';
}

interface Actor {
  points: number;
  dieAt: number;
  dead: boolean;
  readonly last: (() => unknown) | undefined;
}

let actor: Actor | undefined;

/** Counts one point; throws at the chosen one and at every one behind it. Call it from fakes of system calls too. */
export function point(): void {
  if (!actor) return;
  if (actor.dead) throw new Death('stores after death');
  actor.points += 1;
  if (actor.points === actor.dieAt) {
    if (actor.last?.() === 'live') return;
    actor.dead = true;
    throw new Death(`died at point ${actor.dieAt}`);
  }
}

/** How many points the running actor has passed. */
export function pointsPassed(): number {
  return actor?.points ?? 0;
}

/**
 * Runs `fn` as an actor that dies at point `dieAt` (0: never). Answers how many points it passed and whether it died.
 * `last` is called at the point itself: a process that kills itself for good does it there. If it answers `'live'`, the actor
 * goes on: what others do at that moment (under {@link aside}) is then the whole event.
 */
export function run(fn: () => void, dieAt = 0, last?: () => unknown): { points: number; died: boolean } {
  if (actor) throw new Error('run() does not nest');
  const mine: Actor = { points: 0, dieAt, dead: false, last };
  actor = mine;
  try {
    fn();
  } catch (error) {
    if (!mine.dead) throw error;
  } finally {
    actor = undefined;
  }
  return { points: mine.points, died: mine.dead };
}

/** Runs `fn` without points: what a checker or another process does meanwhile. */
export function aside<T>(fn: () => T): T {
  const saved = actor;
  actor = undefined;
  try {
    return fn();
  } finally {
    actor = saved;
  }
}

type Fn = (this: unknown, ...args: unknown[]) => unknown;

function wrapStore(owner: object, name: string): void {
  const original = Reflect.get(owner, name) as Fn | undefined;
  if (!original) return;
  Reflect.set(owner, name, function (this: unknown, ...args: unknown[]) {
    if (actor) point();
    return original.apply(this, args);
  } satisfies Fn);
}

for (const name of ['store', 'add', 'sub', 'and', 'or', 'xor', 'exchange', 'compareExchange']) wrapStore(Atomics, name);
for (const name of Object.getOwnPropertyNames(DataView.prototype)) {
  if (name.startsWith('set')) wrapStore(DataView.prototype, name);
}

// Bulk stores die in three ways: nothing written, the first half written, all written.
const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const plain = {
  set: Reflect.get(typedArray, 'set') as Fn,
  fill: Reflect.get(typedArray, 'fill') as Fn,
  copyWithin: Reflect.get(typedArray, 'copyWithin') as Fn,
};

Reflect.set(typedArray, 'set', function (this: Uint8Array, source: ArrayLike<number>, offset = 0) {
  if (!actor) return plain.set.call(this, source, offset);
  point();
  const half = source.length >> 1;
  if (half > 0) {
    // The language copies as if through a buffer; take it now, because the halves are written one after the other.
    const copy = Array.prototype.slice.call(source);
    plain.set.call(this, copy.slice(0, half), offset);
    point();
    plain.set.call(this, copy.slice(half), offset + half);
  } else plain.set.call(this, source, offset);
  point();
});

Reflect.set(typedArray, 'fill', function (this: Uint8Array, value: number, start = 0, end = this.length) {
  if (!actor) return plain.fill.call(this, value, start, end);
  point();
  const middle = (start + end) >> 1;
  plain.fill.call(this, value, start, middle);
  point();
  plain.fill.call(this, value, middle, end);
  point();
  return this;
});

Reflect.set(typedArray, 'copyWithin', function (this: Uint8Array, target: number, start: number, end = this.length) {
  if (!actor) return plain.copyWithin.call(this, target, start, end);
  point();
  const copy = Array.prototype.slice.call(this, start, end);
  const half = copy.length >> 1;
  plain.set.call(this, copy.slice(0, half), target);
  point();
  plain.set.call(this, copy.slice(half), target + half);
  point();
  return this;
});
