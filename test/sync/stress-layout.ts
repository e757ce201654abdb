/** What the stress agents share: witnesses in plain words, then the primitives. */

/** Where each primitive stands; kinds.ts's follow at 1024. */
export const AT = { mutex: 64, rw: 128, semaphore: 448, counting: 512, event: 576, condition: 640, lock: 768 } as const;
export const STRESS_BYTES = 4096;

export interface StressWords {
  /** Who is in the mutex. */
  readonly inside: Int32Array;
  /** Two numbers that the writer keeps equal. */
  readonly pair: Int32Array;
  /** A value under the condition's mutex. */
  readonly items: Int32Array;
}

export function stressWords({ buffer, byteOffset }: DataView): StressWords {
  const at = (index: number, length: number) => new Int32Array(buffer, byteOffset + index * 4, length);
  return { inside: at(0, 1), pair: at(1, 2), items: at(3, 1) };
}
