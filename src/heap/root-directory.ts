import { loneSurrogate } from '../codec/well-formed.ts';
import { type BlockHandle, generationOfHandle, indexOfHandle, packHandle } from './handle-layout.ts';
import type { HandleTable } from './handle-table.ts';
import { tableFull } from './heap-errors.ts';
import { WORD_BYTES } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';
import { MAX_NAME_BYTES, ROOT, ROOT_STATE, ROOT_WORDS, SLOT } from './root-layout.ts';

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
  readonly #memory: HeapMemory;
  readonly #table: HandleTable;

  constructor(memory: HeapMemory, table: HandleTable) {
    this.#memory = memory;
    this.#table = table;
  }

  get(name: RootName): Root | undefined {
    const at = this.#find(name);
    return at === 0 ? undefined : this.#read(at);
  }

  /** @throws ERR_TABLE_FULL */
  set(name: RootName, handle: BlockHandle, fingerprint: string): void {
    const { words } = this.#memory;
    const at = this.#find(name) || this.#unused(name);
    const state = words[at + ROOT.state];
    const next = state === ROOT_STATE.slotA ? ROOT_STATE.slotB : ROOT_STATE.slotA;
    const slot = at + (next === ROOT_STATE.slotA ? ROOT.slotA : ROOT.slotB);
    this.#memory.put(slot + SLOT.index, indexOfHandle(handle));
    this.#memory.put(slot + SLOT.generation, generationOfHandle(handle));
    this.#memory.put(slot + SLOT.fingerprint, Number.parseInt(fingerprint.slice(0, 8), 16));
    this.#memory.put(slot + SLOT.fingerprint + 1, Number.parseInt(fingerprint.slice(8), 16));
    if (state === ROOT_STATE.free) {
      this.#memory.put(at + ROOT.nameBytes, name.bytes.length);
      this.#memory.bytes.set(name.bytes, (at + ROOT.name) * WORD_BYTES);
    }
    // ORDER: the slot and the name are written; a death before this leaves the old root, or none.
    Atomics.store(words, at + ROOT.state, next);
  }

  delete(name: RootName): boolean {
    const at = this.#find(name);
    if (at === 0) return false;
    // ORDER: one store takes the name away.
    Atomics.store(this.#memory.words, at + ROOT.state, ROOT_STATE.free);
    return true;
  }

  /** Every root whose block lives. */
  list(): Root[] {
    const roots: Root[] = [];
    for (const at of this.#places()) {
      const root = this.#read(at);
      if (root) roots.push(root);
    }
    return roots;
  }

  #read(at: number): Root | undefined {
    const { words } = this.#memory;
    const state = words[at + ROOT.state];
    if (state !== ROOT_STATE.slotA && state !== ROOT_STATE.slotB) return undefined;
    const slot = at + (state === ROOT_STATE.slotA ? ROOT.slotA : ROOT.slotB);
    const index = words[slot + SLOT.index]!;
    const handle = packHandle(index, words[slot + SLOT.generation]!);
    if (index <= 0 || index >= this.#memory.capacities.handles || !this.#table.isLive(handle, index)) return undefined;
    const hex = (word: number) => (words[word]! >>> 0).toString(16).padStart(8, '0');
    const fingerprint = hex(slot + SLOT.fingerprint) + hex(slot + SLOT.fingerprint + 1);
    return { name: this.#name(at), handle, fingerprint };
  }

  #name(at: number): string {
    const start = (at + ROOT.name) * WORD_BYTES;
    const length = Math.min(this.#memory.words[at + ROOT.nameBytes]!, MAX_NAME_BYTES);
    return Buffer.from(this.#memory.bytes.slice(start, start + length)).toString('utf8');
  }

  #find(name: RootName): number {
    const { words, bytes } = this.#memory;
    for (const at of this.#places()) {
      if (words[at + ROOT.state] === ROOT_STATE.free || words[at + ROOT.nameBytes] !== name.bytes.length) continue;
      const start = (at + ROOT.name) * WORD_BYTES;
      if (name.bytes.every((byte, i) => bytes[start + i] === byte)) return at;
    }
    return 0;
  }

  #unused(name: RootName): number {
    for (const at of this.#places()) {
      if (this.#read(at)) continue;
      if (this.#memory.words[at + ROOT.state] !== ROOT_STATE.free) {
        // ORDER: the old name goes before the new one is written over it.
        Atomics.store(this.#memory.words, at + ROOT.state, ROOT_STATE.free);
      }
      return at;
    }
    const capacity = this.#memory.capacities.roots;
    throw tableFull('roots', capacity, `Cannot set root "${name.text}": all ${capacity} roots are taken`);
  }

  *#places(): Generator<number> {
    const { rootTable, capacities } = this.#memory;
    for (let number = 0; number < capacities.roots; number++) yield rootTable + number * ROOT_WORDS;
  }
}

/** A checked name. */
export interface RootName {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** @throws TypeError, RangeError */
export function rootName(text: string): RootName {
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(`Cannot use ${JSON.stringify(text)} as the name of a root: pass a string that is not empty`);
  }
  if (loneSurrogate.test(text)) {
    throw new RangeError(
      `Cannot name root ${JSON.stringify(text)}: it has half a surrogate pair, which UTF-8 cannot hold`,
    );
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_NAME_BYTES) {
    throw new RangeError(`Cannot name root "${text}": it takes ${bytes.length} bytes, at most ${MAX_NAME_BYTES} fit`);
  }
  return { text, bytes };
}
