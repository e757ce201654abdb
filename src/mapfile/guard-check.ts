import type { MemoryRange } from '../base/memory.ts';
import { type AnyCodec, formOf } from '../codec/codec.ts';
import { placeOf } from '../codec/path.ts';
import type { GuardMutex, GuardOf, Stamp } from './read-guard.ts';

/** A guard made ready to be asked. */
export interface GuardCheck {
  /** Before the copy; `undefined` if the program is writing. */
  readonly before: () => Stamp;
  /** After it. The copy is whole if both are the same. */
  readonly after: () => Stamp;
  /** The copy is worth something even if both differ. */
  readonly lenient?: boolean;
  /** The same stamp does not prove that nothing was written meanwhile: look at the bytes again. */
  readonly compare?: boolean;
  /** Whether the stamp changes with each write of the program, so that {@link before} tells what is new. */
  readonly counts: boolean;
  /** To be held while copying, and while writing. */
  readonly mutex?: GuardMutex;
  /** Lets go of a mutex that was opened by its name. */
  readonly close?: () => void;
}

/** Where the guard's fields stand. */
export interface GuardMemory {
  /** The whole mapping. */
  readonly mapping: MemoryRange;
  /** Where the struct begins in it. */
  readonly byteOffset: number;
  readonly codec: AnyCodec;
  /** The live object, made at the first use. */
  readonly live: () => unknown;
}

const unguarded: GuardCheck = { before: () => 0, after: () => 0, counts: false };

/** @throws TypeError for a guard that cannot be, or a field that the struct does not have */
export function guardCheck(
  guard: GuardOf<string | number, never> | undefined,
  memory: GuardMemory,
  openMutex: (name: string) => GuardMutex,
): GuardCheck {
  if (guard === undefined) return unguarded;
  if (typeof guard === 'function') {
    const ask = (): Stamp => guard(memory.live() as never);
    return { before: ask, after: ask, counts: true };
  }
  if (typeof guard !== 'object' || guard === null) throw noGuard(guard);
  if ('sequence' in guard) {
    const field = integerAt(guard.sequence, memory);
    const even = (): Stamp => {
      const value = field();
      return (BigInt(value) & 1n) === 0n ? value : undefined;
    };
    return { before: even, after: even, counts: true };
  }
  if ('begin' in guard) {
    // Asked in the order opposite to the program's: nothing that began after `end` was read goes unseen.
    return { before: integerAt(guard.end, memory), after: integerAt(guard.begin, memory), counts: true };
  }
  if ('busy' in guard) {
    const field = integerAt(guard.busy, memory);
    const idle = (): Stamp => (Number(field()) === 0 ? 0 : undefined);
    return { before: idle, after: idle, compare: true, counts: false };
  }
  if ('counter' in guard) {
    const field = integerAt(guard.counter, memory);
    return { before: field, after: field, lenient: true, counts: true };
  }
  if ('mutex' in guard) {
    if (typeof guard.mutex !== 'string') return { ...unguarded, mutex: guard.mutex };
    const mutex = openMutex(guard.mutex);
    return { ...unguarded, mutex, close: () => mutex.close?.() };
  }
  throw noGuard(guard);
}

function noGuard(guard: unknown): TypeError {
  const given = JSON.stringify(guard);
  return new TypeError(
    `Cannot use this as a guard: ${given}, pass sequence, begin and end, busy, counter, mutex or a function`,
  );
}

function integerAt(place: string | number, { mapping, byteOffset, codec }: GuardMemory): () => number | bigint {
  const view = mapping.dataView;
  if (typeof place === 'number') {
    if (!Number.isSafeInteger(place) || place < 0 || place + 4 > view.byteLength) {
      throw new RangeError(`Cannot use offset ${place} as a guard: the mapping has ${view.byteLength} bytes`);
    }
    return () => view.getUint32(place, true);
  }
  const form = codec[formOf];
  const found = placeOf(form, place);
  const at = byteOffset + Math.floor(found.bitOffset / 8);
  const sample = found.form.read(new DataView(new ArrayBuffer(Math.max(16, found.form.byteLength))), 0);
  if (typeof sample === 'boolean') return () => Number(found.form.read(view, at));
  if (typeof sample !== 'number' && typeof sample !== 'bigint') {
    throw new TypeError(
      `Cannot use ${JSON.stringify(place)} of ${form.label} as a guard: it is no integer, but ${found.form.label}`,
    );
  }
  return () => found.form.read(view, at) as number | bigint;
}
