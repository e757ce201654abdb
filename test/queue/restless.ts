import { FakeParticipants } from '../support/participants.ts';

/** So many sleeps that are none are a loop without end. */
export const TOO_MANY = 500;

/** Its waits fail where a real participant's would stop the event loop or burn the processor. */
export class Restless extends FakeParticipants {
  #sleeps = 0;

  override sleepSync(key: number, stillWaiting: () => boolean, sliceMs: number): void {
    this.#count();
    const asked = () => {
      const still = stillWaiting();
      if (still) this.#sleeps = 0;
      return still;
    };
    super.sleepSync(key, asked, sliceMs);
  }

  override sleep(key: number, stillWaiting: () => boolean, sliceMs: number, signal?: AbortSignal): Promise<void> {
    if (this.#sleeps === 0) {
      setImmediate(() => {
        this.#sleeps = 0;
      });
    }
    this.#count();
    return super.sleep(key, stillWaiting, sliceMs, signal);
  }

  #count(): void {
    this.#sleeps += 1;
    if (this.#sleeps > TOO_MANY) throw new Error('It spins instead of sleeping');
  }
}
