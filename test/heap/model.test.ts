import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { BlockHandle } from '../../src/heap/index.ts';
import { type Pin, SharedHeap } from '../../src/heap/index.ts';
import { type FakeParticipants, World } from '../support/participants.ts';

interface Block {
  bytes: Uint8Array;
  pin: Pin | undefined;
}

type Op =
  | { op: 'allocate'; size: number; uninitialized: boolean }
  | { op: 'free'; which: number }
  | { op: 'reallocate'; which: number; size: number }
  | { op: 'pin'; which: number }
  | { op: 'unpin'; which: number }
  | { op: 'write'; which: number; byte: number }
  | { op: 'compact'; maxBytes: number };

const which = fc.nat(1000);
const size = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 700 }) }, fc.integer({ min: 1, max: 6000 }));
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant('allocate' as const), size, uninitialized: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('free' as const), which }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('reallocate' as const), which, size }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('pin' as const), which }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('unpin' as const), which }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('write' as const), which, byte: fc.nat(255) }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('compact' as const), maxBytes: fc.integer({ min: 1, max: 9000 }) }),
  },
);

const HEAP_BYTES = 32_768;
const OPTIONS = { handles: 40, threads: 3, pins: 5, roots: 2 };

/** What the heap must answer: a plain Map, and the heap beside it. */
class Model {
  readonly heap: SharedHeap;
  readonly blocks = new Map<BlockHandle, Block>();
  readonly freed: BlockHandle[] = [];
  fill = 0;

  constructor(participants: FakeParticipants) {
    this.heap = SharedHeap.create(new ArrayBuffer(HEAP_BYTES), undefined, { ...OPTIONS, participants });
  }

  pick(which: number): BlockHandle | undefined {
    const handles = [...this.blocks.keys()];
    return handles[which % handles.length];
  }

  run(step: Op): void {
    if (step.op === 'allocate') this.allocate(step.size, step.uninitialized);
    else if (step.op === 'compact') this.heap.compact({ maxBytes: step.maxBytes });
    else this.runOn(step, this.pick(step.which));
  }

  runOn(step: Exclude<Op, { op: 'allocate' | 'compact' }>, handle: BlockHandle | undefined): void {
    if (handle === undefined) return;
    const block = this.blocks.get(handle)!;
    if (step.op === 'free') {
      if (block.pin) assert.throws(() => this.heap.free(handle), { code: 'ERR_BUSY' });
      else {
        this.heap.free(handle);
        this.blocks.delete(handle);
        this.freed.push(handle);
      }
    } else if (step.op === 'reallocate') this.reallocate(handle, block, step.size);
    else if (step.op === 'pin') {
      if (!block.pin && [...this.blocks.values()].filter((b) => b.pin).length < 4) block.pin = this.heap.pin(handle);
    } else if (step.op === 'unpin') {
      block.pin?.unpin();
      block.pin = undefined;
    } else this.write(handle, block, step.byte);
  }

  allocate(byteLength: number, uninitialized: boolean): void {
    let handle: BlockHandle;
    try {
      handle = this.heap.allocate(byteLength, { uninitialized });
    } catch (error) {
      this.refused(error, byteLength);
      return;
    }
    assert.ok(!this.blocks.has(handle) && !this.freed.includes(handle), 'a handle is given out once');
    const bytes = new Uint8Array(byteLength);
    this.blocks.set(handle, { bytes, pin: undefined });
    if (uninitialized) this.write(handle, this.blocks.get(handle)!, this.fill++);
  }

  refused(error: unknown, asked: number): void {
    const { code } = error as { code: string };
    if (code === 'ERR_TABLE_FULL') {
      assert.equal(this.blocks.size, OPTIONS.handles);
      return;
    }
    assert.equal(code, 'ERR_OUT_OF_MEMORY');
    const { free } = this.heap.stats();
    const pinned = [...this.blocks.values()].some((b) => b.pin);
    if (!pinned) assert.ok(free < asked + 16, `refused ${asked} bytes though ${free} are free and nothing is pinned`);
  }

  reallocate(handle: BlockHandle, block: Block, byteLength: number): void {
    if (block.pin) {
      assert.throws(() => this.heap.reallocate(handle, byteLength), { code: 'ERR_BUSY' });
      return;
    }
    try {
      this.heap.reallocate(handle, byteLength);
    } catch (error) {
      assert.equal((error as { code: string }).code, 'ERR_OUT_OF_MEMORY');
      const has = this.heap.stats().free + Math.ceil(block.bytes.length / 16) * 16;
      const pinned = [...this.blocks.values()].some((b) => b.pin);
      if (!pinned)
        assert.ok(has < byteLength, `refused ${byteLength} bytes though ${has} can be had and nothing is pinned`);
      return;
    }
    const bytes = new Uint8Array(byteLength);
    bytes.set(block.bytes.subarray(0, byteLength));
    block.bytes = bytes;
  }

  write(handle: BlockHandle, block: Block, byte: number): void {
    for (let i = 0; i < block.bytes.length; i++) block.bytes[i] = byte * 31 + i * 7;
    if (block.pin) block.pin.copyFrom(block.bytes);
    else this.heap.withPin(handle, (pin) => pin.copyFrom(block.bytes));
  }

  check(): void {
    const report = this.heap.verify();
    assert.ok(report.ok, report.toString());
    assert.equal(report.blocks, this.blocks.size);
    for (const [handle, block] of this.blocks) {
      assert.equal(this.heap.size(handle), block.bytes.length);
      const seen = new Uint8Array(block.bytes.length);
      if (block.pin) block.pin.copyTo(seen);
      else this.heap.withPin(handle, (pin) => pin.copyTo(seen));
      assert.ok(Buffer.from(seen).equals(block.bytes), 'a block keeps its bytes');
    }
    for (const handle of this.freed) assert.throws(() => this.heap.size(handle), { code: 'ERR_STALE_HANDLE' });
  }
}

describe('SharedHeap against a Map', () => {
  it('agrees after every operation of random sequences', () => {
    fc.assert(
      fc.property(fc.array(op, { minLength: 1, maxLength: 120 }), (ops) => {
        const model = new Model(new World().spawn());
        for (const step of ops) {
          model.run(step);
          model.check();
        }
      }),
      { numRuns: Number(process.env.MAPFILE_RUNS ?? 150) },
    );
  });
});
