/** What is still to be done in memory before it goes away, by its buffer. */
const duties = new WeakMap<ArrayBufferLike, Set<() => void>>();

/** Calls `duty` before `buffer` is detached: the last chance to leave shared memory in order. Answers how to take it back. */
export function beforeDetach(buffer: ArrayBufferLike, duty: () => void): () => void {
  let all = duties.get(buffer);
  if (!all) {
    all = new Set();
    duties.set(buffer, all);
  }
  all.add(duty);
  return () => {
    all.delete(duty);
  };
}

/** For whoever is about to detach it. */
export function detaching(buffer: ArrayBufferLike): void {
  const all = duties.get(buffer);
  if (!all) return;
  duties.delete(buffer);
  for (const duty of all) {
    try {
      duty();
    } catch {
      // The memory goes in any case, and the others' duties remain.
    }
  }
}
