/** What waits for each signal. One listener serves them all: Node warns of a leak from the eleventh on. */
const waiting = new WeakMap<AbortSignal, { readonly calls: Set<() => void>; readonly fire: () => void }>();

/** Calls `call` once when the signal fires. Answers how to take it back, which costs nothing when it has fired. */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  let entry = waiting.get(signal);
  if (!entry) {
    const calls = new Set<() => void>();
    const fire = () => {
      waiting.delete(signal);
      for (const each of calls) each();
    };
    entry = { calls, fire };
    waiting.set(signal, entry);
    signal.addEventListener('abort', fire, { once: true });
  }
  const { calls, fire } = entry;
  // A function of its own: the same one may wait twice.
  const mine = () => call();
  calls.add(mine);
  return () => {
    calls.delete(mine);
    if (calls.size > 0 || waiting.get(signal)?.calls !== calls) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', fire);
  };
}
