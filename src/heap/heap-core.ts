import { isMapFileError, type MapFileError } from '../base/errors.ts';
import { type MemoryRange, offsetKey } from '../base/memory.ts';
import type { ParticipantId, Participants } from '../base/participants.ts';
import { LockWord } from '../sync/lock-word.ts';
import { BlockArea } from './block-area.ts';
import { payloadBytes, UNIT_BYTES, unitsFor } from './block-layout.ts';
import { type Budget, Compactor, type Run } from './compactor.ts';
import { type BlockHandle, ENTRY } from './handle-layout.ts';
import { HandleTable } from './handle-table.ts';
import { outOfMemory } from './heap-errors.ts';
import { HEADER, WORD_BYTES } from './heap-layout.ts';
import { HeapMemory, heapWords, readGeometry } from './heap-memory.ts';
import { IsolatedViews } from './isolated-views.ts';
import { Mover, rebuild } from './mover.ts';
import { ParkedBlocks } from './parked-blocks.ts';
import { PinTable } from './pin-table.ts';
import { QuickBlocks } from './quick-blocks.ts';
import { RootDirectory } from './root-directory.ts';

/** Errors that are thrown before anything has changed. */
const REFUSALS = new Set([
  'ERR_OUT_OF_MEMORY',
  'ERR_TABLE_FULL',
  'ERR_STALE_HANDLE',
  'ERR_INVALID_HANDLE',
  'ERR_TOO_SMALL',
  'ERR_LAYOUT_MISMATCH',
]);

/** How often a pin looks again at a block that is being moved before it asks the lock who moves it. */
const SPINS = 200;

/** Nobody rings for the end of a rest. */
const REST_MS = 1;

/** The protocol of the heap: its parts, the lock around them, recovery, and the operations that change blocks. */
export class HeapCore {
  readonly memory: HeapMemory;
  readonly table: HandleTable;
  readonly area: BlockArea;
  readonly parked: ParkedBlocks;
  readonly pins: PinTable;
  readonly roots: RootDirectory;
  readonly compactor: Compactor;
  /** Set where the heap has opened the mapping itself. */
  readonly isolated: IsolatedViews | undefined;
  readonly participants: Participants;
  /** The entry of the block at which a compaction with limits has ended; 0: it goes on from the front. */
  compactedTo = 0;
  readonly quick: QuickBlocks;
  readonly #mover: Mover;
  readonly #lock: LockWord;
  readonly #self: ParticipantId;
  readonly #restKey: number;
  /** It has left the heap. Public, because that takes fewer bytecodes: V8 puts {@link joined} in line wherever it is asked. */
  parted = false;

  /** Over memory that holds a heap. Joins it. */
  constructor(range: MemoryRange, participants: Participants, ownsMapping: boolean) {
    const words = heapWords(range);
    this.memory = new HeapMemory(words, readGeometry(words));
    this.participants = participants;
    if (ownsMapping) this.isolated = new IsolatedViews();
    this.table = new HandleTable(this.memory);
    this.area = new BlockArea(this.memory);
    this.parked = new ParkedBlocks(this.memory, this.table, this.area);
    this.pins = new PinTable(this.memory, this.table, participants);
    this.roots = new RootDirectory(this.memory, this.table);
    this.#mover = new Mover(this.memory, this.table);
    this.compactor = new Compactor(this.memory, this.table, this.area, this.parked, this.#mover, this.pins);
    this.#lock = new LockWord(range, HEADER.lock * WORD_BYTES, participants, 'the heap lock');
    this.#self = participants.self;
    this.#restKey = offsetKey(range.originKey, HEADER.sliding * WORD_BYTES);
    this.exclusive(() => this.pins.join());
    this.quick = new QuickBlocks(this.memory, this.pins);
  }

  /** Runs `fn` under the lock. For what is not in a hurry: the hot operations spell it out. */
  exclusive<R>(fn: () => R): R {
    this.enter();
    try {
      return fn();
    } catch (error) {
      this.doubt(error);
      throw error;
    } finally {
      this.leave();
    }
  }

  /** Runs `fn` under the lock even if the heap cannot be made whole: it is told what stands in the way. For those who only look. */
  inspect<R>(fn: (obstacle: string | undefined) => R): R {
    const state = this.#lock.acquireSync();
    try {
      let obstacle: string | undefined;
      try {
        if (state === 2 || this.memory.words[HEADER.dirty] !== 0) this.#recover(state === 2);
      } catch (error) {
        if (!isMapFileError(error, 'ERR_CORRUPT')) throw error;
        obstacle = error.context.detail;
      }
      return fn(obstacle);
    } finally {
      this.leave();
    }
  }

  /** Takes the lock; repairs what a dead owner left. The lock is a leaf: nothing is waited for, and no caller's code run, under it. */
  enter(): void {
    const state = this.#lock.acquireSync();
    if (state === 2 || this.memory.words[HEADER.dirty] !== 0) this.#repair(state === 2);
  }

  /** Like {@link enter}, but never waits. */
  tryEnter(): boolean {
    const state = this.#lock.tryAcquire();
    if (state === 0) return false;
    if (state === 2 || this.memory.words[HEADER.dirty] !== 0) this.#repair(state === 2);
    return true;
  }

  leave(): void {
    this.#lock.release();
  }

  /** After a throw under the lock: unless it was thrown before anything changed, the next owner rebuilds the cache. */
  doubt(error: unknown): void {
    const code = (error as { readonly code?: unknown }).code as string | undefined;
    if (code === undefined || !REFUSALS.has(code)) Atomics.store(this.memory.words, HEADER.dirty, 1);
  }

  /** What to throw under the lock, which this gives back. */
  failed(error: unknown): unknown {
    this.doubt(error);
    this.leave();
    return error;
  }

  /** Makes the heap whole, or gives the lock back and throws. */
  #repair(died: boolean): void {
    let whole = false;
    try {
      this.#recover(died);
      whole = true;
    } finally {
      if (!whole) this.leave();
    }
  }

