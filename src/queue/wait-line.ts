import { checkSignal } from '../base/check-signal.ts';
import { abortError, isMapFileError, timeoutError } from '../base/errors.ts';
import { knownOptions } from '../base/known-options.ts';
import { onAbort } from '../base/on-abort.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import { show } from '../base/show.ts';
import type { Gate } from './gate.ts';
import { SLEEP } from './queue-layout.ts';

/** A sleeper looks again after so many milliseconds: whoever should have rung may have been killed. */
const SLICE_MS = 50;

/** Where spinning has been of use, it is worth as much time as a sleep and a wake-up cost. */
const MORE_SPINS = 16;

/** Between two looks, in {@link rest}s of some 10 ns: half a microsecond at most. */
const LONGEST_REST = 48;
const SHORTEST_REST = 2;

/** Memory that is nobody else's, to pass time with. */
const idle = new Int32Array(1);

/** What one attempt came to. */
export const OVER = 1;
export const NOT_YET = 0;
/** Somebody preempted stands in the gate. */
export const IN_THE_WAY = -1;
export type Outcome = typeof OVER | typeof NOT_YET | typeof IN_THE_WAY;

/** What {@link WaitLine} waits for. */
export interface Awaited {
  /** For messages. */
  readonly what: string;
  readonly gate: Gate;
  /** The whole thing. */
  attempt(): Outcome;
  /** A cheap look, for spinning. */
  looksReady(): boolean;
  /** Whether an attempt would be worth while; asked when the wait has been announced. */
  isReady(): boolean;
}

/**
 * Those who sleep at one end of the queue: the bit SLEEP of the position that they wait for, and the key they sleep on.
 *
 * No list and no count, so that the dead need no clearing up: the ringer clears the bit and wakes all, and those who have to
 * go on waiting set it again.
 */
export class WaitLine {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #key: number;
  readonly #participants: Participants;
  /** Spinning has to have been of use to be tried again at full length. */
  #spins: number;
  /** How long to look away before the next look. */
  #rest = SHORTEST_REST;
  #last: Promise<void> | undefined;
  /** Ends what waits at the gate when this object is closed. */
  readonly #leaving = new AbortController();
  #closed = false;

  constructor(words: Int32Array, word: number, key: number, participants: Participants) {
    this.#words = words;
    this.#word = word;
    this.#key = key;
    this.#participants = participants;
    this.#spins = participants.spins;
  }

  /** Whether an asynchronous wait of this object stands in line. */
  get isBusy(): boolean {
    return this.#last !== undefined;
  }

