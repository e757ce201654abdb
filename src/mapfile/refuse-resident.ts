import { MapFileError } from '../base/errors.ts';
import { type Resident, residentOf } from '../base/resident.ts';

const OPENED_BY: Record<Resident, string> = { heap: 'SharedHeap', queue: 'RingQueue' };

/**
 * A heap or a queue is no struct: a value written over it would destroy it.
 * @throws MapFileError ERR_WRONG_KIND
 */
export function refuseResident(dataView: DataView, doing: string, name: string): void {
  const actual = residentOf(dataView);
  if (actual === undefined) return;
  throw new MapFileError(
    'ERR_WRONG_KIND',
    `Cannot ${doing}: a ${actual} stands there, use ${OPENED_BY[actual]}, or MapFile.over to look at its bytes`,
    { name, expected: 'section', actual },
  );
}
