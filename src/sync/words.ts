import { closedError, readOnlyError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import { show } from '../base/show.ts';
import { BYTE_LENGTH as WORD } from './lock-word-layout.ts';

/** `words` as long as their memory is open. @throws TypeError ERR_CLOSED; Atomics would throw one without a code */
export function stillOpen(words: Int32Array, what: string): Int32Array {
  if (words.length === 0) throw wordsClosed(what);
  return words;
}

/** For paths that are too fast for {@link stillOpen}: the error of words whose length is 0. */
export function wordsClosed(what: string): TypeError {
  return closedError(`the memory of ${what}`);
}

/** The 32-bit words of the primitive `what` at `byteOffset`, through which all of its Atomics go. */
export function wordsOf(range: MemoryRange, byteOffset: number, byteLength: number, what: string): Int32Array {
  if (range.access === 'read') throw readOnlyError(`the memory of ${what}`);
  if (range.access === 'copy-on-write') {
    throw new TypeError(
      `Cannot place ${what} in copy-on-write memory: other processes would not see it, open it with { access: 'readwrite' }`,
    );
  }
  const { dataView } = range;
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset + byteLength > dataView.byteLength) {
    throw new RangeError(
      `Cannot place ${what} at offset ${show(byteOffset)}: it needs ${byteLength} of the memory's ${dataView.byteLength} bytes`,
    );
  }
  const start = dataView.byteOffset + byteOffset;
  if (start % WORD !== 0) {
    throw new RangeError(`Cannot place ${what} at offset ${byteOffset}: the address must be a multiple of ${WORD}`);
  }
  return new Int32Array(dataView.buffer, start, byteLength / WORD);
}
