import { inspect } from 'node:util';
import { closedError } from '../base/errors.ts';
import { knownOptions } from '../base/known-options.ts';
import type { Memory } from '../base/memory.ts';
import type { ParticipantId } from '../base/participants.ts';
import type { AnyCodec, Codec } from '../codec/codec.ts';
import { MappedView } from '../memory/index.ts';
import { type AllocateOptions, BlockFiller, checkAllocateOptions, ownerOf } from './block-filler.ts';
import { type Compaction, type CompactOptions, compactInBursts } from './compact-in-bursts.ts';
import type { BlockHandle } from './handle-layout.ts';
import { byteLengthOf, checkCodec, checkedBytes, isCodec } from './heap-arguments.ts';
import { HeapCore } from './heap-core.ts';
import { busy } from './heap-errors.ts';
import { type HeapBlock, type HeapStats, heapBlocks, heapStats } from './heap-stats.ts';
import { NamedRoots } from './named-roots.ts';
import {
  createHeap,
  type HeapOptions,
  type HeapPlace,
  type OpenHeapOptions,
  openHeap,
  openOrCreateHeap,
} from './open-heap.ts';
import {
  type BlockOwner,
  blockOwners,
  checkedReclaim,
  type Reclaimed,
  type ReclaimOptions,
  reclaimBlocks,
} from './ownership.ts';
import { Pin, type PinOf, TypedPin, whilePinned } from './pin.ts';
import type { Root } from './root-directory.ts';
import { type HeapReport, verifyHeap } from './verify-heap.ts';

/**
 * A heap that several processes share, in named memory or any other. Blocks move when the heap is compacted, so they are
 * reached by handle and pinned to be touched; a handle is a number that any process may use.
 *
 * Nobody who is killed, at whatever store, blocks the others or breaks the heap: its pins vanish, its half-done operation
 * is completed or undone by the next one who takes the lock, and what it had allocated can be found (`owners`) and freed
 * (`reclaim`). Operations are synchronous and short; none waits for a pin.
 *
 * @example
 * ```ts
 * import { SharedHeap } from 'mapfile';
 *
 * const heap = SharedHeap.create(new ArrayBuffer(1 << 20));
 * const block = heap.allocate(1000);
 * heap.withPin(block, (pin) => pin.copyFrom(Buffer.from('hello')));
 * console.log(heap.size(block), heap.stats().blocks); // 1000 1
 * heap.free(block);
 * heap.close();
 * ```
 */
export class SharedHeap {
  /** The mapping's name; `''` over plain memory. */
  readonly name: string;
  /** Whether this call made the heap. */
  readonly created: boolean;
  readonly #core: HeapCore;
  readonly #roots: NamedRoots;
  readonly #filler: BlockFiller;
  readonly #release: () => void;

  private constructor(place: HeapPlace) {
    if (place?.range === undefined) {
      throw new TypeError('Cannot construct SharedHeap: use SharedHeap.create(), open() or openOrCreate()');
    }
    this.name = place.name;
    this.created = place.created;
    this.#release = place.release;
    try {
      this.#core = new HeapCore(place.range, place.participants, place.name !== '');
    } catch (error) {
      place.release();
      throw error;
    }
    this.#roots = new NamedRoots(this.#core);
    this.#filler = new BlockFiller(this.#core);
  }

  /**
   * Makes a heap. Others see all of it or nothing, also when several try at once or this process is killed in the middle.
   *
   * @param where a name, or any memory that starts at a multiple of 16 bytes and whose first 256 bytes are zero: a MappedView,
   * an ArrayBuffer, …
   * @param byteLength of the whole heap, its tables included; may be left out for memory, then it is all of it
   * @throws MapFileError ERR_NAME_EXISTS if there is a heap already, ERR_WRONG_KIND if the memory holds something else,
   * ERR_TOO_SMALL if no room is left beside its tables; by name as MappedView.create
   * @throws RangeError for capacities out of range
   */
  static create(where: string | Memory, byteLength?: number, options: HeapOptions = {}): SharedHeap {
    return new SharedHeap(createHeap(where, byteLength, options));
  }

