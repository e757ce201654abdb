import { MapFileError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { BlockArea } from './block-area.ts';
import { UNIT_BYTES, UNIT_WORDS } from './block-layout.ts';
import { MAX_HANDLES } from './handle-layout.ts';
import { HandleTable } from './handle-table.ts';
import { corrupt } from './heap-errors.ts';
import { HEADER, MAGIC, VERSION } from './heap-layout.ts';
import { geometry, HeapMemory, heapWords } from './heap-memory.ts';
import { rebuild } from './mover.ts';

/** What a heap is made with. None of it can change later. */
export interface HeapCapacities {
  /** Blocks that may live at once, at most 2,097,151; by default one for each 512 bytes of the heap. 16 bytes each. */
  readonly handles?: number;
  /** Threads that may have the heap open at once, at most 1,024; 32 by default. */
  readonly threads?: number;
  /** Pins that one thread may hold at once, at most 65,535; 127 by default. 4 bytes each and thread. */
  readonly pins?: number;
  /** Roots, at most 65,535; 64 by default. 128 bytes each. */
  readonly roots?: number;
}

const BYTES_PER_HANDLE = 512;
const FEWEST_HANDLES = 15;

function count(what: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`Cannot create heap with ${value} ${what}: it must be an integer from ${least} to ${most}`);
}

/** Whether the memory holds a heap that is ready. */
export function isHeap(range: MemoryRange): boolean {
  const { dataView } = range;
  if (dataView.byteLength < UNIT_BYTES) return false;
  const { words } = heapWords(range);
  return Atomics.load(words, HEADER.magic) === MAGIC;
}

/** @throws ERR_CORRUPT if the memory holds no heap, or one of another version */
export function checkHeap(range: MemoryRange): void {
  if (!isHeap(range)) throw corrupt`the memory holds no heap, create one there first`;
  const version = heapWords(range).words[HEADER.version]!;
  if (version !== VERSION) throw corrupt`its format is version ${version}, this package reads version ${VERSION}`;
}

/**
 * Lays an empty heap out over the memory. Answers false if another participant has made, or is just making, one there.
 * A maker that dies leaves memory that holds no heap, and the next one starts afresh.
 */
export function formatHeap(range: MemoryRange, options: HeapCapacities, participants: Participants): boolean {
  const views = heapWords(range);
  const { words } = views;
  const byteLength = views.bytes.length;
  const handles = Math.min(MAX_HANDLES - 1, Math.max(FEWEST_HANDLES, Math.floor(byteLength / BYTES_PER_HANDLE)));
  const place = geometry(byteLength, {
    // Entry 0 and pin 0 are not the user's.
    handles: count('handles', options.handles ?? handles, 1, MAX_HANDLES - 1) + 1,
    participants: count('threads', options.threads ?? 32, 1, 1024),
    pins: count('pins', options.pins ?? 127, 1, 0xffff) + 1,
    roots: count('roots', options.roots ?? 64, 0, 0xffff),
  });
  if (!claim(words, participants)) return false;
  const { maker } = HEADER;
  words.fill(0, maker + 1, place.areaStart * UNIT_WORDS);
  const put = (word: number, value: number) => Atomics.store(words, word, value);
  put(HEADER.version, VERSION);
  put(HEADER.units, place.units);
  put(HEADER.handles, place.handles);
  put(HEADER.participants, place.participants);
  put(HEADER.pins, place.pins);
  put(HEADER.roots, place.roots);
  put(HEADER.salt, Math.floor(Math.random() * 2 ** 31) * 2);
  const memory = new HeapMemory(views, place);
  rebuild(memory, new HandleTable(memory), new BlockArea(memory));
  // ORDER: everything before it is seen by whoever reads the magic.
  put(HEADER.magic, MAGIC);
  put(maker, 0);
  return true;
}

/** Takes the right to format; from a dead maker, too. */
function claim(words: Int32Array, participants: Participants): boolean {
  const { magic, maker } = HEADER;
  for (let seen = 0; ; ) {
    if (Atomics.load(words, magic) === MAGIC) return false;
    const before = Atomics.compareExchange(words, maker, seen, participants.self);
    if (before === seen) break;
    if (before > 0 && before !== participants.self && participants.isAlive(before as typeof participants.self))
      return false;
    seen = before;
  }
  if (Atomics.load(words, magic) !== MAGIC) return true;
  Atomics.store(words, maker, 0);
  return false;
}

/** The memory given holds a heap already. */
export function heapExists(name: string): MapFileError<'ERR_NAME_EXISTS'> {
  const where = name === '' ? 'the memory holds one already' : `"${name}" exists`;
  return new MapFileError('ERR_NAME_EXISTS', `Cannot create heap: ${where}, open it instead`, { name });
}
