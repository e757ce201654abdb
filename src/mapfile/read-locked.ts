import { abortError, timeoutError } from '../base/errors.ts';
import type { WaitOptions } from '../base/participants.ts';
import { checkedTimeout } from '../sync/wait.ts';
import type { Body } from './body.ts';
import { ForeignBody } from './foreign-body.ts';
import { pause } from './pause.ts';

/** How long to sleep between two attempts where there is no mutex to wait for. */
const RETRY_MS = 1;

/** Makes a value of a copy at once: the next copy overwrites it. */
type Take<T> = (copy: DataView) => T;

/** A value, as soon as the mutex is free or the program has finished writing. */
export async function readLocked<T>(body: Body, options: WaitOptions, what: string, take: Take<T>): Promise<T> {
  if (!(body instanceof ForeignBody)) return take(body.copy());
  if (body.mutex) {
    const held = await body.hold(body.mutex, options);
    try {
      return take(body.copyUnlocked());
    } finally {
      held.unlock();
    }
  }
  const { signal, ref = true } = options;
  const timeoutMs = checkedTimeout(options);
  const end = performance.now() + timeoutMs;
  const never = new AbortController().signal;
  for (;;) {
    if (signal?.aborted) throw abortError(signal);
    const copy = unlessBusy(body);
    if (copy) return take(copy);
    if (performance.now() >= end) throw timeoutError(what, timeoutMs);
    await pause(RETRY_MS, signal ?? never, ref);
  }
}

/** The same, blocking. */
export function readLockedSync<T>(body: Body, options: WaitOptions, what: string, take: Take<T>): T {
  if (!(body instanceof ForeignBody)) return take(body.copy());
  if (body.mutex) {
    const held = body.holdSync(body.mutex, options);
    try {
      return take(body.copyUnlocked());
    } finally {
      held.unlock();
    }
  }
  const { signal } = options;
  const timeoutMs = checkedTimeout(options);
  if (signal?.aborted) throw abortError(signal);
  const end = performance.now() + timeoutMs;
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const copy = unlessBusy(body);
    if (copy) return take(copy);
    if (performance.now() >= end) throw timeoutError(what, timeoutMs);
    Atomics.wait(nobody, 0, 0, RETRY_MS);
  }
}

function unlessBusy(body: Body): DataView | undefined {
  try {
    return body.copy();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_BUSY') throw error;
    return undefined;
  }
}
