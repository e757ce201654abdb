import { knownOptions } from '../base/known-options.ts';
import type { ParticipantId } from '../base/participants.ts';
import { show } from '../base/show.ts';
import { type BlockHandle, indexOfHandle } from './handle-layout.ts';
import type { HeapCore } from './heap-core.ts';
import { invalidHandle } from './heap-errors.ts';

/** What one participant answers for. Of disowned blocks nobody does. */
export interface BlockOwner {
  readonly participant: ParticipantId;
  readonly alive: boolean;
  readonly blocks: number;
  /** Payload alone. */
  readonly bytes: number;
}

/** Which blocks `reclaim()` frees, of those whose owner is dead. */
export interface ReclaimOptions {
  /** Only the blocks of this owner; by default of every dead one. */
  readonly owner?: ParticipantId;
  /** Blocks that somebody still reaches by a handle of theirs. Roots and pinned blocks are kept without being named. */
  readonly keep?: Iterable<BlockHandle>;
}

/** What `reclaim()` has freed. */
export interface Reclaimed {
  readonly blocks: number;
  readonly bytes: number;
}

/** What to keep, and whose blocks alone to free. @throws TypeError, RangeError */
export function checkedReclaim(options: ReclaimOptions): {
  readonly only?: ParticipantId;
  readonly keep: Set<BlockHandle>;
} {
  const { owner, keep = [] } = knownOptions('reclaim', options, ['owner', 'keep']);
  if (typeof keep !== 'object' || keep === null || typeof keep[Symbol.iterator] !== 'function') {
    throw new TypeError(
      `Cannot keep ${show(keep)} from being reclaimed: pass an array of handles, or another iterable`,
    );
  }
  const kept = new Set(keep);
  for (const handle of kept) checkHandle(handle);
  if (owner === undefined) return { keep: kept };
  if (typeof owner !== 'number') {
    throw new TypeError(`Cannot reclaim of owner ${show(owner)}: pass a number, as owners() lists it`);
  }
  if (!Number.isSafeInteger(owner) || owner < 1) {
    throw new RangeError(`Cannot reclaim of owner ${owner}: pass a participant, as owners() lists it`);
  }
  return { only: owner, keep: kept };
}

/** The block may be freed, or of another heap: then there is nothing to keep. @throws TypeError, ERR_INVALID_HANDLE */
function checkHandle(handle: unknown): void {
  if (typeof handle !== 'number') {
    throw new TypeError(`Cannot keep ${show(handle)} from being reclaimed: pass handles, as allocate() returns them`);
  }
  if (indexOfHandle(handle) === 0) throw invalidHandle(handle);
}

/** Under the lock. */
export function blockOwners(core: HeapCore): BlockOwner[] {
  const { table, participants } = core;
  const owners = new Map<ParticipantId, { blocks: number; bytes: number }>();
  for (const index of table.each()) {
    const id = table.owner(index);
    if (id === 0) continue;
    const sum = owners.get(id) ?? { blocks: 0, bytes: 0 };
    owners.set(id, { blocks: sum.blocks + 1, bytes: sum.bytes + table.byteLength(index) });
  }
  return [...owners].map(([participant, sum]) => ({
    participant,
    alive: participants.isAlive(participant),
    ...sum,
  }));
}

/** Frees what dead owners left. Under the lock; a death in the middle leaves the rest for the next call. */
export function reclaimBlocks(
  core: HeapCore,
  only: ParticipantId | undefined,
  keep: ReadonlySet<BlockHandle>,
): Reclaimed {
  const { table, participants } = core;
  const rooted = new Set(core.roots.list().map((root) => root.handle));
  const verdicts = new Map<ParticipantId, boolean>();
  const isDead = (id: ParticipantId) => {
    const known = verdicts.get(id);
    if (known !== undefined) return known;
    const dead = (only === undefined || only === id) && !participants.isAlive(id);
    verdicts.set(id, dead);
    return dead;
  };
  let blocks = 0;
  let bytes = 0;
  for (const index of table.each()) {
    const owner = table.owner(index);
    if (owner === 0 || !isDead(owner)) continue;
    const handle = table.handle(index);
    if (rooted.has(handle) || keep.has(handle)) continue;
    const byteLength = table.byteLength(index);
    if (core.release(handle) !== 0) continue;
    blocks += 1;
    bytes += byteLength;
  }
  return { blocks, bytes };
}
