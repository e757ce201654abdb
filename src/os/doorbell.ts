/**
 * The promises of one JavaScript environment that wait, and the bell that all of them listen to.
 *
 * Whoever rings it makes the environment ask each pending promise whether it still has to wait. Listening is never what
 * keeps the event loop alive (each promise's slice timer is), and ends when nobody has waited for a second. Where it is not
 * possible, the watch alone serves the promises, a little later.
 *
 * The watch is one timer for all promises: as long as one waits, it looks every 10 ms whether a participant has died. Then
 * all of them make an attempt, for the dead one may have held what they wait for, or been about to ring.
 */
import { onAbort } from '../base/on-abort.ts';
import type { ParticipantId } from '../base/participants.ts';
import { DeathWatch } from './death-watch.ts';
import { BLOOM_BITS, bloomBit, SLOT, slotWord } from './participants-layout.ts';
import type { Hearing, RegistrySystem } from './registry.ts';

/** After so long without a pending promise nobody listens any more. */
const IDLE_MS = 1000;

/** How soon a death is noticed. */
const WATCH_MS = 10;

interface Sleeper {
  readonly key: number;
  readonly stillWaiting: () => boolean;
  readonly finish: (error?: unknown) => void;
}

export class Doorbell {
  readonly #system: RegistrySystem;
  readonly #words: Int32Array;
  readonly #slot: number;
  readonly #id: ParticipantId;
  readonly #at: number;
  readonly #sleepers = new Set<Sleeper>();
  /** Sleepers per bit of the bloom filter. */
  readonly #perBit = new Uint32Array(BLOOM_BITS);
  #hearing: Hearing | undefined;
  #idle: NodeJS.Timeout | undefined;
  readonly #deaths: DeathWatch;
  #watch: NodeJS.Timeout | undefined;
  /** Whether it cannot be listened to here. */
  #deaf = false;
  #looking = false;
  #lookAgain = false;

  constructor(system: RegistrySystem, slot: number, id: ParticipantId) {
    this.#system = system;
    this.#words = system.words;
    this.#slot = slot;
    this.#id = id;
    this.#at = slotWord(slot, 0);
    this.#deaths = new DeathWatch(system, slot);
  }

  sleep(
    key: number,
    stillWaiting: () => boolean,
    sliceMs: number,
    signal: AbortSignal | undefined,
    ref: boolean | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const finish = (error?: unknown) => {
        if (!this.#sleepers.delete(sleeper)) return;
        clearTimeout(timer);
        stopListening?.();
        this.#forget(key);
        if (error === undefined) resolve();
        else reject(error);
      };
      let stopListening: (() => void) | undefined;
      const sleeper: Sleeper = { key, stillWaiting, finish };
      this.#sleepers.add(sleeper);
      // First of all: whoever finds the announcement rings.
      this.#listen();
      this.#announce(key);
      try {
        if (signal?.aborted || !stillWaiting()) {
          finish();
          return;
        }
      } catch (error) {
        finish(error);
        return;
      }
      timer = setTimeout(finish, sliceMs);
      if (ref === false) timer.unref();
      if (signal) stopListening = onAbort(signal, finish);
      this.#watch ??= setInterval(() => this.#tick(), WATCH_MS).unref();
    });
  }

  /** This thread has rung itself: no need to go by the bell. */
  ringOwn(key: number): void {
    if (this.#sleepers.size === 0 || this.#perBit[bloomBit(key)] === 0) return;
    queueMicrotask(() => this.#look());
  }

  /** The environment ends. */
  stop(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
    this.#hearing?.close();
    this.#hearing = undefined;
  }

  #announce(key: number): void {
    const bit = bloomBit(key);
    this.#perBit[bit]! += 1;
    if (this.#perBit[bit] === 1) Atomics.or(this.#words, this.#at + SLOT.bloom + (bit >>> 5), 1 << (bit & 31));
    // ORDER: seq_cst, before stillWaiting(): a ringer stores the state first and looks for sleepers then.
    Atomics.store(this.#words, this.#at + SLOT.asyncWaiting, this.#sleepers.size);
  }

  #forget(key: number): void {
    const bit = bloomBit(key);
    this.#perBit[bit]! -= 1;
    if (this.#perBit[bit] === 0) Atomics.and(this.#words, this.#at + SLOT.bloom + (bit >>> 5), ~(1 << (bit & 31)));
    Atomics.store(this.#words, this.#at + SLOT.asyncWaiting, this.#sleepers.size);
    if (this.#sleepers.size === 0) this.#idle?.refresh();
  }

  /**
   * Asks each promise in the order of their coming. The one that need not wait any more gets its turn before the next is
   * asked: of a thousand that wait for a lock, one wakes and the others see it taken.
   */
  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    while (this.#lookAgain) {
      this.#lookAgain = false;
      for (const sleeper of [...this.#sleepers]) {
        if (!this.#sleepers.has(sleeper)) continue;
        try {
          if (sleeper.stillWaiting()) continue;
          sleeper.finish();
        } catch (error) {
          sleeper.finish(error);
        }
        await undefined;
        await undefined;
      }
    }
    this.#looking = false;
  }

  #tick(): void {
    if (this.#sleepers.size === 0) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    } else if (this.#deaths.changed()) {
      for (const { finish } of [...this.#sleepers]) finish();
    } else if (this.#deaf) void this.#look();
  }

  #listen(): void {
    if (this.#hearing || this.#deaf) return;
    const deaf = () => {
      this.#deaf = true;
    };
    try {
      this.#hearing = this.#system.listen(this.#slot, this.#id, () => void this.#look(), deaf);
    } catch {
      deaf(); // not allowed here (Node's permission model), or no room
      return;
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#maybeStop(), IDLE_MS).unref();
  }

  #maybeStop(): void {
    if (this.#sleepers.size === 0) this.stop();
    else this.#idle?.refresh();
  }
}
