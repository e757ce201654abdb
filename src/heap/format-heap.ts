import type { MemoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { MAGIC } from '../base/resident.ts';
import { show } from '../base/show.ts';
import { LockWord } from '../sync/lock-word.ts';
import { UNIT_WORDS } from './block-layout.ts';
import { MAX_HANDLES } from './handle-layout.ts';
import { corrupt, notVacant } from './heap-errors.ts';
import { HEADER, HEADER_WORDS, VERSION, WORD_BYTES } from './heap-layout.ts';
import { type Geometry, geometry, type HeapWords, heapWords } from './heap-memory.ts';

/** What a heap is made with. None of it can change later. */
export interface HeapCapacities {
  /** Blocks that may live at once, at most 2,097,151; by default one for each 512 bytes of the heap. 16 bytes each. */
  readonly handles?: number;
  /**
   * SharedHeap objects that may be open at once, at most 1,024; 32 by default. Each thread that works on the heap opens one;
   * a thread that opens two counts twice.
   */
  readonly threads?: number;
  /** Pins that may be held at once through one SharedHeap object, at most 65,535; 127 by default. 4 bytes each and `threads`. */
  readonly pins?: number;
  /** Roots, at most 65,535; 64 by default. 128 bytes each, and 4 to 8 for what finds them. */
  readonly roots?: number;
}

const BYTES_PER_HANDLE = 512;
const FEWEST_HANDLES = 15;

/** @throws TypeError, RangeError */
function count(
  what: keyof HeapCapacities,
  options: HeapCapacities,
  usual: number,
  least: number,
  most: number,
): number {
  const { [what]: value = usual } = options;
  if (typeof value !== 'number')
    throw new TypeError(`Cannot create heap with ${show(value)} as ${what}: pass a number`);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`Cannot create heap with ${value} ${what}: it must be an integer from ${least} to ${most}`);
}

/** Whether the memory holds a heap that is ready. */
export function isHeap(range: MemoryRange): boolean {
  const { dataView } = range;
  return (
    dataView.byteLength >= HEADER_WORDS * WORD_BYTES &&
    Atomics.load(heapWords(range).words, HEADER.magic) === MAGIC.heap
  );
}

/**
 * Whether a heap may be made here: where its header goes all is zero, or as a maker leaves it who died, lock included. What
 * lies behind does not matter, the maker clears it.
 */
function isVacant({ words }: HeapWords): boolean {
  let isBegun = false;
  for (let at = 0; at < HEADER_WORDS; at++) {
    if (words[at] === 0 || at === HEADER.lock) continue;
    if (!isOfMaker(at, words[at]!)) return false;
    isBegun = true;
  }
  return !isBegun || Atomics.load(words, HEADER.lock) !== 0;
}

/** Whether a header that is not ready may have this word here. */
function isOfMaker(at: number, word: number): boolean {
  if (at === HEADER.version) return word === VERSION;
  if (at === HEADER.dirty) return word === 1;
  return at >= HEADER.units && at <= HEADER.salt;
}

/** @throws ERR_CORRUPT if the heap has another version */
export function checkVersion(range: MemoryRange): void {
  const version = heapWords(range).words[HEADER.version]!;
  if (version !== VERSION) throw corrupt`its format is version ${version}, this package reads version ${VERSION}`;
}

/** Where the parts of a new heap go. */
function plan(byteLength: number, options: HeapCapacities): Geometry {
  const handles = Math.min(MAX_HANDLES - 1, Math.max(FEWEST_HANDLES, Math.floor(byteLength / BYTES_PER_HANDLE)));
  return geometry(byteLength, {
    // Entry 0 and pin 0 are not the user's.
    handles: count('handles', options, handles, 1, MAX_HANDLES - 1) + 1,
    participants: count('threads', options, 32, 1, 1024),
    pins: count('pins', options, 127, 1, 0xffff) + 1,
    roots: count('roots', options, 64, 0, 0xffff),
  });
}

/**
 * The header of a new heap, for memory that is zero behind it. It is marked dirty: whoever takes its lock first writes the
 * cache, as after a death.
 */
export function heapHeader(byteLength: number, options: HeapCapacities): Int32Array<ArrayBuffer> {
  const place = plan(byteLength, options);
  const words = new Int32Array(HEADER_WORDS);
  words[HEADER.magic] = MAGIC.heap;
  words[HEADER.version] = VERSION;
  words[HEADER.units] = place.units;
  words[HEADER.handles] = place.handles;
  words[HEADER.participants] = place.participants;
  words[HEADER.pins] = place.pins;
  words[HEADER.roots] = place.roots;
  words[HEADER.salt] = Math.floor(Math.random() * 2 ** 31) * 2;
  words[HEADER.dirty] = 1;
  return words;
}

/**
 * Makes a heap unless one stands here; answers whether it made it. Many may call this at once, and die in it.
 * @throws ERR_WRONG_KIND if the memory holds something else
 */
export function formatOnce(range: MemoryRange, options: HeapCapacities, participants: Participants): boolean {
  const views = heapWords(range);
  const { words, bytes } = views;
  const header = heapHeader(bytes.length, options);
  const { areaStart } = plan(bytes.length, options);
  if (isHeap(range)) return false;
  if (!isVacant(views)) {
    // Somebody else may have finished in between.
    if (isHeap(range)) return false;
    throw notVacant();
  }
  const lock = new LockWord(range, HEADER.lock * WORD_BYTES, participants, 'the making of a heap');
  lock.acquireSync();
  try {
    if (isHeap(range)) return false;
    words.fill(0, HEADER.version, HEADER.lock);
    words.fill(0, HEADER.sliding, areaStart * UNIT_WORDS);
    for (let word = HEADER.version; word < HEADER_WORDS; word++) {
      if (header[word] !== 0) Atomics.store(words, word, header[word]!);
    }
    // ORDER: everything before it is seen by whoever reads the magic.
    Atomics.store(words, HEADER.magic, MAGIC.heap);
    return true;
  } finally {
    lock.release();
  }
}
