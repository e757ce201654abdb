/**
 * Death at every store of the heap: each operation of a random history is done over and over, by a fresh participant that
 * dies at its 1st, 2nd, … last store; each time another one takes over and checks everything that was there.
 *
 * Import before the heap itself: it makes the plain stores of the cache visible to the harness, too.
 */
import assert from 'node:assert/strict';
import { type Codec, defineCodec } from '../../src/codec/index.ts';
import { type BlockHandle, type Pin, SharedHeap } from '../../src/heap/index.ts';
import { run } from '../support/death.ts';
import { World } from '../support/participants.ts';
import { watchPlainStores } from './plain-stores.ts';

watchPlainStores();

const Pair: Codec<number> = defineCodec<number>({
  name: 'pair',
  byteLength: 24,
  byteAlignment: 4,
  read: (view, at) => view.getUint32(at, true),
  write(view, at, value) {
    view.setUint32(at, value, true);
    view.setUint32(at + 20, value, true);
  },
});

/** xorshift32: a history can be told again by its seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to below `sides`. */
  roll(sides: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % sides;
  }
}

/** What the survivors must find. */
interface Facts {
  readonly blocks: Map<BlockHandle, Uint8Array>;
  readonly roots: Map<string, BlockHandle>;
}

/** One operation: what it does, and what may be found after a death in its middle. */
interface Step {
  readonly what: string;
  act(heap: SharedHeap): void;
  /** The facts if it was not done, and if it was. Blocks that only the dead knew are found by their owner. */
  readonly before: Facts;
  readonly after: () => Facts;
  /** The block whose bytes were being written. */
  readonly writing?: BlockHandle;
  /** The block that was the dead one's own for a moment. */
  readonly adopting?: BlockHandle;
}

export interface Tally {
  points: number;
  recoveries: number;
  byOperation: Record<string, number>;
}

const HEAP_BYTES = 20_480;
const OPTIONS = { handles: 28, threads: 4, pins: 4, roots: 3 };
/** The last one is too large to be parked. */
const SIZES = [1, 16, 17, 40, 100, 250, 600, 1500, 4300];

/** A history of operations in one heap. */
export class History {
  readonly #world = new World();
  readonly #dice: Dice;
  readonly #memory = new ArrayBuffer(HEAP_BYTES);
  readonly #bytes = new Uint8Array(this.#memory);
  /** Lives all the time, and holds a pin that nobody may disturb. */
  readonly #keeper: SharedHeap;
  readonly #held: { readonly pin: Pin; readonly bytes: Uint8Array; readonly handle: BlockHandle };
  readonly #tally: Tally;
  #facts: Facts = { blocks: new Map(), roots: new Map() };
  #fill = 1;

  constructor(seed: number, tally: Tally) {
    this.#dice = new Dice(seed);
    this.#tally = tally;
    this.#keeper = SharedHeap.create(this.#memory, undefined, { ...OPTIONS, participants: this.#world.spawn() });
    const first = this.#keeper.allocate(300);
    const handle = this.#keeper.allocate(77, { owner: 'nobody' });
    const bytes = this.#pattern(77);
    const pin = this.#keeper.pin(handle);
    pin.copyFrom(bytes);
    this.#keeper.free(first); // a gap in front of the pinned block
    this.#held = { pin, bytes, handle };
    this.#facts.blocks.set(handle, bytes);
  }

  /** Does `operations`, dying at every store of each; `again` also dies at every store of every so-many-th recovery. */
  play(operations: number, again: number): void {
    for (let n = 0; n < operations; n++) this.#visit(this.#choose(), again);
  }

  #visit(step: Step, again: number): void {
    const base = this.#bytes.slice();
    for (let dieAt = 1; ; dieAt++) {
      const dead = this.#attempt(step, dieAt);
      if (!dead) break;
      this.#tally.points += 1;
      this.#tally.byOperation[step.what] = (this.#tally.byOperation[step.what] ?? 0) + 1;
      if (again > 0 && this.#tally.points % again === 0) this.#dieInRecovery(step, dieAt);
      this.#check(step, `${step.what} died at store ${dieAt}`);
      this.#bytes.set(base);
    }
    this.#facts = step.after();
    this.#check(undefined, step.what);
  }

  /** Whether it died. A living one leaves the heap again. */
  #attempt(step: Step, dieAt: number): boolean {
    const participants = this.#world.spawn();
    let heap: SharedHeap | undefined;
    const { died } = run(() => {
      heap = SharedHeap.open(this.#memory, { participants });
      step.act(heap);
      heap.close();
    }, dieAt);
    if (died) this.#world.kill(participants.self);
    return died;
  }

  #dieInRecovery(step: Step, dieAt: number): void {
    const wreck = this.#bytes.slice();
    for (let again = 1; ; again++) {
      const participants = this.#world.spawn();
      const { died } = run(() => {
        SharedHeap.open(this.#memory, { participants }).close();
      }, again);
      if (!died) break;
      this.#world.kill(participants.self);
      this.#tally.recoveries += 1;
      this.#check(step, `${step.what} died at store ${dieAt}, its recovery at store ${again}`);
      this.#bytes.set(wreck);
    }
    this.#bytes.set(wreck);
  }

