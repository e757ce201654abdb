/**
 * What stands in memory, where that says so itself: a heap and a queue begin with a word of their own. One floor must not
 * take for free, or for its own, what another has put there.
 */

/** The first word, little-endian; stored last by the maker. */
export const MAGIC = {
  /** `MFHP` */
  heap: 0x5048_464d,
  /** `MFRQ` */
  queue: 0x5152_464d,
} as const;

export type Resident = keyof typeof MAGIC;

/** Who stands at the start of the memory; undefined if nobody says so. */
export function residentOf(dataView: DataView): Resident | undefined {
  if (dataView.byteLength < 4) return undefined;
  const word = dataView.getUint32(0, true);
  if (word === MAGIC.heap) return 'heap';
  return word === MAGIC.queue ? 'queue' : undefined;
}