  /** Call it behind a store that the sleepers wait for, other than that of their position. One load if nobody sleeps. */
  notify(): void {
    if ((Atomics.load(this.#words, this.#word) & SLEEP) !== 0) this.wake();
  }

  wake(): void {
    // ORDER: seq_cst, before the ring: whoever sets the bit behind it has announced itself and is rung, or looks again.
    Atomics.and(this.#words, this.#word, ~SLEEP);
    this.#participants.ring(this.#key);
  }

  /** Lets the sleepers of this thread look up once more; their attempt throws. */
  close(): void {
    this.#closed = true;
    this.#leaving.abort();
    if (this.#last) this.#participants.ring(this.#key);
  }

  /** `outcome` is that of the attempt before. */
  waitSync(awaited: Awaited, outcome: Outcome, options: WaitOptions | undefined): void {
    const { timeoutMs, deadline } = limits(options);
    if (options?.signal?.aborted) throw abortError(options.signal);
    for (let now = outcome; now !== OVER; now = awaited.attempt()) {
      if (now === NOT_YET) now = this.spin(awaited);
      if (now === OVER) return;
      const left = deadline - performance.now();
      if (!(left > 0)) throw timeoutError(awaited.what, timeoutMs);
      if (now === IN_THE_WAY) awaited.gate.passSync({ timeoutMs: left });
      else this.#participants.sleepSync(this.#key, () => this.#announce(awaited), Math.min(left, SLICE_MS));
    }
  }

  /** Waits in turn: earlier waits of this object come first. */
  async wait(awaited: Awaited, options: WaitOptions | undefined): Promise<void> {
    const { timeoutMs, deadline } = limits(options);
    const signal = options?.signal;
    if (signal?.aborted) throw abortError(signal);
    const before = this.#last;
    let done!: () => void;
    const mine = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#last = mine;
    try {
      if (before) await turn(before, awaited.what, timeoutMs, deadline, options);
      let ready = false;
      for (;;) {
        let now = awaited.attempt();
        if (now === NOT_YET) now = this.spin(awaited);
        if (now === OVER) return;
        const left = deadline - performance.now();
        if (!(left > 0)) throw timeoutError(awaited.what, timeoutMs);
        // Others were faster. Were it so each time, no timer and no signal would ever get its turn.
        if (ready) await eventLoopTurn(options?.ref);
        if (now === IN_THE_WAY) {
          await this.#pass(awaited.gate, left, options);
          ready = true;
        } else {
          const mustSleep = () => {
            ready = !this.#announce(awaited);
            return !ready;
          };
          await this.#participants.sleep(this.#key, mustSleep, Math.min(left, SLICE_MS), signal, options?.ref);
        }
        if (signal?.aborted) throw abortError(signal);
      }
    } finally {
      // Not before those before us: a wait that was given up must not let others pass them.
      const leave = () => {
        if (this.#last === mine) this.#last = undefined;
        done();
      };
      if (before) void before.then(leave);
      else leave();
    }
  }

  /** Ends early when this object is closed; the next attempt says so. */
  async #pass(gate: Gate, timeoutMs: number, options: WaitOptions | undefined): Promise<void> {
    const leaving = this.#leaving.signal;
    const signal = options?.signal ? AbortSignal.any([options.signal, leaving]) : leaving;
    try {
      await gate.pass({ ...options, signal, timeoutMs });
    } catch (error) {
      if (!this.#closed) throw error;
    }
  }

  #announce(awaited: Awaited): boolean {
    // The memory may have gone with it.
    if (this.#closed) return false;
    // ORDER: seq_cst, before the look: whoever changes what we look at meets this bit when it moves the position, or
    // loads it afterwards.
    Atomics.or(this.#words, this.#word, SLEEP);
    return !awaited.isReady();
  }

  /**
   * Looks again and again. Each look takes the cache line of the position away from the other end, which wants to write it;
   * whoever looks too often has one message a look, and both ends stand still for every one. So if the first look was of use,
   * the other end is at work: the next wait rests longer before it looks, and finds several. If not, it rests shorter.
   */
  spin(awaited: Awaited): Outcome {
    let looks = 0;
    for (let left = this.#spins; left > 0; left -= 1 + (this.#rest >> 2)) {
      rest(this.#rest);
      looks += 1;
      if (!awaited.looksReady()) continue;
      const outcome = awaited.attempt();
      if (outcome === NOT_YET) continue;
      this.#rest = looks === 1 ? Math.min(this.#rest * 2, LONGEST_REST) : Math.max(this.#rest >> 1, SHORTEST_REST);
      this.#spins = Math.min(this.#spins * 2, this.#participants.spins * MORE_SPINS);
      return outcome;
    }
    this.#rest = SHORTEST_REST;
    this.#spins = Math.max(this.#spins >> 1, this.#participants.spins);
    return NOT_YET;
  }
}

function eventLoopTurn(ref: boolean | undefined): Promise<void> {
  return new Promise((resolve) => {
    const turn = setImmediate(resolve);
    if (ref === false) turn.unref();
  });
}

function rest(turns: number): void {
  for (let i = 0; i < turns; i++) Atomics.load(idle, 0);
}

/** What Node's timers can count. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const WAIT_KEYS = ['timeoutMs', 'signal', 'ref'];

/** Refuses options that cannot be, and a wait that has been given up before it began. */
export function checkWait(options: WaitOptions): void {
  checkWaitOptions(options);
  if (options.signal?.aborted) throw abortError(options.signal);
}

/** @throws TypeError | RangeError for options that cannot be */
export function checkWaitOptions(options: WaitOptions): void {
  knownOptions('wait', options, WAIT_KEYS);
  checkSignal(options.signal);
  const { ref } = options;
  if (ref !== undefined && typeof ref !== 'boolean') {
    throw new TypeError(`Cannot use ${show(ref)} as ref: pass true or false`);
  }
  limits(options);
}

/** How long something may take, in all its steps. */
export interface Limits {
  readonly timeoutMs: number;
  readonly deadline: number;
}

export function limits(options: WaitOptions | undefined): Limits {
  const timeoutMs = options?.timeoutMs ?? Number.POSITIVE_INFINITY;
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw new RangeError(`Cannot wait ${show(timeoutMs)} ms: timeoutMs must be a number of 0 or more`);
  }
  return { timeoutMs, deadline: performance.now() + timeoutMs };
}

/**
 * Blocks until whoever stands in the gate has left it.
 * @throws MapFileError ERR_TIMEOUT
 */
export function passWithin(gate: Gate, what: string, { timeoutMs, deadline }: Limits): void {
  try {
    gate.passSync({ timeoutMs: Math.max(deadline - performance.now(), 0) });
  } catch (error) {
    throw isMapFileError(error, 'ERR_TIMEOUT') ? timeoutError(what, timeoutMs) : error;
  }
}

/** Waits for `before`, which never rejects, as long as the options allow. */
function turn(
  before: Promise<void>,
  what: string,
  timeoutMs: number,
  deadline: number,
  options: WaitOptions | undefined,
): Promise<void> {
  const signal = options?.signal;
  const isTimed = timeoutMs !== Number.POSITIVE_INFINITY;
  if (!signal && !isTimed && options?.ref === false) return before;
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (how: () => void) => {
      clearTimeout(timer);
      stopListening?.();
      how();
    };
    const stopListening = signal && onAbort(signal, () => settle(() => reject(abortError(signal))));
    const onTime = () => settle(() => reject(timeoutError(what, timeoutMs)));
    if (isTimed) timer = setTimeout(onTime, Math.min(Math.max(deadline - performance.now(), 0), LONGEST_TIMER_MS));
    // The wait before may keep nothing alive.
    else timer = setInterval(() => {}, LONGEST_TIMER_MS);
    if (options?.ref === false) timer.unref();
    void before.then(() => settle(resolve));
  });
}