  /**
   * Opens a heap that exists, for reading and writing.
   * @throws MapFileError ERR_NAME_NOT_FOUND, ERR_WRONG_KIND if the memory is no heap, ERR_TABLE_FULL if as many are open as it was made for
   */
  static open(where: string | Memory, options: OpenHeapOptions = {}): SharedHeap {
    return new SharedHeap(openHeap(where, options));
  }

  /**
   * Opens the heap, or makes it if there is none: one of those who race makes it, see `created`.
   * @throws MapFileError as `open` and `create` do; ERR_WRONG_KIND if something else stands there
   */
  static openOrCreate(where: string | Memory, byteLength?: number, options: HeapOptions = {}): SharedHeap {
    return new SharedHeap(openOrCreateHeap(where, byteLength, options));
  }

  /** Whether the name lives, be it a heap's or another's. */
  static exists(name: string): boolean {
    return MappedView.exists(name);
  }

  /** Takes the name away; who has the heap open keeps it. As MappedView.unlink. */
  static unlink(name: string): boolean {
    return MappedView.unlink(name);
  }

  /**
   * A new block of so many bytes (1 to 4,294,967,040), all zero. It starts at a multiple of 16 bytes of the heap, moves when
   * the heap is compacted, and belongs to this thread until another adopts it. If only fragmentation stands in the way,
   * the heap is compacted. Waits for the heap's lock: as long as a process that has it is stopped (SIGSTOP, a debugger).
   *
   * @throws MapFileError ERR_OUT_OF_MEMORY with what is free; the heap stays as it was. ERR_TABLE_FULL if no handle is left
   */
  allocate(byteLength: number, options?: AllocateOptions & { readonly initial?: ArrayBufferView }): BlockHandle;
  /** A new block that holds one value; zero without `initial`. What the codec throws leaves no block behind. */
  allocate<T, Live, Input>(
    codec: Codec<T, Live, Input>,
    options?: AllocateOptions & { readonly initial?: NoInfer<Input> },
  ): BlockHandle;
  allocate(
    size: number | Codec<unknown, unknown, unknown>,
    options?: AllocateOptions & { readonly initial?: unknown },
  ): BlockHandle {
    const core = this.#open();
    const byteLength = byteLengthOf(size);
    if (options === undefined) return this.#filler.allocate(size, byteLength, core.self, undefined);
    checkAllocateOptions(options);
    const owner = options.owner === undefined ? core.self : ownerOf(options.owner, core.self);
    const { initial } = options;
    if (options.uninitialized && initial === undefined) return core.allocate(byteLength, owner, false);
    return this.#filler.allocate(size, byteLength, owner, initial);
  }

  /**
   * Frees a block; its handle is stale from then on, in every process. Waits for the heap's lock, as `allocate` does.
   *
   * @throws MapFileError ERR_BUSY if a living thread (this one, too) pins it, ERR_STALE_HANDLE if it has been freed already,
   * ERR_INVALID_HANDLE if it is no handle of this heap
   */
  free(handle: BlockHandle): void {
    const holder = this.#open().free(handle);
    if (holder !== 0) throw busy('free', handle, holder);
  }

  /** Like `free`, but never waits: false if the block is pinned or somebody else works on the heap right now. */
  tryFree(handle: BlockHandle): boolean {
    const core = this.#open();
    return core.tryEnter() && core.freeAndLeave(handle) === 0;
  }

  /**
   * Gives a block another size. Its handle and its contents stay; bytes that are added are zero. A process that dies in the
   * middle leaves it with the old size or the new one, never without contents. If only the places of other blocks stand in
   * the way, they are moved: unless some are pinned, it is enough that the free bytes and the block's own are as many.
   *
   * @throws MapFileError ERR_BUSY if a living thread pins it, ERR_OUT_OF_MEMORY, ERR_STALE_HANDLE, ERR_INVALID_HANDLE
   */
  reallocate(handle: BlockHandle, byteLength: number): void {
    checkedBytes(byteLength);
    const core = this.#open();
    const holder = core.exclusive(() => core.resize(handle, byteLength));
    if (holder !== 0) throw busy('reallocate', handle, holder);
  }

