import { abortError, timeoutError } from '../base/errors.ts';
import type { WaitOptions } from '../base/participants.ts';
import type { KernelObject } from '../os/kernel-objects.ts';
import { checkedTimeout } from './wait.ts';

/** A native wait may last no longer: a Worker can be terminated only between two. */
const SLICE_MS = 100;

/** Blocks the thread until the kernel object is taken. */
export function takeSync(object: KernelObject, what: string, options: WaitOptions | undefined): void {
  const timeoutMs = checkedTimeout(options);
  if (options?.signal?.aborted) throw abortError(options.signal);
  const deadline = performance.now() + timeoutMs;
  for (let left = timeoutMs; ; left = deadline - performance.now()) {
    if (object.take(Math.min(Math.max(left, 0), SLICE_MS)) !== 0) return;
    if (left <= 0) throw timeoutError(what, timeoutMs);
  }
}

/** Waits for it on the waiting thread; `use` throws if the object is closed meanwhile. */
export async function take(
  object: KernelObject,
  what: string,
  options: WaitOptions | undefined,
  use: () => void,
): Promise<void> {
  const timeoutMs = checkedTimeout(options);
  const signal = options?.signal;
  if (signal?.aborted) throw abortError(signal);
  if (object.take(0) !== 0) return;
  const deadline = performance.now() + timeoutMs;
  for (let left = timeoutMs; left > 0; left = deadline - performance.now()) {
    if (await object.takeLater(signal, left, options?.ref ?? true)) return;
    if (signal?.aborted) throw abortError(signal);
    use();
  }
  throw timeoutError(what, timeoutMs);
}
