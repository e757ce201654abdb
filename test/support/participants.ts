/**
 * Participants of flesh: several in one process and one thread, each of them mortal.
 *
 * ```ts
 * const world = new World();
 * const a = world.spawn(), b = world.spawn();   // each is a Participants
 * world.kill(a.self);                           // b.isAlive(a.self) === false, a's pending sleeps never end
 * ```
 *
 * A blocking sleep cannot be woken from the same thread, so the test says what the others do meanwhile: `world.meanwhile`
 * runs inside each `sleepSync` that really sleeps, and the sleep ends when it returns (rung or slice over, a sleeper cannot
 * tell). Without it, or when it stays without effect 1,000 times in a row, the sleep throws: it would have blocked for ever.
 */
import type { ParticipantId, Participants } from '../../src/base/participants.ts';
import { point } from './death.ts';

export interface Sleeper {
  readonly who: ParticipantId;
  readonly key: number;
}

export class World {
  readonly #alive = new Set<ParticipantId>();
  readonly #sleeping = new Map<Sleeper, () => void>();
  #lastId: number;
  #idle = 0;

  /** What the others do while somebody sleeps in `sleepSync`. */
  meanwhile: ((sleeper: Sleeper) => void) | undefined;

  /** Every `ring` so far. */
  rings = 0;

  constructor(firstId = 1) {
    this.#lastId = firstId - 1;
  }

  /** A new living participant. */
  spawn(): FakeParticipants {
    const id = ++this.#lastId as ParticipantId;
    this.#alive.add(id);
    return new FakeParticipants(this, id);
  }

  /** Kills the thread: from now on `isAlive` is false, and what it awaits never comes. */
  kill(id: ParticipantId): void {
    if (!this.#alive.delete(id)) throw new Error(`Participant ${id} is dead already`);
    for (const sleeper of this.#sleeping.keys()) if (sleeper.who === id) this.#sleeping.delete(sleeper);
  }

  isAlive(id: ParticipantId): boolean {
    return this.#alive.has(id);
  }

  /** Who sleeps asynchronously. */
  get sleepers(): Sleeper[] {
    return [...this.#sleeping.keys()];
  }

  ring(key: number): void {
    point();
    this.rings += 1;
    this.#idle = 0;
    for (const [sleeper, wake] of this.#sleeping) if (sleeper.key === key) wake();
  }

  sleepSync(who: ParticipantId, key: number, stillWaiting: () => boolean): void {
    point();
    if (!stillWaiting()) return;
    this.#idle += 1;
    if (!this.meanwhile || this.#idle > 1000) throw new Error(`Participant ${who} would sleep for ever on key ${key}`);
    this.meanwhile({ who, key });
  }

  sleep(
    who: ParticipantId,
    key: number,
    stillWaiting: () => boolean,
    sliceMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = { who, key };
      const finish = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        if (this.#sleeping.delete(sleeper)) resolve();
      };
      const timer = setTimeout(finish, sliceMs);
      this.#sleeping.set(sleeper, finish);
      signal?.addEventListener('abort', finish);
      try {
        if (signal?.aborted || !stillWaiting()) finish();
      } catch (error) {
        this.#sleeping.delete(sleeper);
        finish();
        reject(error);
      }
    });
  }
}

/** One participant of a {@link World}. */
export class FakeParticipants implements Participants {
  readonly self: ParticipantId;
  readonly world: World;
  spins = 0;

  constructor(world: World, id: ParticipantId) {
    this.world = world;
    this.self = id;
  }

  isAlive(id: ParticipantId): boolean {
    return this.world.isAlive(id);
  }

  ring(key: number): void {
    this.world.ring(key);
  }

  sleepSync(key: number, stillWaiting: () => boolean, _sliceMs: number): void {
    this.world.sleepSync(this.self, key, stillWaiting);
  }

  sleep(key: number, stillWaiting: () => boolean, sliceMs: number, signal?: AbortSignal): Promise<void> {
    return this.world.sleep(this.self, key, stillWaiting, sliceMs, signal);
  }
}
