import type { WaitOptions } from '../base/participants.ts';
import { type Awaited, checkWait, IN_THE_WAY, NOT_YET, type Outcome, OVER, type WaitLine } from './wait-line.ts';

/** Where a source waits. */
interface Waited {
  readonly receivers: WaitLine;
  receiving(attempt: () => Outcome): Awaited;
}

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** What comes out of a queue, messages or deliveries: now, after a while, or one after the other. */
export class Source<R> {
  readonly #core: Waited;
  readonly #line: WaitLine;
  readonly #attempt: () => R | undefined;
  readonly #outcome: () => Outcome;
  /** The attempt for waits that are over before another begins; {@link #fetch} has what it got. */
  readonly #awaited: Awaited;
  #got: R | undefined;

  /** @param outcome what the last attempt came to */
  constructor(core: Waited, attempt: () => R | undefined, outcome: () => Outcome) {
    this.#core = core;
    this.#line = core.receivers;
    this.#attempt = attempt;
    this.#outcome = outcome;
    this.#awaited = core.receiving(() => {
      this.#got = attempt();
      return outcome();
    });
  }

  /** Now or not at all; those of this object who wait already come first. */
  try(): R | undefined {
    return this.#line.isBusy ? undefined : this.#attempt();
  }

  /** All that can be had now, whoever waits: into `all`, which has what there was if this throws. */
  drain(all: R[]): void {
    for (;;) {
      const result = this.#attempt();
      if (result !== undefined) all.push(result);
      else if (this.#outcome() === IN_THE_WAY) this.#awaited.gate.passSync({});
      else return;
    }
  }

  sync(options: WaitOptions | undefined): R | undefined {
    if (options) checkWait(options);
    const result = this.#attempt();
    const outcome = this.#outcome();
    if (outcome === OVER) return result;
    this.#line.waitSync(this.#awaited, outcome, options);
    return this.#fetch();
  }

  next(options: WaitOptions | undefined): Promise<R | undefined> {
    try {
      return this.#now(options) ? Promise.resolve(this.#fetch()) : this.#later(options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** All until there are no more. An object and not a generator: that takes three turns of the event loop's queue for each. */
  all(options: WaitOptions | undefined): AsyncIterableIterator<R, void, void> {
    let over = false;
    const step = (value: R | undefined): IteratorResult<R, void> => {
      if (value !== undefined) return { done: false, value };
      over = true;
      return DONE;
    };
    const fail = (error: unknown): never => {
      over = true;
      throw error;
    };
    const iterator: AsyncIterableIterator<R, void, void> = {
      next: () => {
        if (over) return Promise.resolve(DONE);
        try {
          return this.#now(options) ? Promise.resolve(step(this.#fetch())) : this.#later(options).then(step, fail);
        } catch (error) {
          over = true;
          return Promise.reject(error);
        }
      },
      return: () => {
        over = true;
        return Promise.resolve(DONE);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  #fetch(): R | undefined {
    const got = this.#got;
    this.#got = undefined;
    return got;
  }

  /** Whether there is a result without waiting in line. */
  #now(options: WaitOptions | undefined): boolean {
    if (options) checkWait(options);
    if (this.#line.isBusy) return false;
    const outcome = this.#awaited.attempt();
    return outcome === OVER || (outcome === NOT_YET && this.#line.spin(this.#awaited) === OVER);
  }

  /** With an attempt of its own: others may wait, too. */
  async #later(options: WaitOptions | undefined): Promise<R | undefined> {
    let result: R | undefined;
    const attempt = (): Outcome => {
      result = this.#attempt();
      return this.#outcome();
    };
    await this.#line.wait(this.#core.receiving(attempt), options);
    return result;
  }
}
