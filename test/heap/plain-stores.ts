/** Makes the plain stores of the heap's cache visible to the death harness. Production pays nothing for it. */

import { HeapMemory } from '../../src/heap/heap-memory.ts';
import { point } from '../support/death.ts';

let watching = false;

export function watchPlainStores(): void {
  if (watching) return;
  watching = true;
  const put = HeapMemory.prototype.put;
  HeapMemory.prototype.put = function (word, value) {
    point();
    put.call(this, word, value);
  };
}
