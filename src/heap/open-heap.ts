import { MapFileError } from '../base/errors.ts';
import { knownOptions } from '../base/known-options.ts';
import { type Memory, type MemoryRange, memoryRange, subrange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { MappedView, type SecurityOptions } from '../memory/index.ts';
import { participantsOf } from '../sync/options.ts';
import { checkVersion, formatOnce, type HeapCapacities, heapHeader, isHeap } from './format-heap.ts';
import { checkPlace, heapBytes } from './heap-arguments.ts';
import { noHeap } from './heap-errors.ts';

/** How a heap is opened. */
export interface OpenHeapOptions {
  /** Who takes part; the threads of this machine if absent. */
  readonly participants?: Participants;
}

/** How a heap is made. By name, who may open it: this user if nothing is said. */
export interface HeapOptions extends OpenHeapOptions, HeapCapacities, SecurityOptions {
  /** The name outlives its last holder, until `unlink`. POSIX only, and only by name. */
  readonly persistent?: boolean;
}

/** Memory that holds a heap, ready to be joined. */
export interface HeapPlace {
  readonly name: string;
  readonly range: MemoryRange;
  readonly created: boolean;
  readonly participants: Participants;
  /** Gives up what was opened for the heap alone. */
  release(): void;
}

const OPEN_KEYS = ['participants'];
/** What only a name can have. */
const NAME_KEYS = ['share', 'mode', 'sddl', 'persistent'] as const;
const KEYS = [...OPEN_KEYS, 'handles', 'threads', 'pins', 'roots', ...NAME_KEYS];

export function createHeap(where: string | Memory, byteLength: number | undefined, options: HeapOptions): HeapPlace {
  checkPlace(where);
  knownOptions('create a heap', options, KEYS);
  if (typeof where === 'string') {
    const length = heapBytes(`heap "${where}"`, byteLength);
    const view = MappedView.create(where, length, viewOptions(length, options));
    return settle(where, view, true, options, () => view.close());
  }
  const range = part(where, byteLength, options);
  if (formatOnce(range, options, participantsOf(range, options))) return settle('', range, true, options);
  throw new MapFileError('ERR_NAME_EXISTS', 'Cannot create heap: one stands in this memory, open it', { name: '' });
}

export function openHeap(where: string | Memory, options: OpenHeapOptions): HeapPlace {
  checkPlace(where);
  knownOptions('open a heap', options, OPEN_KEYS);
  if (typeof where !== 'string') return settle('', memoryRange(where), false, options);
  const view = MappedView.open(where, { access: 'readwrite' });
  return settle(where, view, false, options, () => view.close());
}

export function openOrCreateHeap(
  where: string | Memory,
  byteLength: number | undefined,
  options: HeapOptions,
): HeapPlace {
  checkPlace(where);
  knownOptions('create a heap', options, KEYS);
  if (typeof where === 'string') {
    const length = heapBytes(`heap "${where}"`, byteLength);
    const view = MappedView.openOrCreate(where, length, viewOptions(length, options));
    return settle(where, view, view.created, options, () => view.close());
  }
  const range = part(where, byteLength, options);
  return settle('', range, formatOnce(range, options, participantsOf(range, options)), options);
}

/** The memory that a heap is to stand in. @throws TypeError, RangeError */
function part(where: Memory, byteLength: number | undefined, options: HeapOptions): MemoryRange {
  for (const key of NAME_KEYS) {
    if (options[key] === undefined) continue;
    throw new TypeError(`Cannot create heap in memory with option "${key}": it is for heaps with a name, leave it out`);
  }
  const range = memoryRange(where);
  return byteLength === undefined ? range : subrange(range, 0, heapBytes('heap', byteLength));
}

/** A named heap appears with its header: nobody ever sees one that is not made yet. */
function viewOptions(byteLength: number, options: HeapOptions) {
  const { share, mode, sddl, persistent } = options;
  return {
    access: 'readwrite' as const,
    initial: heapHeader(byteLength, options),
    ...(share !== undefined && { share }),
    ...(mode !== undefined && { mode }),
    ...(sddl !== undefined && { sddl }),
    ...(persistent !== undefined && { persistent }),
  };
}

function settle(
  name: string,
  where: MemoryRange | MappedView<'readwrite'>,
  created: boolean,
  options: OpenHeapOptions,
  release: () => void = () => {},
): HeapPlace {
  try {
    const range = where instanceof MappedView ? memoryRange(where) : where;
    if (!isHeap(range)) throw noHeap(name);
    checkVersion(range);
    return { name, range, created, participants: participantsOf(range, options), release };
  } catch (error) {
    release();
    throw error;
  }
}