  /** Every step may be taken twice: a death in here is repaired by the next owner in the same way. */
  #recover(died: boolean): void {
    const { memory } = this;
    Atomics.store(memory.words, HEADER.dirty, 1);
    if (died) memory.put(HEADER.recoveries, memory.words[HEADER.recoveries]! + 1);
    this.pins.bury();
    this.#mover.complete();
    rebuild(memory, this.table, this.area);
    this.roots.index.rebuild();
    // ORDER: after the cache is whole.
    Atomics.store(memory.words, HEADER.dirty, 0);
  }

  /** Allocates a block that the caller then fills while FILL_PIN holds it in place; {@link PinTable.unhold} ends that. */
  allocate(byteLength: number, owner: ParticipantId | 0, hold: boolean): BlockHandle {
    this.enter();
    let handle: BlockHandle;
    try {
      const quick = this.quick.allocate(byteLength, owner, hold);
      handle = quick === 0 ? this.#allocate(byteLength, owner, hold) : quick;
    } catch (error) {
      throw this.failed(error);
    }
    this.leave();
    return handle;
  }

  #allocate(byteLength: number, owner: ParticipantId | 0, hold: boolean): BlockHandle {
    const units = unitsFor(byteLength);
    // A parked block is here only if there is something wrong with it: this says what.
    const index = this.parked.take(units) || this.#carve(units, byteLength);
    if (hold) this.pins.hold(index);
    return this.table.open(index, byteLength, owner);
  }

  /** An entry with a new block of `units`. @throws ERR_OUT_OF_MEMORY, ERR_TABLE_FULL */
  #carve(units: number, byteLength: number): number {
    if (this.table.isFull) this.parked.settle();
    const unit = this.#find(units);
    if (unit === 0) throw this.#outOfMemory(byteLength);
    const index = this.table.take();
    this.area.take(unit, units, index);
    this.table.place(index, unit, byteLength);
    return index;
  }

  /** A free block of `units`, made by compaction if only fragmentation stands in the way. */
  #find(units: number): number {
    let unit = this.area.bins.find(units);
    if (unit === 0 && this.parked.settle()) unit = this.area.bins.find(units);
    if (unit !== 0 || this.area.freeUnits < units) return unit;
    this.compactor.run({ units: Infinity, until: Infinity, wanted: units }, 0);
    return this.area.bins.find(units);
  }

  /** `grows`: the block that was to have so many. */
  #outOfMemory(requested: number, grows?: BlockHandle): MapFileError<'ERR_OUT_OF_MEMORY'> {
    const free = this.area.freeUnits * UNIT_BYTES;
    const largest = payloadBytes(this.area.bins.largest());
    const pinned = this.pins.survey().pinned.size;
    return outOfMemory({ requested, free, largest, pinned }, grows);
  }

  /** Frees a block. Answers who pins it; 0: it is freed. @throws as {@link release} */
  free(handle: BlockHandle): ParticipantId | 0 {
    this.enter();
    return this.freeAndLeave(handle);
  }

  /** What {@link free} does once it has the lock. */
  freeAndLeave(handle: BlockHandle): ParticipantId | 0 {
    let holder: ParticipantId | 0;
    try {
      holder = this.release(handle);
    } catch (error) {
      throw this.failed(error);
    }
    this.leave();
    return holder;
  }

  /** Frees a block. Answers who pins it; 0: it is freed. Under the lock. @throws ERR_STALE_HANDLE, ERR_INVALID_HANDLE, ERR_CORRUPT */
  release(handle: BlockHandle): ParticipantId | 0 {
    return this.quick.free(handle) ? 0 : this.#release(handle);
  }

  /** Frees a block that is not parked. */
  #release(handle: BlockHandle): ParticipantId | 0 {
    const { table } = this;
    const index = table.live(handle);
    const units = table.units(index);
    const unit = this.area.checked(table.unit(index), units, index);
    const holder = this.pins.claim(index);
    if (holder !== 0) return holder;
    table.close(index);
    if (!table.isRetired(index)) table.give(index);
    this.area.release(unit, units);
    return 0;
  }

  /** Gives a block another size; contents are kept, bytes that are added are zero. Answers who pins it; 0: done. Under the lock. */
  resize(handle: BlockHandle, byteLength: number): ParticipantId | 0 {
    const { table, pins } = this;
    const index = table.live(handle);
    const now = table.units(index);
    const wanted = unitsFor(byteLength);
    // Before any compaction; the claim below decides.
    const early = pins.holder(index);
    if (early !== 0) return early;
    const target = this.#placeFor(index, now, wanted);
    if (target === 0) throw this.#outOfMemory(byteLength, handle);
    const unit = this.area.checked(table.unit(index), now, index);
    const holder = pins.claim(index);
    if (holder !== 0) return holder;
    if (target !== unit) this.#relocate(index, unit, target, now, wanted, byteLength);
    else this.#resizeInPlace(index, unit, now, wanted, byteLength);
    return 0;
  }

  /** Where the block can have `wanted` units: where it stands, or a free block; 0: nowhere. */
  #placeFor(index: number, now: number, wanted: number): number {
    const grown = () => {
      const unit = this.area.checked(this.table.unit(index), now, index);
      return this.area.room(unit, now) >= wanted ? unit : 0;
    };
    const place = grown() || this.#find(wanted) || grown();
    if (place !== 0 || this.area.freeUnits + now < wanted) return place;
    // Not enough for a second copy, but perhaps for growth once the free space is in one piece, and that behind the block.
    this.compactor.run({ units: Infinity, until: Infinity, wanted: Infinity }, 0);
    this.compactor.raise(this.table.unit(index) + now, wanted - now);
    return grown();
  }

  /** One commit. Tags stand where bytes of the block do in the longer of the two, so they are written while it is shorter. */
  #resizeInPlace(index: number, unit: number, now: number, wanted: number, byteLength: number): void {
    const { table, area } = this;
    if (wanted > now) area.resize(unit, now, wanted);
    this.#clear(unit, table.byteLength(index), byteLength);
    table.setByteLength(index, byteLength);
    table.unclaim(index);
    if (wanted < now) area.resize(unit, now, wanted);
  }

  /** Grows a claimed block into a free one. Two commits, the heap being whole between them: moved, then longer. */
  #relocate(index: number, unit: number, target: number, now: number, wanted: number, byteLength: number): void {
    const { table, area } = this;
    area.take(target, wanted, index);
    this.#mover.move(index, unit, target, now);
    this.#clear(target, table.byteLength(index), byteLength);
    area.write(target, wanted, 0, index);
    table.setByteLength(index, byteLength);
    table.unclaim(index);
    area.release(unit, now);
  }

  /** Zeroes what a growth adds. After the move, which brings along what stood behind the end in the last unit. */
  #clear(unit: number, from: number, to: number): void {
    const start = (unit + 1) * UNIT_BYTES;
    if (to > from) this.memory.bytes.fill(0, start + from, start + to);
  }

  /** One run of the compactor. Who compacts comes back at once: it rests a moment if others sleep, or they would starve. */
  compact(budget: Budget, from: number): Run {
    let wanted = false;
    const run = this.exclusive(() => {
      const done = this.compactor.run(budget, from);
      wanted = this.#lock.isWanted;
      return done;
    });
    if (wanted) this.participants.sleepSync(this.#restKey, () => true, REST_MS);
    return run;
  }

  /** Holds a block in place. Answers the number of the pin. @throws ERR_STALE_HANDLE, ERR_INVALID_HANDLE, ERR_TABLE_FULL */
  pin(handle: BlockHandle): number {
    const pin = this.quick.pin(handle);
    return pin === 0 ? this.#pin(handle) : pin;
  }

  /** What is claimed, or wrong. */
  #pin(handle: BlockHandle): number {
    const { table, pins } = this;
    const index = table.index(handle);
    for (let tries = 1; ; tries++) {
      const pin = pins.set(index);
      // ORDER: as in QuickBlocks.pin().
      const offset = Atomics.load(this.memory.words, table.entry(index) + ENTRY.offset);
      if (table.isLive(handle, index) && table.isInside(index, offset)) {
        this.quick.pinnedUnit = offset;
        this.quick.pinnedBytes = table.byteLength(index);
        return pin;
      }
      pins.unset(pin);
      if (!table.isLive(handle, index)) throw table.refuse(handle, index);
      if (offset >= 0) throw table.leadsOut(index);
      if (tries % SPINS !== 0) continue;
      // Who claims the block holds the lock. To acquire it is to wait for him, or to find him dead and repair.
      this.enter();
      this.leave();
    }
  }

  /** Leaves the heap; every pin of this object is dropped. */
  part(): void {
    this.parted = true;
    this.isolated?.takeAll();
    this.exclusive(() => this.pins.leave());
  }

  /** Whether it can be used: not parted, and its memory not closed by whom it belongs to. */
  get joined(): boolean {
    return !this.parted && this.memory.words.length !== 0;
  }

  get self(): ParticipantId {
    return this.#self;
  }
}
