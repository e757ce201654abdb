/**
 * The short wait of a promise: a look at each turn of the event loop, before it announces itself and sleeps.
 *
 * To be woken takes a system call there and a sleeping thread here; an answer that comes within the time this costs is
 * seen sooner, and whoever gives it has nobody to ring. Each turn serves timers and I/O. The time is bounded, and where it
 * was spent in vain, for instance because whoever must answer needs this very processor, it is spent ever more rarely.
 */
import type { WaitOptions } from '../base/participants.ts';

/** Longer than a sleeper needs to wake up and answer: of two that sleep for each other one polls until the other does, too. */
const LONGEST_MS = 0.1;

/** Of so many waits one polls at least. */
const RARELY = 64;

/** How many waits do not poll after one that did so in vain, and how many of them are still to come. */
let pause = 0;
let toSkip = 0;

/** Makes attempts for a while; 0 if all were in vain or the signal has fired. */
export async function poll<R extends number>(attempt: () => R | 0, { signal, ref }: WaitOptions): Promise<R | 0> {
  // An immediate that keeps nothing alive runs only when something else wakes the loop.
  if (ref === false) return 0;
  if (toSkip > 0) {
    toSkip -= 1;
    return 0;
  }
  const end = performance.now() + LONGEST_MS;
  do {
    await new Promise(setImmediate);
    if (signal?.aborted) return 0;
    const result = attempt();
    if (result === 0) continue;
    pause = 0;
    return result;
  } while (performance.now() < end);
  pause = Math.min(2 * pause + 1, RARELY - 1);
  toSkip = pause;
  return 0;
}
