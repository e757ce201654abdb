import { readOnlyError } from '../base/errors.ts';
import { type MemoryRange, offsetKey } from '../base/memory.ts';
import type { Participants, WaitOptions } from '../base/participants.ts';
import type { Body, SleepOptions } from './body.ts';
import { SEQUENCE, WATCHED } from './cell-layout.ts';
import { type CellMemory, CellReader } from './cell-reader.ts';
import { CellWriter, type Kept, type Recovery } from './cell-writer.ts';
import { type Bytes, bytesOf } from './copy-bytes.ts';
import { pause } from './pause.ts';

/** How often a watcher looks whom nobody can ring: its control words are read-only. */
const POLL_MS = 10;
/** How often a watcher looks who is rung: a ringer may die between its commit and its ring. */
const SLICE_MS = 50;

/** An object of ours: a cell. */
export class OwnBody implements Body {
  readonly foreign = false;
  readonly lockable = true;
  readonly counts = true;
  readonly range: MemoryRange;
  copied = 0;
  /** Absent for a reader. */
  readonly writer: CellWriter | undefined;
  readonly #what: string;
  readonly #reader: CellReader;
  readonly #copy: Bytes;
  readonly #watched: Int32Array | undefined;
  readonly #key: number;
  /** Called at the first need: a reader that never waits does not join. */
  readonly #participants: () => Participants;

  constructor(memory: CellMemory, participants: () => Participants, what: string, kept: readonly Kept[]) {
    const { data, control } = memory;
    this.range = data;
    this.#what = what;
    this.#participants = participants;
    this.#reader = new CellReader(memory, what);
    this.writer = data.access === 'readwrite' ? new CellWriter(memory, participants(), what, kept) : undefined;
    this.#copy = bytesOf(new DataView(new ArrayBuffer(data.dataView.byteLength)));
    const { dataView, access } = control;
    // A reader may own the right to write the control words alone: to say that it wants to be rung.
    if (access === 'readwrite') this.#watched = new Int32Array(dataView.buffer, dataView.byteOffset + WATCHED, 1);
    this.#key = offsetKey(control.originKey, SEQUENCE);
  }

  get version(): number {
    return this.#reader.version;
  }

  get lastRecovery(): Recovery | undefined {
    return this.writer?.lastRecovery;
  }

  get updating(): boolean {
    return this.writer?.isMine ?? false;
  }

  copy(): DataView {
    this.copied = this.#reader.read(this.#copy);
    return this.#copy.view;
  }

  updateSync<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): R {
    if (!this.writer) throw readOnlyError(this.#what);
    return this.writer.updateSync(fn, argument, options);
  }

  update<A, R>(fn: (argument: A) => R, argument: A, options?: WaitOptions): Promise<R> {
    if (!this.writer) return Promise.reject(readOnlyError(this.#what));
    return this.writer.update(fn, argument, options);
  }

  sleep(seen: unknown, { signal, ref, intervalMs }: SleepOptions): Promise<void> {
    const watched = this.#watched;
    if (!watched) return pause(intervalMs ?? POLL_MS, signal, ref);
    const stillWaiting = (): boolean => {
      // ORDER: seq_cst, before the loads of `version`; the writer stores the sequence first and then loads `watched`. So
      // either we see its commit, or it sees that we sleep.
      Atomics.store(watched, 0, 1);
      return this.#reader.version === seen;
    };
    return this.#participants().sleep(this.#key, stillWaiting, Math.min(intervalMs ?? SLICE_MS, SLICE_MS), signal, ref);
  }
}
