import type { WaitOptions } from '../base/participants.ts';
import { type Awaited, checkWait, IN_THE_WAY, NOT_YET, type Outcome, OVER, type WaitLine } from './wait-line.ts';

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** What comes out of a queue, messages or deliveries: now, after a while, or one after the other. */
export class Source<R> {
  readonly #line: WaitLine;
  readonly #attempt: () => Outcome;
  readonly #result: () => R | undefined;
  readonly #awaiting: (attempt: () => Outcome) => Awaited;
  readonly #awaited: Awaited;

  /**
   * @param attempt one attempt; `result` fetches what it got, and must be called before the next one
   * @param awaiting what somebody waits for who makes these attempts
   */
  constructor(
    line: WaitLine,
    attempt: () => Outcome,
    result: () => R | undefined,
    awaiting: (attempt: () => Outcome) => Awaited,
  ) {
    this.#line = line;
    this.#attempt = attempt;
    this.#result = result;
    this.#awaiting = awaiting;
    this.#awaited = awaiting(attempt);
  }

  /** Now or not at all; those of this object who wait already come first. */
  try(): R | undefined {
    if (this.#line.isBusy) return undefined;
    this.#attempt();
    return this.#result();
  }

  /** All that can be had now, whoever waits: into `all`, which has what there was if this throws. */
  drain(all: R[]): void {
    for (;;) {
      const outcome = this.#attempt();
      const result = this.#result();
      if (result !== undefined) all.push(result);
      else if (outcome === IN_THE_WAY) this.#awaited.gate.passSync({});
      else return;
    }
  }

  sync(options: WaitOptions | undefined): R | undefined {
    if (options) checkWait(options);
    const outcome = this.#attempt();
    if (outcome !== OVER) this.#line.waitSync(this.#awaited, outcome, options);
    return this.#result();
  }

  next(options: WaitOptions | undefined): Promise<R | undefined> {
    try {
      return this.#now(options) ? Promise.resolve(this.#result()) : this.#later(options);
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
          return this.#now(options) ? Promise.resolve(step(this.#result())) : this.#later(options).then(step, fail);
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

  /** Whether there is a result without waiting in line. */
  #now(options: WaitOptions | undefined): boolean {
    if (options) checkWait(options);
    if (this.#line.isBusy) return false;
    const outcome = this.#attempt();
    return outcome === OVER || (outcome === NOT_YET && this.#line.spin(this.#awaited) === OVER);
  }

  async #later(options: WaitOptions | undefined): Promise<R | undefined> {
    let result: R | undefined;
    const attempt = (): Outcome => {
      const outcome = this.#attempt();
      result = this.#result();
      return outcome;
    };
    await this.#line.wait(this.#awaiting(attempt), options);
    return result;
  }
}