  /** Opens the heap as one more participant and looks at everything. `step`: the one that was interrupted. */
  #check(step: Step | undefined, when: string): void {
    const participants = this.#world.spawn();
    const heap = SharedHeap.open(this.#memory, { participants });
    const report = heap.verify();
    assert.ok(report.ok, `${when}: ${report}`);
    const held = new Uint8Array(this.#held.bytes.length);
    this.#held.pin.copyTo(held);
    assert.deepEqual(held, this.#held.bytes, `${when}: a pinned block moved`);
    if (step) {
      const problems = [step.before, step.after()].map((facts) => this.#differ(heap, facts, step.writing));
      assert.ok(problems.includes(undefined), `${when}: ${problems.join('; ')}`);
    } else assert.equal(this.#differ(heap, this.#facts, undefined), undefined, when);
    if (step) this.#goOn(heap, step, when);
    heap.close();
    this.#world.kill(participants.self);
  }

  /** The dead left nothing behind that cannot be freed, and the heap can be used. */
  #goOn(heap: SharedHeap, step: Step, when: string): void {
    assert.equal(heap.stats().pinned, 1, `${when}: only the keeper's pin is left`);
    const known = [...step.before.blocks.keys()].filter((block) => heap.has(block) && block !== step.adopting);
    heap.reclaim();
    for (const block of known) assert.ok(heap.has(block), `${when}: block ${block} was nobody's, and was reclaimed`);
    const dead = heap.owners().filter((owner) => !owner.alive);
    const rooted = heap.roots().length;
    assert.ok(dead.reduce((sum, owner) => sum + owner.blocks, 0) <= rooted, `${when}: blocks of the dead stay`);
    const block = heap.allocate(33);
    heap.withPin(block, (pin) => pin.fill(0xee));
    heap.compact();
    heap.free(block);
    const report = heap.verify();
    assert.ok(report.ok, `${when}, then went on: ${report}`);
    const held = new Uint8Array(this.#held.bytes.length);
    this.#held.pin.copyTo(held);
    assert.deepEqual(held, this.#held.bytes, `${when}, then went on: a pinned block moved`);
  }

  /** How the heap differs from the facts; undefined: not at all. */
  #differ(heap: SharedHeap, facts: Facts, writing: BlockHandle | undefined): string | undefined {
    for (const [handle, bytes] of facts.blocks) {
      if (!heap.has(handle)) return `block ${handle} is lost`;
      if (heap.size(handle) !== bytes.length)
        return `block ${handle} has ${heap.size(handle)} bytes, not ${bytes.length}`;
      if (handle === writing) continue;
      const seen = new Uint8Array(bytes.length);
      heap.withPin(handle, (pin) => pin.copyTo(seen));
      const at = seen.findIndex((byte, i) => byte !== bytes[i]);
      if (at >= 0)
        return `byte ${at} of block ${handle} (${bytes.length} bytes) changed from ${bytes[at]} to ${seen[at]}`;
    }
    const own = [...facts.blocks.keys()];
    const dead = heap.owners().filter((owner) => !owner.alive);
    const stray = dead.reduce((sum, owner) => sum + owner.blocks, 0);
    // Not from stats(): parked blocks shall stay parked.
    const { blocks } = heap.verify();
    if (blocks > own.length + stray)
      return `${blocks} blocks are there, ${own.length} are known, ${stray} were the dead's`;
    for (const name of ['a', 'b', 'c', 'd']) {
      const root = heap.getRoot(name);
      if (root !== facts.roots.get(name)) return `root ${name} is ${root}, not ${facts.roots.get(name)}`;
    }
    return undefined;
  }

  #pattern(length: number): Uint8Array {
    const key = this.#fill++;
    return Uint8Array.from({ length }, (_, i) => (key * 31 + i * 7) & 255);
  }

  #pick(): BlockHandle | undefined {
    const free = [...this.#facts.blocks.keys()].filter((handle) => handle !== this.#held.handle);
    return free[this.#dice.roll(Math.max(1, free.length))];
  }

  #choose(): Step {
    const kind = this.#dice.roll(100);
    const handle = this.#pick();
    if (handle === undefined || kind < 32) return this.#allocate();
    if (kind < 50) return this.#free(handle);
    if (kind < 70) return this.#reallocate(handle);
    if (kind < 78) return this.#compact();
    if (kind < 84) return this.#root(handle);
    if (kind < 88) return this.#findOrAllocate();
    if (kind < 92) return this.#own(handle);
    return this.#write(handle);
  }

  #step(
    what: string,
    act: (heap: SharedHeap) => void,
    change: (facts: Facts) => void,
    touched: Pick<Step, 'writing' | 'adopting'> = {},
  ): Step {
    const before = this.#facts;
    const after = () => {
      const facts = { blocks: new Map(before.blocks), roots: new Map(before.roots) };
      change(facts);
      for (const [name, handle] of facts.roots) if (!facts.blocks.has(handle)) facts.roots.delete(name);
      return facts;
    };
    return { what, act, before, after, ...touched };
  }

  /** As another process would: allocate, fill, hand on. Dying before the end leaves a block that is the dead's. */
  #allocate(): Step {
    const size = SIZES[this.#dice.roll(SIZES.length)]!;
    const bytes = this.#pattern(size);
    const uninitialized = this.#dice.roll(2) === 0;
    let handle: BlockHandle | undefined;
    return this.#step(
      'allocate',
      (heap) => {
        handle = undefined;
        try {
          handle = heap.allocate(size, { uninitialized, initial: bytes });
        } catch (error) {
          const { code } = error as { code?: string };
          if (code !== 'ERR_OUT_OF_MEMORY' && code !== 'ERR_TABLE_FULL') throw error;
          return;
        }
        heap.disown(handle);
      },
      (facts) => {
        // Once disowned it must be whole; before, the owner tag finds it.
        if (handle !== undefined) facts.blocks.set(handle, bytes);
      },
    );
  }

  #free(handle: BlockHandle): Step {
    const tries = this.#dice.roll(2) === 0;
    return this.#step(
      'free',
      (heap) => void (tries ? heap.tryFree(handle) : heap.free(handle)),
      (facts) => facts.blocks.delete(handle),
    );
  }

  #reallocate(handle: BlockHandle): Step {
    const old = this.#facts.blocks.get(handle)!;
    const size =
      this.#dice.roll(3) === 0 ? old.length + 1 + this.#dice.roll(40) : SIZES[this.#dice.roll(SIZES.length)]!;
    const bytes = new Uint8Array(size);
    bytes.set(old.subarray(0, size));
    let refused = false;
    return this.#step(
      size < old.length ? 'reallocate, shorter' : 'reallocate, longer',
      (heap) => {
        refused = false;
        try {
          heap.reallocate(handle, size);
        } catch (error) {
          if ((error as { code?: string }).code !== 'ERR_OUT_OF_MEMORY') throw error;
          refused = true;
        }
      },
      (facts) => !refused && facts.blocks.set(handle, bytes),
    );
  }

  #compact(): Step {
    const maxBytes = this.#dice.roll(2) === 0 ? 500 : 100_000;
    return this.#step(
      'compact',
      (heap) => void heap.compact({ maxBytes }),
      () => {},
    );
  }

  #root(handle: BlockHandle): Step {
    const name = 'abcd'[this.#dice.roll(4)]!;
    const remove = this.#dice.roll(4) === 0;
    let refused = false;
    return this.#step(
      'setRoot',
      (heap) => {
        refused = false;
        try {
          heap.setRoot(name, remove ? null : handle);
        } catch (error) {
          if ((error as { code?: string }).code !== 'ERR_TABLE_FULL') throw error;
          refused = true;
        }
      },
      (facts) => {
        if (remove) facts.roots.delete(name);
        else if (!refused) facts.roots.set(name, handle);
      },
    );
  }

  #findOrAllocate(): Step {
    const name = 'abcd'[this.#dice.roll(4)]!;
    const value = this.#fill++;
    const found = this.#facts.roots.get(name);
    let handle: BlockHandle | undefined;
    return this.#step(
      'findOrAllocate',
      (heap) => {
        handle = undefined;
        try {
          handle = heap.findOrAllocate(
            name,
            found === undefined ? Pair : 1,
            found === undefined ? { initial: value } : {},
          );
        } catch (error) {
          const { code } = error as { code?: string };
          if (code !== 'ERR_OUT_OF_MEMORY' && code !== 'ERR_TABLE_FULL') throw error;
          return;
        }
        if (found === undefined) heap.disown(handle);
      },
      (facts) => {
        if (found !== undefined) return;
        // Linked before the call returned, perhaps.
        const at = handle ?? this.#rooted(name);
        if (at === undefined) return;
        const bytes = new Uint8Array(24);
        Pair.write(bytes, 0, value);
        facts.blocks.set(at, bytes);
        facts.roots.set(name, at);
      },
    );
  }

  #rooted(name: string): BlockHandle | undefined {
    return this.#keeper.getRoot(name);
  }

  #own(handle: BlockHandle): Step {
    return this.#step(
      'adopt and disown',
      (heap) => {
        heap.adopt(handle);
        heap.disown(handle);
      },
      () => {},
      { adopting: handle },
    );
  }

  #write(handle: BlockHandle): Step {
    const bytes = this.#pattern(this.#facts.blocks.get(handle)!.length);
    return this.#step(
      'pin, write, unpin',
      (heap) => heap.withPin(handle, (pin) => pin.copyFrom(bytes)),
      (facts) => facts.blocks.set(handle, bytes),
      { writing: handle },
    );
  }
}
