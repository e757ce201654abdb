import { parallelism } from '../base/host.ts';
import type { ParticipantId, Participants } from '../base/participants.ts';
import { Doorbell } from './doorbell.ts';
import { bloomBit, HEADER, SLOT, slotWord } from './participants-layout.ts';
import { join, type RegistrySystem, slotOf } from './registry.ts';

/** How often a waiter looks before it sleeps: some 2 µs, less than a sleep and a wake-up cost. */
const SPINS = 200;

/** The threads of this machine, as a registry in shared memory knows them. */
export class RegistryParticipants implements Participants {
  readonly spins: number = parallelism > 1 ? SPINS : 0;
  readonly self: ParticipantId;
  readonly #system: RegistrySystem;
  readonly #words: Int32Array;
  readonly #slot: number;
  readonly #doorbell: Doorbell;

  constructor(system: RegistrySystem) {
    const { slot, id } = join(system);
    this.self = id;
    this.#system = system;
    this.#words = system.words;
    this.#slot = slot;
    this.#doorbell = new Doorbell(system, slot, id);
    process.on('exit', () => {
      this.#doorbell.stop();
      system.leave();
    });
  }

  isAlive(id: ParticipantId): boolean {
    if (id === this.self) return true;
    const slot = slotOf(this.#words, id);
    if (slot < 0) return false;
    const lives = this.#system.lives(slot, id);
    // A slot that went to somebody else meanwhile says nothing about this one, except that it had died.
    return lives && Atomics.load(this.#words, slotWord(slot, SLOT.id)) === id;
  }

  ring(key: number): void {
    const words = this.#words;
    const used = Atomics.load(words, HEADER.highWater);
    const bit = bloomBit(key);
    for (let slot = 0; slot < used; slot++) {
      const at = slotWord(slot, 0);
      if (slot === this.#slot) {
        this.#doorbell.ringOwn(key);
        continue;
      }
      const id = Atomics.load(words, at) as ParticipantId;
      if (id === 0) continue;
      if (Atomics.load(words, at + SLOT.syncWaiting) !== 0 && Atomics.load(words, at + SLOT.syncKey) === (key | 0)) {
        // ORDER: seq_cst, before the wake-up: a sleeper that reads this count does not go to sleep.
        Atomics.add(words, at + SLOT.syncBell, 1);
        this.#system.wakeSync(slot, id);
      }
      if (Atomics.load(words, at + SLOT.asyncWaiting) === 0) continue;
      if ((Atomics.load(words, at + SLOT.bloom + (bit >>> 5)) & (1 << (bit & 31))) === 0) continue;
      Atomics.add(words, at + SLOT.asyncBell, 1);
      this.#system.wakeAsync(slot, id);
    }
  }

  sleepSync(key: number, stillWaiting: () => boolean, sliceMs: number): void {
    const words = this.#words;
    const at = slotWord(this.#slot, 0);
    Atomics.store(words, at + SLOT.syncKey, key | 0);
    // ORDER: seq_cst, before stillWaiting(): a ringer stores the state first and looks for sleepers then.
    Atomics.store(words, at + SLOT.syncWaiting, 1);
    try {
      const seen = Atomics.load(words, at + SLOT.syncBell);
      if (stillWaiting()) this.#system.sleepSync(this.#slot, seen, sliceMs);
    } finally {
      Atomics.store(words, at + SLOT.syncWaiting, 0);
    }
  }

  sleep(key: number, stillWaiting: () => boolean, sliceMs: number, signal?: AbortSignal, ref?: boolean): Promise<void> {
    return this.#doorbell.sleep(key, stillWaiting, sliceMs, signal, ref);
  }
}
