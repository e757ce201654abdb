/** A sleep by the clock alone. */
export function pause(ms: number, signal: AbortSignal, ref: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    if (!ref) timer.unref();
    signal.addEventListener('abort', finish);
  });
}
