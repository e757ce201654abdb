import { abortError } from '../base/errors.ts';
import { onAbort } from '../base/on-abort.ts';
import type { WaitOptions } from '../base/participants.ts';
import {
  type Awaited,
  checkWait,
  checkWaitOptions,
  IN_THE_WAY,
  type Limits,
  NOT_YET,
  type Outcome,
  OVER,
  passWithin,
  type WaitLine,
} from './wait-line.ts';

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
  drain(all: R[], within: Limits): void {
    for (;;) {
      const result = this.#attempt();
      if (result !== undefined) all.push(result);
      else if (this.#outcome() === IN_THE_WAY) passWithin(this.#awaited.gate, this.#awaited.what, within);
      else return;
    }
  }

  sync(options: WaitOptions | undefined): R | undefined {
    if (options !== undefined) checkWait(options);
    const result = this.#attempt();
    const outcome = this.#outcome();
    if (outcome === OVER) return result;
    this.#line.waitSync(this.#awaited, outcome, options);
    return this.#fetch();
  }

  next(options: WaitOptions | undefined): Promise<R | undefined> {
    try {
      if (options !== undefined) checkWait(options);
      return this.#now() ? Promise.resolve(this.#fetch()) : this.#later(options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** All until there are no more. An object and not a generator: that takes three turns of the event loop's queue for each. */
  all(options: WaitOptions | undefined): AsyncIterableIterator<R, void, void> {
    if (options !== undefined) checkWaitOptions(options);
    let over = false;
    /** Ends what waits when nobody wants it any more; made by the first that does. */
    let leaving: AbortController | undefined;
    let waitOptions = options;
    const pending = new Set<Promise<unknown>>();
    const end = (): IteratorReturnResult<void> => {
      over = true;
      leaving?.abort();
      return DONE;
    };
    const step = (value: R | undefined): IteratorResult<R, void> =>
      value === undefined ? end() : { done: false, value };
    const fail = (error: unknown): IteratorReturnResult<void> => {
      if (over) return DONE;
      end();
      throw error;
    };
    const later = (): Promise<IteratorResult<R, void>> => {
      if (!leaving) {
        leaving = new AbortController();
        const { signal } = leaving;
        // It is listened to from here on: to begin and to end that for each wait costs microseconds.
        onAbort(signal, () => {});
        waitOptions = { ...options, signal: options?.signal ? AbortSignal.any([options.signal, signal]) : signal };
      }
      const wait = this.#later(waitOptions, () => over);
      pending.add(wait);
      const leave = () => pending.delete(wait);
      wait.then(leave, leave);
      return wait.then(step, fail);
    };
    const iterator: AsyncIterableIterator<R, void, void> = {
      next: () => {
        if (over) return Promise.resolve(DONE);
        try {
          if (options?.signal?.aborted) throw abortError(options.signal);
          return this.#now() ? Promise.resolve(step(this.#fetch())) : later();
        } catch (error) {
          end();
          return Promise.reject(error);
        }
      },
      return: async () => {
        end();
        // Whoever receives next finds nobody in line.
        await Promise.allSettled(pending);
        return DONE;
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
  #now(): boolean {
    if (this.#line.isBusy) return false;
    const outcome = this.#awaited.attempt();
    return outcome === OVER || (outcome === NOT_YET && this.#line.spin(this.#awaited) === OVER);
  }

  /** With an attempt of its own: others may wait, too. */
  async #later(options: WaitOptions | undefined, isOver?: () => boolean): Promise<R | undefined> {
    let result: R | undefined;
    const attempt = (): Outcome => {
      if (isOver?.()) return OVER;
      result = this.#attempt();
      return this.#outcome();
    };
    await this.#line.wait(this.#core.receiving(attempt), options);
    return result;
  }
}
