import { knownOptions } from '../base/known-options.ts';
import type { ParticipantId } from '../base/participants.ts';
import { show } from '../base/show.ts';
import type { Codec } from '../codec/codec.ts';
import type { BlockHandle } from './handle-layout.ts';
import { checkFlag } from './heap-arguments.ts';
import type { HeapCore } from './heap-core.ts';

/** How a block starts. */
export interface AllocateOptions {
  /** Leave the bytes as the last user left them, which is faster. By default they are zero. */
  readonly uninitialized?: boolean;
  /**
   * Who answers for the block: `'self'` (default) is this thread, and once it is dead `reclaim()` frees the block unless
   * another thread has adopted it; `'nobody'` is as after `disown()`.
   */
  readonly owner?: 'self' | 'nobody';
}

const KEYS = ['initial', 'uninitialized', 'owner'];

/** The options that passed last; none that would keep a value alive. */
let walked: AllocateOptions | undefined;

/** @throws TypeError */
export function checkAllocateOptions(options: AllocateOptions): void {
  // Walking its keys costs as much as some allocations do: a caller's constant is walked once.
  if (options !== walked) walk(options);
}

function walk(options: AllocateOptions): void {
  const { uninitialized } = knownOptions('allocate', options, KEYS);
  checkFlag('uninitialized', uninitialized);
  if (!('initial' in options)) walked = options;
}

/** @throws TypeError */
export function ownerOf(owner: AllocateOptions['owner'], self: ParticipantId): ParticipantId | 0 {
  if (owner === undefined || owner === 'self') return self;
  if (owner === 'nobody') return 0;
  throw new TypeError(`Cannot allocate for owner ${show(owner)}: it must be 'self' or 'nobody'`);
}

/** Allocates blocks and fills them outside the lock, held in place meanwhile. */
export class BlockFiller {
  readonly #core: HeapCore;

  constructor(core: HeapCore) {
    this.#core = core;
  }

  /** What `initial` throws leaves no block behind; a death in the middle leaves one that has a dead owner. */
  allocate(
    size: number | Codec<unknown, unknown, unknown>,
    byteLength: number,
    owner: ParticipantId | 0,
    initial: unknown,
  ): BlockHandle {
    const core = this.#core;
    const handle = core.allocate(byteLength, owner, true);
    let filled = false;
    try {
      const start = core.table.start(core.table.index(handle));
      core.memory.bytes.fill(0, start, start + byteLength);
      if (initial !== undefined) write(core, size, start, byteLength, initial);
      filled = true;
    } finally {
      core.pins.unhold();
      if (!filled) core.exclusive(() => core.release(handle));
    }
    return handle;
  }
}

function write(
  core: HeapCore,
  size: number | Codec<unknown, unknown, unknown>,
  start: number,
  byteLength: number,
  initial: unknown,
): void {
  if (typeof size !== 'number') {
    size.write(core.memory.dataView, start, initial);
    return;
  }
  if (!ArrayBuffer.isView(initial)) {
    throw new TypeError('Cannot fill block: pass an ArrayBuffer view as its initial bytes, or a codec as its size');
  }
  if (initial.byteLength > byteLength) {
    throw new RangeError(`Cannot fill block of ${byteLength} bytes: ${initial.byteLength} initial bytes were given`);
  }
  core.memory.bytes.set(new Uint8Array(initial.buffer, initial.byteOffset, initial.byteLength), start);
}
