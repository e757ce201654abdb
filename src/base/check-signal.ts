/** @throws TypeError if it is no AbortSignal: found here, and not by the timer or the wait that listens to it */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || (typeof signal === 'object' && signal !== null && 'addEventListener' in signal)) return;
  throw new TypeError(`Cannot use ${String(signal)} as signal: pass an AbortSignal`);
}
