import { MapFileError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import {
  SEQUENCE,
  UNDO_LIFETIME,
  UNDO_VERSION,
  UNDO_VERSION_STRIDE,
  undoSlot,
  undoStride,
  VERSION,
} from './cell-layout.ts';
import { type Bytes, bytesOf, copyBytes } from './copy-bytes.ts';
import { loadFence } from './fence.ts';

/** The three runs of memory that make a cell; they need not be neighbours. */
export interface CellMemory {
  /** The struct, exactly. */
  readonly data: MemoryRange;
  readonly control: MemoryRange;
  readonly undo: MemoryRange;
  /** Asked at each use: who writes where nobody may can have hit the control words too. */
  readonly seal?: Seal;
}

/** Throws if the memory around the cell is not what it was. */
export interface Seal {
  check(): void;
}

/** So often is a read begun anew before it gives up. A second attempt fails only if the thread was suspended in it. */
const ATTEMPTS = 10_000;

/**
 * Reads a cell by loads alone: needs no right to write, takes no lock, waits for nobody.
 *
 * A reader that finds an update under way takes the undo copy. There are two of them, used in turn, so a whole further
 * update may come and go while one is read; only a reader that is suspended in the middle has to begin anew.
 */
export class CellReader {
  readonly #sequence: Int32Array;
  readonly #control: DataView;
  readonly #data: Bytes;
  readonly #undo: readonly [Bytes, Bytes];
  readonly #byteLength: number;
  readonly #seal: Seal | undefined;
  readonly #what: string;

  constructor(memory: CellMemory, what: string) {
    const { dataView } = memory.control;
    const { dataView: undo } = memory.undo;
    this.#byteLength = memory.data.dataView.byteLength;
    this.#control = dataView;
    this.#sequence = new Int32Array(dataView.buffer, dataView.byteOffset + SEQUENCE, 1);
    this.#data = bytesOf(memory.data.dataView);
    const stride = undoStride(this.#byteLength);
    this.#undo = [bytesOf(undo, 0, this.#byteLength), bytesOf(undo, stride, this.#byteLength)];
    this.#seal = memory.seal;
    this.#what = what;
  }

  /**
   * Copies the last whole value to `target` and answers its version.
   * @throws MapFileError ERR_BUSY if the thread was suspended in the middle of every one of 10,000 attempts, ERR_CORRUPT
   */
  read(target: Bytes): number {
    for (let i = 0; i < ATTEMPTS; i++) {
      // ORDER: seq_cst; pairs with the stores of `sequence` in CellWriter: what they publish is read below.
      const before = Atomics.load(this.#sequence, 0);
      let version: number;
      let lifetime: number;
      if ((before & 1) === 0) {
        version = this.#control.getFloat64(VERSION, true);
        copyBytes(target, this.#data, this.#byteLength);
        lifetime = 0;
      } else {
        const slot = undoSlot(before);
        version = this.#control.getFloat64(UNDO_VERSION + slot * UNDO_VERSION_STRIDE, true);
        copyBytes(target, this.#undo[slot], this.#byteLength);
        lifetime = UNDO_LIFETIME;
      }
      if (this.#age(before) > lifetime) continue;
      this.#seal?.check();
      return version;
    }
    this.#seal?.check();
    throw new MapFileError(
      'ERR_BUSY',
      `Cannot read ${this.#what}: others updated it in the middle of each of ${ATTEMPTS} attempts, try again`,
      {},
    );
  }

  /** The version of what {@link read} would give. */
  get version(): number {
    for (;;) {
      const before = Atomics.load(this.#sequence, 0);
      const idle = (before & 1) === 0;
      const at = idle ? VERSION : UNDO_VERSION + undoSlot(before) * UNDO_VERSION_STRIDE;
      const version = this.#control.getFloat64(at, true);
      if (this.#age(before) > (idle ? 0 : UNDO_LIFETIME)) continue;
      this.#seal?.check();
      return version;
    }
  }

  /** How far the sequence has gone on since `before`, as an unsigned number. */
  #age(before: number): number {
    // ORDER: the loads of the copy come before the second load of `sequence`; an atomic load alone would not hold them back.
    loadFence();
    return (Atomics.load(this.#sequence, 0) - before) >>> 0;
  }
}