  /** The size of a block in bytes. @throws MapFileError ERR_STALE_HANDLE, ERR_INVALID_HANDLE */
  size(handle: BlockHandle): number {
    const { table } = this.#open();
    const byteLength = table.byteLength(table.live(handle));
    table.live(handle);
    return byteLength;
  }

  /** Whether a number, from wherever it came, is the handle of a block that lives. */
  has(handle: number): handle is BlockHandle {
    const { table } = this.#open();
    return table.isHandle(handle);
  }

  /**
   * The handle that a number stands for which came by another way: from a file, the network, standard input.
   * @throws MapFileError ERR_STALE_HANDLE, ERR_INVALID_HANDLE
   */
  handle(value: number): BlockHandle {
    this.#open().table.live(value as BlockHandle);
    return value as BlockHandle;
  }

  /**
   * Holds a block in place, so that its bytes can be touched; give it up by `unpin()` soon, for the compactor steps over it.
   * With a codec, the pin has the block's `value`. Costs no system call, and does not exclude others: see {@link Pin}.
   *
   * @throws MapFileError ERR_STALE_HANDLE, ERR_INVALID_HANDLE, ERR_TOO_SMALL if the codec's value does not fit,
   * ERR_TABLE_FULL if this thread holds as many pins as the heap was made for
   */
  pin(handle: BlockHandle): Pin;
  pin<C extends AnyCodec>(handle: BlockHandle, codec: C): PinOf<C>;
  pin(handle: BlockHandle, codec?: AnyCodec): Pin {
    const core = this.#open();
    return codec === undefined ? new Pin(core, handle) : typedPin(core, handle, codec);
  }

  /** Pins a block while `fn` runs; if that returns a Promise, until it is settled. */
  withPin<R>(handle: BlockHandle, fn: (pin: Pin) => R): R;
  withPin<C extends AnyCodec, R>(handle: BlockHandle, codec: C, fn: (pin: PinOf<C>) => R): R;
  withPin<R>(handle: BlockHandle, codecOrFn: AnyCodec | ((pin: Pin) => R), fn?: (pin: never) => R): R {
    // A class of `structClass` is a codec and a function.
    if (fn === undefined && !isCodec(codecOrFn)) return whilePinned(this.pin(handle), codecOrFn);
    return whilePinned(this.pin(handle, codecOrFn as AnyCodec), fn as (pin: Pin) => R);
  }

  /**
   * Moves blocks together, so that the free bytes become one piece. Steps over pinned blocks and waits for none; others get
   * their turn in between, and every block stays reachable all the while.
   */
  compact(options: CompactOptions = {}): Compaction {
    const core = this.#open();
    return compactInBursts(core, options);
  }

  /** Makes this thread answer for a block: what `reclaim()` of others then leaves alone. */
  adopt(handle: BlockHandle): void {
    this.#setOwner(handle, this.#open().self);
  }

  /** Lets nobody answer for a block: `reclaim()` never frees it. For blocks that a structure in the heap links to. */
  disown(handle: BlockHandle): void {
    this.#setOwner(handle, 0);
  }

  /** Who answers for how much, the dead included; disowned blocks are nobody's. */
  owners(): BlockOwner[] {
    const core = this.#open();
    return core.exclusive(() => blockOwners(core));
  }

  /**
   * Frees the blocks whose owner is dead: what it had allocated and handed to nobody. Pinned blocks, roots and what `keep`
   * names stay. Whoever receives a handle from another thread should `adopt` its block, or name it in `keep`.
   */
  reclaim(options: ReclaimOptions = {}): Reclaimed {
    const core = this.#open();
    const { only, keep } = checkedReclaim(options);
    return core.exclusive(() => reclaimBlocks(core, only, keep));
  }

