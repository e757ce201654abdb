/** Contents that show by themselves whether they are all there: a random word, repeated to the last byte. */
import { randomInt } from 'node:crypto';
import type { MappedView } from '../../../src/memory/mapped-view.ts';

export function wholeContents(byteLength: number): Uint32Array {
  return new Uint32Array(byteLength / 4).fill(randomInt(1, 2 ** 32));
}

export function whole(view: MappedView): boolean {
  const words = new Uint32Array(view.toBytes().buffer);
  return words[0] !== 0 && words.every((word) => word === words[0]);
}
