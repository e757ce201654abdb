import type { MemoryRange } from '../base/memory.ts';
import type { Member } from './form.ts';
import type { LivePath } from './live-path.ts';
import { isVisible } from './record-members.ts';

/**
 * - `open`: over memory that may be written. Two symbol properties hold the view and the offset.
 * - `sealed`: over read-only memory. Private fields: a store there would kill the process, so no way leads to the view.
 * - `either`: for classes that users extend; private fields and a flag.
 */
export type LiveMode = 'open' | 'sealed' | 'either';

/** `path` is what the object is called in messages: a nested one is told its whole path from the outermost on. */
export type LiveClass = new (range: MemoryRange | undefined, view: DataView, at: number, path: LivePath) => object;

/** The members that a live object has, promoted ones at their place in the outer record. */
export function* accessible(
  members: readonly Member[],
  base: number,
): Generator<{ member: Member; byteOffset: number }> {
  for (const member of members) {
    const byteOffset = base + member.byteOffset;
    if (member.promoted) yield* accessible(member.form.members!, byteOffset);
    else if (isVisible(member) || (member.name !== undefined && member.form.live)) yield { member, byteOffset };
  }
}
