import { MapFileError, type MapFileErrorContexts } from '../base/errors.ts';
import type { ParticipantId } from '../base/participants.ts';
import type { BlockHandle } from './handle-layout.ts';
import { HEADER_WORDS, WORD_BYTES } from './heap-layout.ts';

/**
 * Shared bytes contradict their own checks.
 *
 * A tag, so that the numbers become text only when it is thrown: V8 would hoist the `toString` of a number that two error
 * branches share into the fast path.
 */
export function corrupt(text: TemplateStringsArray, ...values: readonly unknown[]): MapFileError<'ERR_CORRUPT'> {
  const detail = String.raw({ raw: text }, ...values);
  const message = `Cannot trust this heap: ${detail}, verify() lists every contradiction`;
  return new MapFileError('ERR_CORRUPT', message, { detail });
}

/** Never a handle of this heap. */
export function invalidHandle(handle: number): MapFileError<'ERR_INVALID_HANDLE'> {
  const message = `Cannot use block handle ${String(handle)}: this heap never gave it out, pass what allocate() returned`;
  return new MapFileError('ERR_INVALID_HANDLE', message, { handle });
}

/** The block of this handle has been freed. */
export function staleHandle(handle: number): MapFileError<'ERR_STALE_HANDLE'> {
  return new MapFileError('ERR_STALE_HANDLE', `Cannot use block handle ${handle}: its block has been freed`, {
    handle,
  });
}

/** A living participant pins the block. */
export function busy(what: string, handle: BlockHandle, owner: ParticipantId): MapFileError<'ERR_BUSY'> {
  const message = `Cannot ${what} block ${handle}: participant ${owner} pins it, unpin it first`;
  return new MapFileError('ERR_BUSY', message, { owner });
}

/** The block is shorter than what was asked of it. */
export function tooSmall(
  handle: BlockHandle,
  byteLength: number,
  wanted: { readonly name: string; readonly byteLength: number },
): MapFileError<'ERR_TOO_SMALL'> {
  return new MapFileError(
    'ERR_TOO_SMALL',
    `Cannot use block ${handle} as ${wanted.name}: it has ${byteLength} bytes, expected ${wanted.byteLength}`,
    { byteLength, needed: wanted.byteLength },
  );
}

/** No room, for a new block or for one that `grows`. */
export function outOfMemory(
  context: MapFileErrorContexts['ERR_OUT_OF_MEMORY'],
  grows: BlockHandle | undefined,
): MapFileError<'ERR_OUT_OF_MEMORY'> {
  const { requested, free, largest, pinned } = context;
  const what =
    grows === undefined
      ? `allocate ${requested} bytes: ${free} are free`
      : `reallocate block ${grows} to ${requested} bytes: ${free} are free beside its own`;
  const message =
    `Cannot ${what}, the largest block has ${largest}, ${pinned} blocks are pinned; ` +
    'free or unpin some, or create a larger heap';
  return new MapFileError('ERR_OUT_OF_MEMORY', message, context);
}

/** A fixed table is full. */
export function tableFull(table: string, capacity: number, sentence: string): MapFileError<'ERR_TABLE_FULL'> {
  return new MapFileError('ERR_TABLE_FULL', `${sentence}, create the heap for more ${table}`, { table, capacity });
}

/** Where a heap was to be opened there is none; `name` is '' for memory. */
export function noHeap(name: string): MapFileError<'ERR_WRONG_KIND'> {
  const what = name === '' ? 'heap: this memory holds none' : `heap "${name}": the name is of something else`;
  const remedy = name === '' ? 'make one with create(), or pass the memory that has one' : 'use another name';
  return new MapFileError('ERR_WRONG_KIND', `Cannot open ${what}, ${remedy}`, { name, expected: 'heap' });
}

/** Where a heap was to be made something else stands. */
export function notVacant(): MapFileError<'ERR_WRONG_KIND'> {
  return new MapFileError(
    'ERR_WRONG_KIND',
    'Cannot create heap: this memory holds something else, pass other memory, or fill its first ' +
      `${HEADER_WORDS * WORD_BYTES} bytes with zeros if nobody uses it`,
    { name: '', expected: 'heap' },
  );
}
