import { MapFileError, readOnlyError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import { BIN_WORDS } from './bins-layout.ts';
import { HEAD_UNITS, UNIT_BYTES, UNIT_WORDS } from './block-layout.ts';
import { ENTRY_WORDS, MAX_HANDLES } from './handle-layout.ts';
import { corrupt } from './heap-errors.ts';
import { HEADER, HEADER_WORDS, MAX_UNITS, WORD_BYTES } from './heap-layout.ts';
import { recordWords } from './pin-layout.ts';
import { bucketsFor, ROOT_WORDS } from './root-layout.ts';

/** The four capacities that a heap is made with. */
export interface Capacities {
  readonly handles: number;
  readonly participants: number;
  readonly pins: number;
  readonly roots: number;
}

/** Where each part of a heap stands. Words, but the area in units. */
export interface Geometry extends Capacities {
  readonly units: number;
  readonly pinTable: number;
  readonly recordWords: number;
  readonly rootTable: number;
  readonly handleTable: number;
  /** First unit of the block area. */
  readonly areaStart: number;
  /** The sentinel's unit. */
  readonly areaEnd: number;
}

const SMALLEST_AREA_UNITS = 4;

/** Lays the parts out one behind the other. @throws ERR_TOO_SMALL if no block area is left */
export function geometry(byteLength: number, capacities: Capacities): Geometry {
  const units = Math.min(Math.floor(byteLength / UNIT_BYTES), MAX_UNITS);
  const record = recordWords(capacities.pins);
  const pinTable = HEADER_WORDS + BIN_WORDS;
  const rootTable = pinTable + record * capacities.participants;
  const handleTable = rootTable + ROOT_WORDS * capacities.roots + bucketsFor(capacities.roots);
  const areaStart = Math.ceil((handleTable + ENTRY_WORDS * capacities.handles) / UNIT_WORDS);
  const areaEnd = units - HEAD_UNITS;
  if (areaEnd - areaStart < SMALLEST_AREA_UNITS) {
    const needed = (areaStart + SMALLEST_AREA_UNITS + HEAD_UNITS) * UNIT_BYTES;
    throw new MapFileError(
      'ERR_TOO_SMALL',
      `Cannot lay out heap: ${byteLength} bytes given, its tables need ${needed}, give more or ask for fewer handles`,
      { byteLength, needed },
    );
  }
  return { ...capacities, units, pinTable, recordWords: record, rootTable, handleTable, areaStart, areaEnd };
}

/** The heap's memory as words, with the places of its parts. Checks what it reads before it is used as a place. */
export class HeapMemory {
  readonly dataView: DataView;
  /** Signed on purpose: V8 then computes places as 32-bit integers, a third faster than as unsigned ones. */
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly pinTable: number;
  readonly recordWords: number;
  readonly rootTable: number;
  readonly handleTable: number;
  readonly areaStart: number;
  readonly areaEnd: number;
  readonly capacities: Capacities;
  readonly salt: number;

  constructor(words: HeapWords, at: Geometry) {
    this.dataView = words.dataView;
    this.words = words.words;
    this.bytes = words.bytes;
    this.pinTable = at.pinTable;
    this.recordWords = at.recordWords;
    this.rootTable = at.rootTable;
    this.handleTable = at.handleTable;
    this.areaStart = at.areaStart;
    this.areaEnd = at.areaEnd;
    const { handles, participants, pins, roots } = at;
    this.capacities = { handles, participants, pins, roots };
    this.salt = this.words[HEADER.salt]!;
  }

  /**
   * The plain store: only for the cache, and for words that no one reads before a later atomic store publishes them.
   * A method, so that the death harness can see these stores too.
   */
  put(word: number, value: number): void {
    this.words[word] = value;
  }

  /** The first word of a block's tags. @throws ERR_CORRUPT if the unit is no place for a block */
  tags(unit: number): number {
    if (unit < this.areaStart || unit >= this.areaEnd) throw corrupt`unit ${unit} is outside the block area`;
    return unit * UNIT_WORDS;
  }
}

/** The views over a range that may hold a heap. */
export interface HeapWords {
  readonly dataView: DataView;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

/** @throws ERR_READ_ONLY, RangeError if the range does not start at a multiple of 16 bytes */
export function heapWords(range: MemoryRange): HeapWords {
  const { dataView, access } = range;
  if (access === 'read') throw readOnlyError('this memory as a heap');
  const { buffer, byteOffset, byteLength } = dataView;
  if (byteOffset % UNIT_BYTES !== 0) {
    throw new RangeError(`Cannot lay out heap at byte ${byteOffset}: it must start at a multiple of ${UNIT_BYTES}`);
  }
  return {
    dataView,
    words: new Int32Array(buffer, byteOffset, Math.floor(byteLength / WORD_BYTES)),
    bytes: new Uint8Array(buffer, byteOffset, byteLength),
  };
}

/** The parts as the header names them. @throws ERR_CORRUPT, ERR_TOO_SMALL */
export function readGeometry(views: HeapWords): Geometry {
  const { words } = views;
  const units = words[HEADER.units]! >>> 0;
  const held = Math.floor(views.bytes.length / UNIT_BYTES);
  if (units > held) {
    throw new MapFileError(
      'ERR_TOO_SMALL',
      `Cannot open heap: it has ${units * UNIT_BYTES} bytes, the memory given has ${views.bytes.length}`,
      { byteLength: views.bytes.length, needed: units * UNIT_BYTES },
    );
  }
  const capacities = {
    handles: words[HEADER.handles]! >>> 0,
    participants: words[HEADER.participants]! >>> 0,
    pins: words[HEADER.pins]! >>> 0,
    roots: words[HEADER.roots]! >>> 0,
  };
  if (capacities.handles < 2 || capacities.handles > MAX_HANDLES) {
    throw corrupt`it claims to have ${capacities.handles} handles`;
  }
  return geometry(units * UNIT_BYTES, capacities);
}
