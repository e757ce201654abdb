import { show } from '../base/show.ts';
import { loneSurrogate } from '../codec/well-formed.ts';
import { WORD_BYTES } from './heap-layout.ts';
import { MAX_NAME_BYTES } from './root-layout.ts';

/** A checked name, as its root holds it. */
export interface RootName {
  readonly text: string;
  readonly byteLength: number;
  /** The bytes of the name, zeros behind them. */
  readonly words: Int32Array;
  readonly hash: number;
}

const encoder = new TextEncoder();

/** The name that passed last: who asks for one root again and again encodes it once. */
let last: RootName | undefined;

/** @throws TypeError, RangeError */
export function rootName(text: string): RootName {
  if (last === undefined || text !== last.text) last = encode(text);
  return last;
}

function encode(text: string): RootName {
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(`Cannot use ${show(text)} as the name of a root: pass a string that is not empty`);
  }
  if (loneSurrogate.test(text)) {
    throw new RangeError(`Cannot name root ${show(text)}: it has half a surrogate pair, which UTF-8 cannot hold`);
  }
  const bytes = new Uint8Array(MAX_NAME_BYTES);
  const { read, written } = encoder.encodeInto(text, bytes);
  if (read < text.length) {
    const byteLength = encoder.encode(text).length;
    throw new RangeError(`Cannot name root ${show(text)}: it takes ${byteLength} bytes, at most ${MAX_NAME_BYTES} fit`);
  }
  const words = new Int32Array(bytes.buffer, 0, Math.ceil(written / WORD_BYTES));
  return { text, byteLength: written, words, hash: hashOf(words) };
}

/** FNV-1a by words; the last step brings the high bits down to where buckets are told apart. */
function hashOf(words: Int32Array): number {
  let hash = 0x811c_9dc5 | 0;
  for (const word of words) {
    hash = Math.imul(hash ^ word, 0x0100_0193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}
