import { type BlockHandle, generationOfHandle, indexOfHandle, packHandle } from './handle-layout.ts';
import type { HandleTable } from './handle-table.ts';
import { tableFull } from './heap-errors.ts';
import { WORD_BYTES } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';
import { RootIndex } from './root-index.ts';
import { MAX_NAME_BYTES, ROOT, ROOT_STATE, SLOT } from './root-layout.ts';
import type { RootName } from './root-name.ts';

/** A named block. */
export interface Root {
  readonly name: string;
  readonly handle: BlockHandle;
  /** 16 hexadecimal digits; all 0 if the root was set without a codec. */
  readonly fingerprint: string;
}

export const NO_FINGERPRINT = '0000000000000000';

/** Names for blocks. Every method wants the heap's lock. */
export class RootDirectory {
  /** The lists by which roots are found. */
  readonly index: RootIndex;
  readonly #memory: HeapMemory;
  readonly #table: HandleTable;

  constructor(memory: HeapMemory, table: HandleTable) {
    this.index = new RootIndex(memory);
    this.#memory = memory;
    this.#table = table;
  }

  /** The number of the root of that name, if its block lives; 0: none. */
  find(name: RootName): number {
    const number = this.index.find(name);
    return number !== 0 && this.#block(number) !== undefined ? number : 0;
  }

  /** The block of a root that `find` has found. */
  handle(number: number): BlockHandle {
    return this.#handle(this.#slot(number));
  }

  fingerprint(number: number): string {
    const slot = this.#slot(number);
    const hex = (word: number) => (this.#memory.words[word]! >>> 0).toString(16).padStart(8, '0');
    return hex(slot + SLOT.fingerprint) + hex(slot + SLOT.fingerprint + 1);
  }

  /** @throws ERR_TABLE_FULL */
  set(name: RootName, handle: BlockHandle, fingerprint: string): void {
    const memory = this.#memory;
    const { words } = memory;
    const found = this.index.find(name);
    const number = found || this.#unused(name);
    const at = this.index.at(number);
    const state = words[at + ROOT.state];
    const next = state === ROOT_STATE.slotA ? ROOT_STATE.slotB : ROOT_STATE.slotA;
    const slot = at + (next === ROOT_STATE.slotA ? ROOT.slotA : ROOT.slotB);
    memory.put(slot + SLOT.index, indexOfHandle(handle));
    memory.put(slot + SLOT.generation, generationOfHandle(handle));
    memory.put(slot + SLOT.fingerprint, Number.parseInt(fingerprint.slice(0, 8), 16));
    memory.put(slot + SLOT.fingerprint + 1, Number.parseInt(fingerprint.slice(8), 16));
    if (found === 0) {
      memory.put(at + ROOT.nameBytes, name.byteLength);
      memory.put(at + ROOT.hash, name.hash);
      words.set(name.words, at + ROOT.name);
    }
    // ORDER: the slot and the name are written; a death before this leaves the old root, or none.
    Atomics.store(words, at + ROOT.state, next);
    if (found === 0) this.index.link(number);
  }

  delete(name: RootName): void {
    const number = this.index.find(name);
    if (number !== 0) this.#remove(number);
  }

  /** Every root whose block lives. */
  list(): Root[] {
    const roots: Root[] = [];
    const { seen } = this.index;
    for (let number = 1; number <= seen; number++) {
      const handle = this.#block(number);
      if (handle === undefined) continue;
      roots.push({ name: this.#name(number), handle, fingerprint: this.fingerprint(number) });
    }
    return roots;
  }

  /** The block of a root in force, if it lives. */
  #block(number: number): BlockHandle | undefined {
    const { words, capacities } = this.#memory;
    const state = words[this.index.at(number) + ROOT.state];
    if (state !== ROOT_STATE.slotA && state !== ROOT_STATE.slotB) return undefined;
    const slot = this.#slot(number);
    const index = words[slot + SLOT.index]!;
    if (index <= 0 || index >= capacities.handles) return undefined;
    const handle = this.#handle(slot);
    return this.#table.isLive(handle, index) ? handle : undefined;
  }

  /** First word of the slot in force. */
  #slot(number: number): number {
    const at = this.index.at(number);
    return at + (this.#memory.words[at + ROOT.state] === ROOT_STATE.slotB ? ROOT.slotB : ROOT.slotA);
  }

  #handle(slot: number): BlockHandle {
    const { words } = this.#memory;
    return packHandle(words[slot + SLOT.index]!, words[slot + SLOT.generation]!);
  }

  #name(number: number): string {
    const at = this.index.at(number);
    const start = (at + ROOT.name) * WORD_BYTES;
    const length = Math.min(this.#memory.words[at + ROOT.nameBytes]!, MAX_NAME_BYTES);
    return Buffer.from(this.#memory.bytes.slice(start, start + length)).toString('utf8');
  }

  #remove(number: number): void {
    // ORDER: one store takes the name away; the lists, a cache, follow.
    Atomics.store(this.#memory.words, this.index.at(number) + ROOT.state, ROOT_STATE.free);
    this.index.unlink(number);
    this.index.give(number);
  }

  #unused(name: RootName): number {
    const number = this.index.take() || (this.#sweep() ? this.index.take() : 0);
    if (number !== 0) return number;
    const capacity = this.#memory.capacities.roots;
    throw tableFull('roots', capacity, `Cannot set root "${name.text}": all ${capacity} roots are taken`);
  }

  /** Removes the roots whose blocks have been freed; whether there were any. */
  #sweep(): boolean {
    let found = false;
    for (let number = this.index.seen; number > 0; number--) {
      if (this.#block(number) !== undefined) continue;
      this.#remove(number);
      found = true;
    }
    return found;
  }
}
