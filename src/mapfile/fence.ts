/** Private to the thread. */
const word = new Int32Array(1);

/**
 * Keeps the plain loads in front of it in front of those behind it.
 *
 * ORDER: an atomic store holds back every access in front of it (ARM: STLR), an atomic load never overtakes an atomic store
 * (STLR, LDAR), and nothing overtakes the atomic load. x86 keeps the order of loads anyway.
 */
export function loadFence(): void {
  Atomics.store(word, 0, 0);
  Atomics.load(word, 0);
}
