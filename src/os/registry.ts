import { MapFileError } from '../base/errors.ts';
import type { ParticipantId } from '../base/participants.ts';
import { BLOOM_BITS, HEADER, idAfter, SLOT, SLOTS, slotWord } from './participants-layout.ts';

/** What one operating system does for a registry. */
export interface RegistrySystem {
  /** The whole registry. */
  readonly words: Int32Array;
  /** What must exist before the id is known to anybody. */
  prepare(id: ParticipantId): void;
  /** Takes a slot that nobody living has, for this thread, so that the kernel lets go of it when the thread ends. */
  claim(slot: number, id: ParticipantId): boolean;
  /** Whether the thread that has the slot under this id runs. */
  lives(slot: number, id: ParticipantId): boolean;
  /** Wakes the thread that sleeps in `sleepSync`; its bell has been rung. */
  wakeSync(slot: number, id: ParticipantId): void;
  /** Wakes the promises of the thread, if it listens; its bell has been rung. */
  wakeAsync(slot: number, id: ParticipantId): void;
  /** Sleeps while the slot's sync bell stands at `seen`, for at most `ms`; may end early. */
  sleepSync(slot: number, seen: number, ms: number): void;
  /**
   * Begins to listen to this thread's async bell: `heard` is called in the event loop after each ring, or once after many.
   * `failed`: it has turned out that it cannot. It never keeps the loop alive. May throw where it is not allowed.
   */
  listen(slot: number, id: ParticipantId, heard: () => void, failed: () => void): Hearing;
  /** A dead participant's slot is being cleared: remove what it left. */
  bury?(id: ParticipantId): void;
  /** The thread ends in an orderly way: leave nothing behind. */
  leave(): void;
}

/** A bell that is listened to. */
export interface Hearing {
  close(): void;
}

/** Joins the registry: the slot and the id of this thread. */
export function join(system: RegistrySystem): { slot: number; id: ParticipantId } {
  const { words } = system;
  const id = drawId(words);
  system.prepare(id);
  for (let slot = 0; slot < SLOTS; slot++) {
    const index = slotWord(slot, SLOT.id);
    const old = Atomics.load(words, index);
    if (old !== 0) {
      if (system.lives(slot, old as ParticipantId)) continue;
      // Before the slot gets a new life: nobody may take that for the old owner's.
      if (Atomics.compareExchange(words, index, old, 0) === old) system.bury?.(old as ParticipantId);
    }
    if (!system.claim(slot, id)) continue;
    for (let word: number = SLOT.syncWaiting; word < SLOT.bloom + BLOOM_BITS / 32; word++) {
      Atomics.store(words, slotWord(slot, word), 0);
    }
    raise(words, HEADER.highWater, slot + 1);
    // ORDER: seq_cst, last: whoever finds the id finds a living, clean slot.
    Atomics.store(words, index, id);
    return { slot, id };
  }
  throw new MapFileError(
    'ERR_TABLE_FULL',
    `Cannot join the participants: all ${SLOTS} places are taken by living threads, use fewer threads`,
    { table: 'participants', capacity: SLOTS },
  );
}

/** The slot of a participant, or -1 if the registry does not know it. */
export function slotOf(words: Int32Array, id: ParticipantId): number {
  const used = Atomics.load(words, HEADER.highWater);
  for (let slot = 0; slot < used; slot++) if (Atomics.load(words, slotWord(slot, SLOT.id)) === id) return slot;
  return -1;
}

function drawId(words: Int32Array): ParticipantId {
  for (let last = Atomics.load(words, HEADER.lastId); ; ) {
    const id = idAfter(last, Date.now());
    const before = Atomics.compareExchange(words, HEADER.lastId, last, id);
    if (before === last) return id;
    last = before;
  }
}

function raise(words: Int32Array, index: number, to: number): void {
  for (let seen = Atomics.load(words, index); seen < to; ) {
    const before = Atomics.compareExchange(words, index, seen, to);
    if (before === seen) return;
    seen = before;
  }
}
