import type { MemoryRange } from '../base/memory.ts';
import { offsetKey } from '../base/memory.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import { LockWord } from '../sync/lock-word.ts';
import { wait } from '../sync/wait.ts';
import {
  LOCK,
  RECOVERIES,
  SEQUENCE,
  UNDO_VERSION,
  UNDO_VERSION_STRIDE,
  undoSlot,
  undoStride,
  VERSION,
  WATCHED,
} from './cell-layout.ts';
import type { CellMemory, Seal } from './cell-reader.ts';
import { type Bytes, bytesOf, copyBytes, copyPart } from './copy-bytes.ts';
import { asynchronous, isThenable, nestedUpdate } from './update-errors.ts';

/** A half-done update of a writer that died has been undone. */
export interface Recovery {
  /** The version that was restored: that of the last whole value. */
  readonly version: number;
  /** How many such updates have been undone since the object was created, by whichever process, this one included. */
  readonly recoveries: number;
}

/** Bytes that an undo leaves as they are: those of `atomic` fields and locks, which others change meanwhile. */
export interface Kept {
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Changes a cell: one thread of all processes at a time, wholly or not at all. */
export class CellWriter {
  readonly #lock: LockWord;
  readonly #words: Int32Array;
  readonly #control: DataView;
  readonly #data: Bytes;
  readonly #undo: readonly [Bytes, Bytes];
  readonly #byteLength: number;
  /** What an undo puts back; undefined: everything. */
  readonly #undone: readonly Kept[] | undefined;
  readonly #participants: Participants;
  readonly #key: number;
  readonly #seal: Seal | undefined;
  readonly #what: string;

  /** The last recovery that fell to this object. */
  lastRecovery: Recovery | undefined;
  /** Called after the update that brought a recovery, the lock being free again. */
  onRecovery: ((recovery: Recovery) => void) | undefined;

  constructor(memory: CellMemory, participants: Participants, what: string, kept: readonly Kept[] = []) {
    const { data, control, undo } = memory;
    this.#lock = new LockWord(control, LOCK, participants, `the lock of ${what}`);
    this.#words = wordsOfControl(control);
    this.#control = control.dataView;
    this.#byteLength = data.dataView.byteLength;
    this.#data = bytesOf(data.dataView);
    const stride = undoStride(this.#byteLength);
    this.#undo = [bytesOf(undo.dataView, 0, this.#byteLength), bytesOf(undo.dataView, stride, this.#byteLength)];
    this.#undone = kept.length === 0 ? undefined : complement(kept, this.#byteLength);
    this.#participants = participants;
    this.#key = offsetKey(control.originKey, SEQUENCE);
    this.#seal = memory.seal;
    this.#what = what;
  }

  /** Whether this thread updates just now. */
  get isMine(): boolean {
    return this.#lock.isMine;
  }

  /** Runs `fn(argument)` as one update; blocks until it is this thread's turn. */
  updateSync<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): R {
    try {
      this.#lock.acquireSync(options);
    } catch (error) {
      throw this.#nested(error);
    }
    const before = this.lastRecovery;
    try {
      return this.#attempt(fn, argument);
    } finally {
      this.#leave(before);
    }
  }

  /** The same without blocking; has run `fn` before it returns if nobody else updates just now. */
  async update<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): Promise<R> {
    const { waitable } = this.#lock;
    let result: R | undefined;
    // The update is a part of the attempt: no other task of this thread runs between taking the lock and freeing it, so
    // finding the lock in the own hand always means a nested update.
    const run = (acquire: () => number): 0 | 1 => {
      if (acquire() === 0) return 0;
      const before = this.lastRecovery;
      try {
        result = this.#attempt(fn, argument);
      } finally {
        this.#leave(before);
      }
      return 1;
    };
    const attempt = (): 0 | 1 => run(waitable.attempt);
    if (options === undefined && attempt() !== 0) return result as R;
    const attemptThorough = (): 0 | 1 => run(waitable.attemptThorough);
    const refuse = () => this.#orNested(waitable.refuse!);
    await wait({ ...waitable, refuse, attempt, attemptThorough }, options);
    return result as R;
  }

