import type { ParticipantId } from '../base/participants.ts';
import { HEADER, SLOTS, slotWord } from './participants-layout.ts';
import type { RegistrySystem } from './registry.ts';

/**
 * Says whether anybody has died: one look at the registry for however many waits. What a dead participant held, and whom it
 * would have rung, the waits find out for themselves.
 */
export class DeathWatch {
  readonly #system: RegistrySystem;
  readonly #slot: number;
  /** By slot: who lives there, or with a minus whose death has been told. */
  readonly #noted = new Int32Array(SLOTS);

  constructor(system: RegistrySystem, slot: number) {
    this.#system = system;
    this.#slot = slot;
  }

  /** Whether somebody may have died since the last call; somebody new counts too, for another may have gone before it. */
  changed(): boolean {
    const { words } = this.#system;
    const used = Atomics.load(words, HEADER.highWater);
    let changed = false;
    for (let slot = 0; slot < used; slot++) {
      if (slot === this.#slot) continue;
      const id = Atomics.load(words, slotWord(slot, 0));
      const noted = this.#noted[slot]!;
      if (noted === -id) continue; // nobody there, or dead for good
      const now = this.#system.lives(slot, id as ParticipantId) ? id : -id;
      if (now === noted) continue;
      this.#noted[slot] = now;
      changed = true;
    }
    return changed;
  }
}