  /**
   * Names a block, or with `null` takes the name away (the block stays). A codec's fingerprint is kept with the name.
   * @throws MapFileError ERR_TABLE_FULL, ERR_STALE_HANDLE, ERR_INVALID_HANDLE, ERR_TOO_SMALL
   */
  setRoot(name: string, handle: BlockHandle | null, codec?: AnyCodec): void {
    this.#open();
    this.#roots.set(name, handle, codec);
  }

  /**
   * The block of that name; undefined if there is none, or it has been freed.
   * @throws MapFileError ERR_LAYOUT_MISMATCH if it was named with another codec, ERR_TOO_SMALL
   */
  getRoot(name: string, codec?: AnyCodec): BlockHandle | undefined {
    this.#open();
    return this.#roots.get(name, codec);
  }

  /** Every name whose block lives. */
  roots(): Root[] {
    this.#open();
    return this.#roots.list();
  }

  /**
   * The block of that name, allocated if there is none. Of several threads that race, one wins and all get its block, which
   * starts zero or as `initial` says; nobody sees it before it is filled.
   *
   * @throws MapFileError as `getRoot` and `allocate` do; ERR_TOO_SMALL if the block of that name has fewer bytes
   */
  findOrAllocate<T, Live, Input>(
    name: string,
    size: number | Codec<T, Live, Input>,
    options: { readonly initial?: NoInfer<Input> } = {},
  ): BlockHandle {
    byteLengthOf(size);
    knownOptions('find or allocate', options, ['initial']);
    this.#open();
    const found = this.#roots.find(name, size);
    if (found !== undefined) return found;
    const mine = this.allocate(size as Codec<T, Live, Input>, options);
    let winner: BlockHandle | undefined;
    try {
      winner = this.#roots.findOrSet(name, size, mine);
    } finally {
      if (winner !== mine) this.free(mine);
    }
    return winner;
  }

  /** A snapshot of the heap in figures. */
  stats(): HeapStats {
    const core = this.#open();
    return core.exclusive(() => heapStats(core));
  }

  /** Every piece of the block area from the front, free ones too: for a picture of the heap. */
  blocks(): HeapBlock[] {
    const core = this.#open();
    return core.exclusive(() => heapBlocks(core));
  }

  /** Checks every invariant of the heap. Never throws for what it finds: see `ok` and print the report. */
  verify(): HeapReport {
    const core = this.#open();
    return core.inspect((obstacle) => verifyHeap(core, obstacle));
  }

  /** Whether `close()` was called. */
  get closed(): boolean {
    return !this.#core.joined;
  }

  /** Leaves the heap: this object's pins are dropped, its blocks stay. Harmless when done already. */
  close(): void {
    if (this.closed) return;
    try {
      this.#core.part();
    } finally {
      this.#release();
    }
  }

  /** `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  static {
    Object.defineProperty(SharedHeap.prototype, inspect.custom, {
      value(this: SharedHeap, _depth: number, options: object): string {
        if (this.closed) return 'SharedHeap { closed }';
        const { byteLength, used, blocks, pinned, fragmentation } = this.stats();
        const name = this.name === '' ? {} : { name: this.name };
        return `SharedHeap ${inspect({ ...name, byteLength, used, blocks, pinned, fragmentation }, options)}`;
      },
    });
  }

  #open(): HeapCore {
    if (!this.#core.joined) throw closedError('this heap');
    return this.#core;
  }

  #setOwner(handle: BlockHandle, owner: ParticipantId | 0): void {
    const core = this.#open();
    core.exclusive(() => core.table.setOwner(core.table.live(handle), owner));
  }
}

function typedPin(core: HeapCore, handle: BlockHandle, codec: AnyCodec): Pin {
  checkCodec(`pin block ${handle}`, codec);
  return new TypedPin(core, handle, codec);
}