  /** Undoes what a dead writer has left, if it has, so that the struct itself is whole again. */
  repairSync(options?: WaitOptions): void {
    if ((Atomics.load(this.#words, SEQUENCE / 4) & 1) === 0) return;
    this.#lock.acquireSync(options);
    const before = this.lastRecovery;
    const sequence = Atomics.load(this.#words, SEQUENCE / 4);
    try {
      if ((sequence & 1) !== 0) this.#recover(sequence);
    } finally {
      this.#leave(before);
    }
  }

  #attempt<A, R>(fn: (argument: A) => R, argument: A): R {
    this.#seal?.check();
    const control = this.#control;
    let sequence = Atomics.load(this.#words, SEQUENCE / 4);
    if ((sequence & 1) !== 0) sequence = this.#recover(sequence);
    const slot = undoSlot(sequence);
    const version = control.getFloat64(VERSION, true);
    copyBytes(this.#undo[slot], this.#data, this.#byteLength);
    control.setFloat64(UNDO_VERSION + slot * UNDO_VERSION_STRIDE, version, true);
    // ORDER: seq_cst; the undo copy above is whole for whoever loads the odd number (CellReader.read).
    Atomics.store(this.#words, SEQUENCE / 4, (sequence + 1) | 0);
    // ORDER: plain stores may overtake an atomic store in front of them (ARM: STLR). This atomic load cannot overtake it,
    // and holds back what follows: nobody sees a changed struct under the even number.
    Atomics.load(this.#words, SEQUENCE / 4);
    let result: R;
    try {
      control.setFloat64(VERSION, version + 1, true);
      result = fn(argument);
      if (isThenable(result)) throw asynchronous(this.#what);
    } catch (error) {
      this.#restore(sequence + 1);
      throw error;
    }
    // ORDER: seq_cst; commits. The struct above is whole for whoever loads the even number; and it comes before the load of
    // `watched`, as a watcher's store there comes before its load of the sequence.
    Atomics.store(this.#words, SEQUENCE / 4, (sequence + 2) | 0);
    return result;
  }

  /** Puts the undo copy back. Dying here leaves the sequence odd and the copy whole: the next one does it again. */
  #restore(sequence: number): void {
    const slot = undoSlot(sequence);
    if (!this.#undone) copyBytes(this.#data, this.#undo[slot], this.#byteLength);
    for (const { byteOffset, byteLength } of this.#undone ?? []) {
      copyPart(this.#data, this.#undo[slot], byteOffset, byteOffset + byteLength);
    }
    const version = this.#control.getFloat64(UNDO_VERSION + slot * UNDO_VERSION_STRIDE, true);
    this.#control.setFloat64(VERSION, version, true);
    // ORDER: seq_cst; the restored struct is whole for whoever loads the even number.
    Atomics.store(this.#words, SEQUENCE / 4, (sequence + 1) | 0);
  }

  #recover(sequence: number): number {
    // Counted first: dying behind it counts one death too many, which is not wrong, as then there were two.
    const recoveries = Atomics.add(this.#words, RECOVERIES / 4, 1) + 1;
    this.#restore(sequence);
    this.lastRecovery = { version: this.#control.getFloat64(VERSION, true), recoveries: recoveries >>> 0 };
    return (sequence + 1) | 0;
  }

  #leave(before: Recovery | undefined): void {
    this.#lock.release();
    if (Atomics.load(this.#words, WATCHED / 4) !== 0) {
      // ORDER: seq_cst; cleared before the ring, so that a watcher that announces itself in between sets it again.
      Atomics.store(this.#words, WATCHED / 4, 0);
      this.#participants.ring(this.#key);
    }
    if (this.lastRecovery !== before) this.#tell(this.lastRecovery!);
  }

  /** The update is done: what the callback throws is not its failure. */
  #tell(recovery: Recovery): void {
    try {
      this.onRecovery?.(recovery);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }

  #orNested(refuse: () => void): void {
    try {
      refuse();
    } catch (error) {
      throw this.#nested(error);
    }
  }

  #nested(error: unknown): unknown {
    if ((error as { code?: unknown }).code !== 'ERR_ALREADY_OWNER') return error;
    return nestedUpdate(this.#what, error);
  }
}

function wordsOfControl({ dataView }: MemoryRange): Int32Array {
  return new Int32Array(dataView.buffer, dataView.byteOffset, VERSION / 4);
}

function complement(kept: readonly Kept[], byteLength: number): Kept[] {
  const parts: Kept[] = [];
  let start = 0;
  const end = { byteOffset: byteLength, byteLength: 0 };
  for (const next of [...kept].sort((a, b) => a.byteOffset - b.byteOffset).concat(end)) {
    if (next.byteOffset > start) parts.push({ byteOffset: start, byteLength: next.byteOffset - start });
    start = Math.max(start, next.byteOffset + next.byteLength);
  }
  return parts;
}
