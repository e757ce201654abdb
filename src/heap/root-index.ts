import { corrupt } from './heap-errors.ts';
import { HEADER } from './heap-layout.ts';
import type { HeapMemory } from './heap-memory.ts';
import { bucketsFor, ROOT, ROOT_STATE, ROOT_WORDS } from './root-layout.ts';
import type { RootName } from './root-name.ts';

const { rootsSeen: ROOTS_SEEN, freeRoot: FREE_ROOT } = HEADER;

/** Finds roots by the hash of their names, and free ones: a cache, but for the number of roots ever used. Roots count from 1. */
export class RootIndex {
  readonly #memory: HeapMemory;
  readonly #buckets: number;
  /** All ones below the number of buckets, which is a power of two. */
  readonly #mask: number;

  constructor(memory: HeapMemory) {
    const { rootTable, capacities } = memory;
    this.#memory = memory;
    this.#buckets = rootTable + capacities.roots * ROOT_WORDS;
    this.#mask = bucketsFor(capacities.roots) - 1;
  }

  /** First word of root `number`. */
  at(number: number): number {
    return this.#memory.rootTable + (number - 1) * ROOT_WORDS;
  }

  /** Roots above were never used. */
  get seen(): number {
    return Math.min(this.#memory.words[ROOTS_SEEN]! >>> 0, this.#memory.capacities.roots);
  }

  /** The root of that name; 0: none. @throws ERR_CORRUPT */
  find(name: RootName): number {
    if (this.#mask < 0) return 0;
    const { words } = this.#memory;
    const { seen } = this;
    let steps = 0;
    for (let number = words[this.#bucket(name.hash)]!; number !== 0; ) {
      const at = this.#linked(number, seen, steps++);
      if (words[at + ROOT.hash] === name.hash && this.#hasName(at, name)) return number;
      number = words[at + ROOT.next]!;
    }
    return 0;
  }

  #hasName(at: number, name: RootName): boolean {
    const { words } = this.#memory;
    if (words[at + ROOT.nameBytes] !== name.byteLength) return false;
    for (let n = 0; n < name.words.length; n++) if (words[at + ROOT.name + n] !== name.words[n]) return false;
    return true;
  }

  /** A root that has been given back, or was never used; 0: none. @throws ERR_CORRUPT */
  take(): number {
    const memory = this.#memory;
    const number = memory.words[FREE_ROOT]!;
    const { seen } = this;
    if (number !== 0) {
      const at = this.#linked(number, seen, 0);
      if (memory.words[at + ROOT.state] !== ROOT_STATE.free) throw corrupt`free root ${number} is in use`;
      memory.put(FREE_ROOT, memory.words[at + ROOT.next]!);
      return number;
    }
    if (seen === memory.capacities.roots) return 0;
    // Before the root is in force, for recovery looks no further.
    memory.put(ROOTS_SEEN, seen + 1);
    return seen + 1;
  }

  /** Takes back a root that is free again. */
  give(number: number): void {
    const memory = this.#memory;
    memory.put(this.at(number) + ROOT.next, memory.words[FREE_ROOT]!);
    memory.put(FREE_ROOT, number);
  }

  /** Lets a root be found, whose hash is written. */
  link(number: number): void {
    const memory = this.#memory;
    const at = this.at(number);
    const bucket = this.#bucket(memory.words[at + ROOT.hash]!);
    memory.put(at + ROOT.next, memory.words[bucket]!);
    memory.put(bucket, number);
  }

  /** Lets a root be found no more. @throws ERR_CORRUPT */
  unlink(number: number): void {
    const memory = this.#memory;
    const { words } = memory;
    const { seen } = this;
    const at = this.at(number);
    let link = this.#bucket(words[at + ROOT.hash]!);
    for (let steps = 0; words[link] !== number; steps++) link = this.#linked(words[link]!, seen, steps) + ROOT.next;
    memory.put(link, words[at + ROOT.next]!);
  }

  /** Makes the cache anew. */
  rebuild(): void {
    const memory = this.#memory;
    const { words } = memory;
    memory.put(FREE_ROOT, 0);
    words.fill(0, this.#buckets, this.#buckets + this.#mask + 1);
    for (let number = this.seen; number > 0; number--) {
      if (words[this.at(number) + ROOT.state] === ROOT_STATE.free) this.give(number);
      else this.link(number);
    }
  }

  /** What is wrong with the lists. */
  contradictions(): string[] {
    const { words } = this.#memory;
    const { seen } = this;
    const found = new Set<number>();
    const problems: string[] = [];
    const walk = (first: number, fits: (at: number) => boolean) => {
      for (let number = first; number !== 0; number = words[this.at(number) + ROOT.next]!) {
        const isRoot = number > 0 && number <= seen && !found.has(number);
        if (!isRoot || !fits(this.at(number))) {
          problems.push(`The lists of roots name ${number}, which does not belong there or was named before`);
          return;
        }
        found.add(number);
      }
    };
    const isFree = (at: number) => words[at + ROOT.state] === ROOT_STATE.free;
    walk(words[FREE_ROOT]!, isFree);
    for (let n = 0; n <= this.#mask; n++) {
      const bucket = this.#buckets + n;
      walk(words[bucket]!, (at) => !isFree(at) && this.#bucket(words[at + ROOT.hash]!) === bucket);
    }
    if (problems.length === 0 && found.size !== seen) problems.push(`${seen - found.size} roots are in no list`);
    return problems;
  }

  #bucket(hash: number): number {
    return this.#buckets + (hash & this.#mask);
  }

  /** First word of a root that a list names in its step `steps`. @throws ERR_CORRUPT */
  #linked(number: number, seen: number, steps: number): number {
    if (number <= 0 || number > seen) throw corrupt`the lists of roots name ${number} of ${seen}`;
    if (steps >= seen) throw corrupt`a list of roots has no end`;
    return this.at(number);
  }
}
