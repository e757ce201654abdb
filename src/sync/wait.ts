/**
 * The one way to wait of every primitive: look, spin (a promise: poll), announce, sleep a slice, look again.
 *
 * A primitive keeps no list of its waiters, only a bit that says "somebody sleeps". Whoever changes the state clears that
 * bit by the same store and rings if it was set; whoever still has to wait sets it again. A ringer killed between its store
 * and its ring, and an owner killed at any time, cost a waiter some 10 ms: the rest of a slice, or the time until the watch
 * for deaths looks again.
 */
import { checkSignal } from '../base/check-signal.ts';
import { abortError, timeoutError } from '../base/errors.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import { show } from '../base/show.ts';
import { poll } from './poll.ts';
import { anybodyWaits, Turn } from './turn.ts';

/** After so many milliseconds a promise asks again, whatever the watch for deaths says; more if many sleep. */
const SLICE_MS = 50;

/** All the promises of a thread together ask no more often. */
const LOOKS_PER_MS = 2;

/** How many promises of this thread sleep. */
let sleeping = 0;

/** After so many milliseconds a blocked thread asks again whether the owner lives. */
const SYNC_SLICE_MS = 10;

/** What a primitive tells the waiting about itself. `R` is truthy when the wait is over. */
export interface Waitable<R extends number> {
  /** For messages: `mutex`. */
  readonly what: string;
  /** Who is rung. */
  readonly key: number;
  readonly participants: Participants;
  /** Whether the promises of one thread are served in the order of their calls; absent where one does not take it from another. */
  readonly inTurn?: boolean;
  /** Throws if this very thread is in the way, so that it would wait for itself. Asked once, at the call: a wait that has begun goes on. */
  readonly refuse?: (() => void) | undefined;
  /** One attempt by Atomics alone; 0 = not yet. */
  attempt(): R | 0;
  /** One attempt that also asks whether those in the way are alive. */
  attemptThorough(): R | 0;
  /** Sets the waiters' bit; false if there is nothing to wait for any more. A bound function: it is handed on. */
  readonly mark: () => boolean;
}

/** Waits on the calling thread. A `signal` is looked at once: while the thread is blocked nothing can fire it. */
export function waitSync<R extends number>(target: Waitable<R>, options?: WaitOptions): R {
  const timeoutMs = checkedTimeout(options);
  if (options?.signal?.aborted) throw abortError(options.signal);
  let result = target.attempt();
  if (result !== 0) return result;
  target.refuse?.();
  if (timeoutMs !== 0) {
    for (let i = target.participants.spins; i > 0; i--) {
      result = target.attempt();
      if (result !== 0) return result;
    }
  }
  result = target.attemptThorough();
  if (result !== 0) return result;
  if (timeoutMs === 0) throw timeoutError(target.what, 0);
  const deadline = performance.now() + timeoutMs;
  for (let left = timeoutMs; left > 0; left = deadline - performance.now()) {
    target.participants.sleepSync(target.key, target.mark, Math.min(left, SYNC_SLICE_MS));
    result = target.attemptThorough();
    if (result !== 0) return result;
  }
  throw timeoutError(target.what, timeoutMs);
}

/** Waits without blocking the event loop. A signal that has fired wins over a lock that has become free. */
export async function wait<R extends number>(target: Waitable<R>, options?: WaitOptions): Promise<R> {
  const timeoutMs = checkedTimeout(options);
  const signal = options?.signal;
  if (signal?.aborted) throw abortError(signal);
  const { participants, key, inTurn } = target;
  // One that only tries must not fail because others are before it.
  const behind = inTurn === true && timeoutMs !== 0 && anybodyWaits(participants, key);
  let result = behind ? 0 : target.attempt();
  if (result !== 0) return result;
  target.refuse?.();
  if (!behind) result = target.attemptThorough();
  if (result !== 0) return result;
  if (timeoutMs === 0) throw timeoutError(target.what, 0);
  const turn = new Turn(participants, key);
  try {
    const deadline = performance.now() + timeoutMs;
    if (turn.isFirst && participants.spins > 0) {
      result = await poll(() => target.attempt(), options ?? {});
      if (result !== 0) return result;
      if (signal?.aborted) throw abortError(signal);
    }
    for (let left = deadline - performance.now(); left > 0; left = deadline - performance.now()) {
      if (inTurn && !turn.isFirst) await turn.come(left, signal, options?.ref);
      else await sleep(target, left, options);
      // Asked before the attempt: what is taken is always handed to the caller, so an aborted wait keeps nothing.
      if (signal?.aborted) throw abortError(signal);
      result = inTurn && !turn.isFirst ? 0 : target.attemptThorough();
      if (result !== 0) return result;
    }
    throw timeoutError(target.what, timeoutMs);
  } finally {
    turn.end();
  }
}

async function sleep<R extends number>(target: Waitable<R>, left: number, options?: WaitOptions): Promise<void> {
  sleeping += 1;
  // Not all of the same length: those that came together must not ask all at once.
  const slice = Math.max(SLICE_MS, (sleeping / LOOKS_PER_MS) * (0.75 + Math.random() / 2));
  try {
    await target.participants.sleep(target.key, target.mark, Math.min(left, slice), options?.signal, options?.ref);
  } finally {
    sleeping -= 1;
  }
}

/** The time that a wait may last. @throws RangeError if it is negative or no number */
export function checkedTimeout(options: WaitOptions | undefined): number {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    throw new TypeError(`Cannot wait with ${show(options)} as options: pass { timeoutMs, signal }, or leave them out`);
  }
  const { timeoutMs = Number.POSITIVE_INFINITY } = options ?? {};
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
    throw new RangeError(`Cannot wait ${show(timeoutMs)} ms: timeoutMs must be a number of 0 or more`);
  }
  checkSignal(options?.signal);
  return timeoutMs;
}
