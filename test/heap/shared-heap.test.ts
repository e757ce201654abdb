import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { memoryRange } from '../../src/base/memory.ts';
import { i32, struct } from '../../src/codec/index.ts';
import { BIN_WORDS } from '../../src/heap/bins-layout.ts';
import { ENTRY, ENTRY_WORDS } from '../../src/heap/handle-layout.ts';
import { HEADER, HEADER_WORDS } from '../../src/heap/heap-layout.ts';
import { heapWords, readGeometry } from '../../src/heap/heap-memory.ts';
import { type BlockHandle, blockHandle, SharedHeap } from '../../src/heap/index.ts';
import { MappedView } from '../../src/memory/index.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';

const Node = struct('node', { value: i32, next: blockHandle });

function world(byteLength = 65_536, options = {}) {
  const people = new World();
  const memory = new ArrayBuffer(byteLength);
  const join = () => {
    const participants = people.spawn();
    const heap = SharedHeap.openOrCreate(memory, undefined, { ...options, participants });
    return { heap, die: () => people.kill(participants.self), id: participants.self };
  };
  return { memory, join };
}

const codeOf = (fn: () => unknown): string => {
  try {
    fn();
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).name;
  }
  return 'nothing';
};

describe('SharedHeap', () => {
  it('allocates zeroed blocks and keeps what is written', () => {
    const { heap } = world().join();
    const dirty = heap.allocate(100);
    heap.withPin(dirty, (pin) => pin.fill(0xff));
    heap.free(dirty);
    const block = heap.allocate(100);
    heap.withPin(block, (pin) => {
      assert.equal(pin.byteLength, 100);
      for (let i = 0; i < 100; i++) assert.equal(pin.get(i), 0);
      pin.copyFrom(Uint8Array.of(1, 2, 3), 97);
      assert.equal(pin.get(99), 3);
      assert.throws(() => pin.set(100, 1), RangeError);
      assert.throws(() => pin.get(-1), RangeError);
      assert.throws(() => pin.copyFrom(Uint8Array.of(1, 2), 99), RangeError);
    });
    assert.equal(heap.size(block), 100);
  });

  it('reads and writes values by codec', () => {
    const { heap } = world().join();
    const tail = heap.allocate(Node, { initial: { value: 2, next: null } });
    const head = heap.allocate(Node, { initial: { value: 1, next: tail } });
    const pin = heap.pin(head, Node);
    assert.deepEqual({ ...pin.value }, { value: 1, next: tail });
    pin.value = { value: 7, next: null };
    pin.live().value += 1;
    assert.equal(pin.read(i32, 0), 8);
    pin.unpin();
    assert.throws(() => pin.value, { code: 'ERR_CLOSED' });
    assert.throws(() => heap.allocate(Node, { initial: { value: 1.5, next: null } }), RangeError);
    assert.equal(heap.stats().blocks, 2, 'a refused value leaves no block behind');
    assert.equal(
      codeOf(() => heap.pin(heap.allocate(4), Node)),
      'ERR_TOO_SMALL',
    );
  });

  it('refuses handles that are stale, forged, foreign or out of range', () => {
    const { heap } = world().join();
    const other = world().join().heap;
    const block = heap.allocate(10);
    const foreign = other.allocate(10);
    heap.free(block);
    assert.equal(
      codeOf(() => heap.free(block)),
      'ERR_STALE_HANDLE',
    );
    assert.equal(
      codeOf(() => heap.pin(block)),
      'ERR_STALE_HANDLE',
    );
    assert.equal(
      codeOf(() => heap.size(block)),
      'ERR_STALE_HANDLE',
    );
    const forged = [0, -1, 1, Number.NaN, 2 ** 53, 1.5, block + 1, block + 2, 2 ** 52, '7', null, foreign];
    for (const value of forged) {
      const handle = value as BlockHandle;
      assert.equal(
        codeOf(() => heap.free(handle)),
        'ERR_INVALID_HANDLE',
        `free(${String(value)})`,
      );
      assert.equal(
        codeOf(() => heap.pin(handle)),
        'ERR_INVALID_HANDLE',
        `pin(${String(value)})`,
      );
      assert.equal(heap.has(handle), false);
    }
    assert.deepEqual(heap.verify().problems, []);
  });

  it('takes a handle that came as text', () => {
    const { heap } = world().join();
    const block = heap.allocate(8);
    assert.equal(heap.handle(Number(String(block))), block);
    assert.throws(() => heap.handle(12_345), { code: 'ERR_INVALID_HANDLE' });
  });

  it('retires an entry whose generations are used up', () => {
    const { join, memory } = world(4096, { handles: 2, threads: 1, pins: 2, roots: 0 });
    const { heap } = join();
    const words = new Int32Array(memory);
    const block = heap.allocate(10);
    heap.free(block);
    const table = words.indexOf(2, 600); // the state of entry 1 after one allocate and one free
    words[table] = -4;
    const last = heap.allocate(10);
    heap.free(last);
    assert.equal(words[table - ENTRY.state + ENTRY.state], -2);
    assert.equal(heap.stats().retiredHandles, 1);
    assert.equal(
      codeOf(() => heap.pin(last)),
      'ERR_STALE_HANDLE',
    );
    heap.allocate(10);
    assert.equal(
      codeOf(() => heap.allocate(10)),
      'ERR_TABLE_FULL',
      'the retired entry is not given out again',
    );
    assert.deepEqual(heap.verify().problems, []);
  });

  it('gives the memory and the handle of freed blocks to the next one, whatever its size', () => {
    const { heap } = world(65_536, { handles: 20, threads: 1, roots: 1 }).join();
    const { free, largest } = heap.stats();
    const blocks = Array.from({ length: 20 }, (_, i) => heap.allocate(100 + 16 * i));
    for (const block of blocks) heap.free(block);
    const report = heap.verify();
    assert.deepEqual(report.problems, []);
    assert.equal(report.freeBytes, free, 'parked blocks are free ones');
    const again = Array.from({ length: 20 }, (_, i) => heap.allocate(100 + 16 * i));
    assert.equal(
      codeOf(() => heap.allocate(100)),
      'ERR_TABLE_FULL',
    );
    for (const block of again) heap.free(block);
    for (const block of blocks) assert.equal(heap.has(block), false);
    const all = heap.allocate(largest);
    heap.free(all);
    for (let i = 0; i < 20; i++) heap.allocate(40);
    assert.equal(heap.stats().blocks, 20, 'no handle is kept by a block that is free');
    assert.deepEqual(heap.verify().problems, []);
  });

  it('does not free or resize a block that is pinned, by itself or by another', () => {
    const { join } = world();
    const [a, b] = [join(), join()];
    const block = a.heap.allocate(50);
    const pin = b.heap.pin(block);
    for (const heap of [a.heap, b.heap]) {
      assert.throws(() => heap.free(block), { code: 'ERR_BUSY', context: { owner: b.id } });
      assert.throws(() => heap.reallocate(block, 100), { code: 'ERR_BUSY' });
      assert.equal(heap.tryFree(block), false);
    }
    pin.unpin();
    assert.equal(a.heap.tryFree(block), true);
    assert.equal(
      codeOf(() => b.heap.free(block)),
      'ERR_STALE_HANDLE',
    );
  });

  it('drops the pins of the dead', () => {
    const { join } = world();
    const [a, b] = [join(), join()];
    const block = a.heap.allocate(50);
    b.heap.pin(block);
    assert.equal(a.heap.stats().pinned, 1);
    b.die();
    assert.equal(a.heap.stats().pinned, 0);
    a.heap.free(block);
  });

  it('compacts around pins, and lets everything else move', () => {
    const { heap } = world().join();
    const blocks = Array.from({ length: 20 }, (_, i) => heap.allocate(500, { initial: new Uint8Array(500).fill(i) }));
    for (let i = 0; i < 20; i += 2) heap.free(blocks[i]!);
    const pin = heap.pin(blocks[9]!);
    assert.notEqual(heap.stats().fragmentation, 0);
    const { moves, bytes, done } = heap.compact();
    assert.ok(moves >= 8 && bytes > 4000 && done, `${moves} moves of ${bytes} bytes, done: ${done}`);
    assert.equal(pin.get(3), 9);
    pin.unpin();
    heap.compact();
    assert.equal(heap.stats().fragmentation, 0);
    for (let i = 1; i < 20; i += 2) heap.withPin(blocks[i]!, (p) => assert.equal(p.get(499), i));
  });

  it('stops a compaction at its bounds', () => {
    const { heap } = world(1 << 20).join();
    const blocks = Array.from({ length: 200 }, () => heap.allocate(1000));
    for (let i = 0; i < 200; i += 2) heap.free(blocks[i]!);
    const first = heap.compact({ maxBytes: 5000 });
    assert.ok(first.bytes >= 5000 && first.bytes < 7000 && !first.done, `moved ${first.bytes} bytes`);
    assert.equal(heap.compact({ maxMs: 0 }).done, false);
    assert.equal(heap.compact().done, true);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('compacts by itself when only fragmentation stands in the way', () => {
    const { heap } = world(65_536, { handles: 100, threads: 1, roots: 1 }).join();
    const blocks: BlockHandle[] = [];
    while (codeOf(() => blocks.push(heap.allocate(1000))) === 'nothing');
    for (let i = 0; i < blocks.length; i += 2) heap.free(blocks[i]!);
    const { free, largest } = heap.stats();
    assert.ok(largest < 10_000 && free > 20_000, `largest ${largest}, free ${free}`);
    const big = heap.allocate(20_000);
    assert.equal(heap.size(big), 20_000);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('says what was asked, free, largest and pinned when memory runs out, and stays usable', () => {
    const { heap } = world().join();
    const block = heap.allocate(30_000);
    const pin = heap.pin(block);
    try {
      heap.allocate(60_000);
      assert.fail('there is no room');
    } catch (error) {
      const { code, context } = error as { code: string; context: Record<string, number> };
      assert.equal(code, 'ERR_OUT_OF_MEMORY');
      assert.equal(context.requested, 60_000);
      assert.equal(context.pinned, 1);
      assert.equal(context.largest, heap.stats().largest);
      assert.equal(context.free, heap.stats().free);
    }
    pin.unpin();
    heap.free(block);
    heap.free(heap.allocate(30_000));
  });

  it('refuses sizes that cannot be', () => {
    const { heap } = world().join();
    for (const size of [0, -1, 1.5, Number.NaN, 2 ** 32, Number.POSITIVE_INFINITY]) {
      assert.throws(() => heap.allocate(size), RangeError);
    }
  });

  it('refuses arguments of the wrong kind by name, and options that there are not', () => {
    const { heap } = world().join();
    const block = heap.allocate(40);
    const pin = heap.pin(block);
    const bad = (value: unknown) => value as never;
    const typeErrors: [() => unknown, RegExp][] = [
      ...[null, undefined, '5', 10n, {}, []].flatMap((value): [() => unknown, RegExp][] => [
        [() => heap.allocate(bad(value)), /Cannot have a block of .*: pass its bytes as a number, or a codec/],
        [() => heap.reallocate(block, bad(value)), /Cannot have a block of .*: pass its bytes as a number/],
        [
          () => heap.findOrAllocate('x', bad(value)),
          /Cannot have a block of .*: pass its bytes as a number, or a codec/,
        ],
      ]),
      [() => heap.reallocate(block, bad(Node)), /pass its bytes as a number/],
      [() => heap.allocate(10, { owner: bad('Nobody') }), /owner "Nobody": it must be 'self' or 'nobody'/],
      [() => heap.allocate(10, bad({ unitialized: true })), /option "unitialized": there is none, .* uninitialized/],
      [() => heap.allocate(10, bad(null)), /options null/],
      [() => heap.findOrAllocate('x', 8, bad({ owner: 'nobody' })), /option "owner"/],
      [() => heap.findOrAllocate('x', 8, bad(null)), /options null/],
      [() => heap.setRoot('r', block, bad(5)), /as 5: pass a codec/],
      [() => heap.getRoot('r', bad(5)), /as 5: pass a codec/],
      [() => heap.pin(block, bad(5)), /as 5: pass a codec/],
      [() => heap.withPin(block, bad(5)), /as 5: pass a codec/],
      [() => heap.withPin(block, i32, bad(5)), /pass a function/],
      [() => heap.compact(bad(null)), /options null/],
      [() => heap.compact({ maxMs: bad('x') }), /"x" as maxMs: pass a number/],
      [() => heap.compact(bad({ maxMS: 1 })), /option "maxMS": there is none, the options are maxBytes, maxMs/],
      [() => heap.reclaim(bad(null)), /options null/],
      [() => heap.reclaim({ owner: bad('x') }), /owners\(\)/],
      [() => heap.reclaim({ keep: bad(5) }), /an array of handles/],
      [() => heap.reclaim(bad({ keeps: [] })), /option "keeps"/],
      [() => pin.read(bad('abc')), /pass a codec/],
      [() => pin.read(bad(null)), /pass a codec/],
      [() => pin.write(bad('abc'), 0, bad(1)), /pass a codec/],
      [() => pin.copyFrom(bad('abc')), /from "abc": pass an ArrayBuffer view/],
      [() => pin.copyTo(bad(null)), /to null: pass an ArrayBuffer view/],
      [() => pin.copyTo(bad(new ArrayBuffer(9))), /to an object \(ArrayBuffer\): pass an ArrayBuffer view/],
      [() => SharedHeap.create(bad(undefined)), /in undefined: pass a name, or memory/],
      [() => SharedHeap.open(bad(5)), /in 5: pass a name, or memory/],
      [() => SharedHeap.openOrCreate(bad(null)), /in null: pass a name, or memory/],
      [() => SharedHeap.create('x', bad('1000')), /heap "x": say its byteLength as a number, not "1000"/],
      [() => SharedHeap.create('x'), /heap "x": say its byteLength as a number$/],
      [() => SharedHeap.create(new ArrayBuffer(9999), undefined, bad(null)), /options null/],
      [() => SharedHeap.create(new ArrayBuffer(9999), undefined, bad({ handels: 5 })), /option "handels"/],
      [() => SharedHeap.open(new ArrayBuffer(9999), bad({ handles: 5 })), /option "handles"/],
    ];
    for (const [act, message] of typeErrors) assert.throws(act, { name: 'TypeError', message });
    const rangeErrors: [() => unknown, RegExp][] = [
      ...[Number.NaN, -1].map((maxMs): [() => unknown, RegExp] => [
        () => heap.compact({ maxMs }),
        /as maxMs: it must be 0/,
      ]),
      [() => heap.compact({ maxBytes: Number.NaN }), /as maxBytes/],
      [() => heap.reclaim({ owner: bad(Number.NaN) }), /owner NaN/],
      ...[Number.NaN, 1.5, -1, 0].map((size): [() => unknown, RegExp] => [
        () => SharedHeap.create('x', size),
        /heap "x" of .* bytes: byteLength must be an integer of 1 or more/,
      ]),
      ...['\ud800', 'a\udfffb'].map((name): [() => unknown, RegExp] => [
        () => heap.setRoot(name, block),
        /half a surrogate pair/,
      ]),
    ];
    for (const [act, message] of rangeErrors) assert.throws(act, { name: 'RangeError', message });
    pin.unpin();
    assert.deepEqual([heap.stats().blocks, heap.roots(), heap.verify().problems], [1, [], []]);
  });

  it('names no owner for blocks that are disowned', () => {
    const { heap } = world().join();
    heap.allocate(8, { owner: 'nobody' });
    assert.deepEqual(heap.owners(), []);
  });

  it('stays within its time also before the first move, and goes on there', (t) => {
    const { heap } = world(1 << 20, { handles: 3000 }).join();
    const blocks = Array.from({ length: 2000 }, () => heap.allocate(20));
    heap.free(blocks[1990]!);
    heap.stats(); // makes an ordinary free block of it
    let time = 0;
    t.mock.method(performance, 'now', () => time++);
    const limits = { maxMs: 2.5 };
    assert.deepEqual(heap.compact(limits), { moves: 0, bytes: 0, done: false });
    let calls = 1;
    while (!heap.compact(limits).done && calls < 20) calls += 1;
    assert.ok(calls < 20, 'it came to the end');
    t.mock.restoreAll();
    assert.equal(heap.stats().fragmentation, 0);
  });

  it('keeps contents over reallocate, whichever way the block takes', () => {
    const { heap } = world().join();
    const block = heap.allocate(100, { initial: Uint8Array.from({ length: 100 }, (_, i) => i) });
    const next = heap.allocate(16);
    heap.reallocate(block, 1000); // must move
    heap.free(next);
    heap.reallocate(block, 40); // in place
    heap.reallocate(block, 5000);
    heap.withPin(block, (pin) => {
      for (let i = 0; i < 5000; i++) assert.equal(pin.get(i), i < 40 ? i : 0);
    });
    assert.equal(heap.stats().blocks, 1);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('grows a block whenever its own bytes and the free ones are enough, wherever the others stand', () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251);
    for (const behind of [[16], [16, 30_000, 200], [100_000], [40_000, 16, 60_000]]) {
      const { heap } = world(1 << 18, { handles: 50, threads: 2 }).join();
      const holes = [heap.allocate(20_000)];
      const block = heap.allocate(70_000, { initial: bytes });
      const others = behind.map((size) => heap.allocate(size, { initial: bytes.subarray(0, Math.min(size, 70_000)) }));
      holes.push(heap.allocate(10_000));
      for (const hole of holes) heap.free(hole);
      const most = 70_000 + heap.stats().free;
      assert.throws(() => heap.reallocate(block, most + 16), {
        code: 'ERR_OUT_OF_MEMORY',
        message: new RegExp(`Cannot reallocate block ${block} to ${most + 16} bytes: \\d+ are free beside its own`),
      });
      heap.reallocate(block, most);
      heap.withPin(block, (pin) => {
        const seen = new Uint8Array(most);
        pin.copyTo(seen);
        assert.equal(Buffer.compare(seen.subarray(0, 70_000), bytes), 0);
        assert.ok(seen.subarray(70_000).every((byte) => byte === 0));
      });
      others.forEach((other, i) => {
        const seen = new Uint8Array(Math.min(behind[i]!, 70_000));
        heap.withPin(other, (pin) => pin.copyTo(seen));
        assert.equal(Buffer.compare(seen, bytes.subarray(0, seen.length)), 0);
      });
      assert.equal(heap.stats().free, 0);
      assert.deepEqual(heap.verify().problems, []);
    }
  });

  it('does not grow a block past a pinned one, and says so', () => {
    const { heap } = world(1 << 18, { handles: 50, threads: 2 }).join();
    const block = heap.allocate(70_000);
    const [moves, stays] = [heap.allocate(16), heap.allocate(16)];
    const pin = heap.pin(stays);
    assert.throws(() => heap.reallocate(block, 200_000), { code: 'ERR_OUT_OF_MEMORY', message: /1 blocks are pinned/ });
    assert.deepEqual([heap.has(moves), heap.verify().problems], [true, []]);
    pin.unpin();
    heap.reallocate(block, 200_000);
    assert.deepEqual(heap.verify().problems, []);
  });

  it('limits pins and threads, with a typed error', () => {
    const { join } = world(65_536, { threads: 2, pins: 3 });
    const [a] = [join(), join()];
    assert.equal(codeOf(join), 'ERR_TABLE_FULL');
    const block = a!.heap.allocate(8);
    const pins = [1, 2, 3].map(() => a!.heap.pin(block));
    assert.equal(
      codeOf(() => a!.heap.pin(block)),
      'ERR_TABLE_FULL',
    );
    pins[0]!.unpin();
    a!.heap.pin(block).unpin();
    a!.heap.close();
    assert.equal(codeOf(join), 'nothing', 'one that left makes room');
  });

  it('finds blocks by name', () => {
    const { heap } = world(65_536, { roots: 2 }).join();
    const block = heap.allocate(Node);
    heap.setRoot('first', block, Node);
    assert.equal(heap.getRoot('first'), block);
    assert.equal(heap.getRoot('first', Node), block);
    assert.equal(
      codeOf(() => heap.getRoot('first', struct('other', { a: i32 }))),
      'ERR_LAYOUT_MISMATCH',
    );
    const second = heap.findOrAllocate('second', 64);
    assert.equal(heap.findOrAllocate('second', 64), second);
    assert.equal(
      codeOf(() => heap.setRoot('third', block)),
      'ERR_TABLE_FULL',
    );
    heap.free(second);
    assert.equal(heap.getRoot('second'), undefined);
    heap.setRoot('drei ☃', block);
    assert.deepEqual(
      heap
        .roots()
        .map(({ name }) => name)
        .sort(),
      ['drei ☃', 'first'],
    );
    heap.setRoot('drei ☃', null);
    assert.equal(heap.getRoot('drei ☃'), undefined);
    assert.equal(heap.has(block), true, 'a block outlives its name');
    assert.throws(() => heap.setRoot('', block), TypeError);
    assert.throws(() => heap.setRoot('x'.repeat(81), block), RangeError);
  });

  it('reclaims what the dead owned, and nothing else', () => {
    const { join } = world();
    const [a, b] = [join(), join()];
    const [lost, adopted, disowned, rooted, kept] = [1, 2, 3, 4, 5].map(() => b.heap.allocate(40));
    const mine = a.heap.allocate(40);
    a.heap.adopt(adopted!);
    b.heap.disown(disowned!);
    b.heap.setRoot('r', rooted!);
    assert.deepEqual(a.heap.reclaim(), { blocks: 0, bytes: 0 }, 'its owner lives');
    b.die();
    const dead = a.heap.owners().find((owner) => owner.participant === b.id);
    assert.deepEqual(dead, { participant: b.id, alive: false, blocks: 3, bytes: 120 });
    assert.deepEqual(a.heap.reclaim({ keep: [kept!] }), { blocks: 1, bytes: 40 });
    assert.deepEqual(
      [lost, adopted, disowned, rooted, kept, mine].map((handle) => a.heap.has(handle!)),
      [false, true, true, true, true, true],
    );
  });

  it('throws after close, its pins too', () => {
    const { heap } = world().join();
    const pin = heap.pin(heap.allocate(8));
    heap.close();
    heap.close();
    assert.equal(heap.closed, true);
    for (const use of [() => heap.allocate(1), () => heap.stats(), () => heap.compact(), () => pin.get(0)]) {
      assert.throws(use, { name: 'TypeError', code: 'ERR_CLOSED' });
    }
    pin.unpin();
    assert.equal(inspect(heap), 'SharedHeap { closed }');
  });

  it('holds the pin until a Promise is settled', async () => {
    const { heap } = world().join();
    const block = heap.allocate(8);
    const waiting = heap.withPin(block, async (pin) => {
      await null;
      return pin.byteLength;
    });
    assert.equal(
      codeOf(() => heap.free(block)),
      'ERR_BUSY',
    );
    assert.equal(await waiting, 8);
    heap.free(block);
  });

  it('works at an offset, and refuses one that is no multiple of 16', () => {
    const participants = new World().spawn();
    const memory = new Uint8Array(new ArrayBuffer(20_000), 3200, 16_000);
    const heap = SharedHeap.create(memory, undefined, { participants, handles: 10, threads: 1 });
    const block = heap.allocate(16);
    heap.withPin(block, (pin) => assert.equal(pin.dataView().byteOffset % 16, 0));
    heap.close();
    assert.throws(
      () => SharedHeap.create(new Uint8Array(new ArrayBuffer(20_000), 8), undefined, { participants }),
      RangeError,
    );
  });

  it('is not made twice, nor opened where none is', () => {
    const participants = new World().spawn();
    const memory = new ArrayBuffer(65_536);
    assert.equal(
      codeOf(() => SharedHeap.open(memory, { participants })),
      'ERR_WRONG_KIND',
    );
    SharedHeap.create(memory, undefined, { participants });
    assert.equal(
      codeOf(() => SharedHeap.create(memory, undefined, { participants })),
      'ERR_NAME_EXISTS',
    );
    assert.equal(
      codeOf(() => SharedHeap.create(new ArrayBuffer(1000), undefined, { participants })),
      'ERR_TOO_SMALL',
    );
    assert.equal(
      codeOf(() => SharedHeap.open(memory.slice(0, 30_000), { participants })),
      'ERR_TOO_SMALL',
    );
    for (const bad of [{ handles: 0 }, { handles: 2 ** 21 }, { threads: 0 }, { pins: 1.5 }, { roots: -1 }]) {
      assert.throws(() => SharedHeap.create(new ArrayBuffer(65_536), undefined, { ...bad, participants }), RangeError);
    }
  });

  it('never reaches outside when its memory is garbage', () => {
    const people = new World();
    let state = 99;
    const roll = (sides: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % sides;
    };
    const refusals = new Set<string>();
    for (let round = 0; round < 400; round++) {
      const memory = new ArrayBuffer(12_288);
      const options = { handles: 30, threads: 2, pins: 2, roots: 2 };
      const heap = SharedHeap.create(memory, undefined, { ...options, participants: people.spawn() });
      const blocks = Array.from({ length: 12 }, () => heap.allocate(1 + roll(300)));
      for (let i = 0; i < 12; i += 3) heap.free(blocks[i]!);
      const words = new Int32Array(memory);
      for (let n = 0; n < 6; n++) {
        const word = HEADER.sliding + roll(words.length - HEADER.sliding);
        words[word] = roll(3) === 0 ? roll(2 ** 31) - 2 ** 30 : roll(1000);
      }
      for (let n = 0; n < 30; n++) {
        const block = blocks[roll(12)]!;
        const act = [
          () => heap.allocate(1 + roll(400)),
          () => heap.free(block),
          () => heap.reallocate(block, 1 + roll(400)),
          () => heap.withPin(block, (pin) => pin.fill(1)),
          () => heap.compact(),
          () => heap.stats(),
        ][roll(6)]!;
        const code = codeOf(act);
        if (code !== 'nothing') refusals.add(code);
        if (n % 5 === 0) heap.verify();
      }
    }
    const known = [
      'ERR_CORRUPT',
      'ERR_STALE_HANDLE',
      'ERR_INVALID_HANDLE',
      'ERR_OUT_OF_MEMORY',
      'ERR_TABLE_FULL',
      'ERR_BUSY',
    ];
    assert.deepEqual(
      [...refusals].filter((code) => !known.includes(code)),
      [],
    );
    assert.equal(refusals.has('ERR_CORRUPT'), true);
  });

  it('reports what recovery stumbles over, instead of throwing it', () => {
    const { join, memory } = world(16_384, { handles: 20, threads: 2, pins: 2, roots: 1 });
    const { heap } = join();
    const blocks = [1, 2, 3].map((n) => heap.allocate(100 * n));
    heap.free(blocks[0]!);
    const { handleTable } = readGeometry(heapWords(memoryRange(memory)));
    const words = new Int32Array(memory);
    const word = handleTable + 2 * ENTRY_WORDS + ENTRY.offset;
    const unit = words[word]!;
    for (const [bad, sentence] of [
      [505_800_196, /Handle 2 leads out of the block area, to unit 505800196/],
      [words[word + ENTRY_WORDS]!, /Recovery gives up, .*: the block of handle \d overlaps the one before it/],
    ] as const) {
      words[word] = bad;
      words[HEADER.dirty] = 1;
      assert.throws(() => heap.compact(), { code: 'ERR_CORRUPT' });
      for (let times = 0; times < 2; times++) {
        const report = heap.verify();
        assert.equal(report.ok, false);
        assert.match(report.toString(), sentence);
      }
    }
    words[word] = unit;
    words[HEADER.sliding] = 19;
    words[HEADER.dirty] = 1;
    assert.equal(heap.verify().ok, false);
    words[HEADER.sliding] = 0;
    assert.deepEqual(heap.verify().problems, [], 'it is whole once the bytes are right again');
  });

  it('says what is wrong with a damaged heap, and mends what is only cache', () => {
    const { join, memory } = world(16_384, { handles: 20, threads: 2, pins: 2, roots: 1 });
    const { heap } = join();
    const blocks = [1, 2, 3].map(() => heap.allocate(100));
    heap.free(blocks[1]!);
    const words = new Int32Array(memory);
    words[HEADER.freeUnits]! += 7;
    const report = heap.verify();
    assert.equal(report.ok, false);
    assert.match(report.toString(), /problems.*\n {2}- \d+ free units are counted/);
    words.fill(0x7777, HEADER_WORDS, HEADER_WORDS + BIN_WORDS);
    assert.equal(
      codeOf(() => heap.allocate(100)),
      'ERR_CORRUPT',
    );
    heap.free(heap.allocate(100));
    assert.deepEqual(heap.verify().problems, [], 'the next one rebuilds the cache');
  });
});

describe('SharedHeap by name', () => {
  it('is one heap for all who open it, and goes with the last', () => {
    const name = uniqueName('heap');
    const a = SharedHeap.create(name, 1 << 20);
    const b = SharedHeap.open(name);
    assert.deepEqual([a.created, b.created, a.name, b.name], [true, false, name, name]);
    const block = a.allocate(1000, { initial: Uint8Array.of(1, 2, 3) });
    assert.equal(
      b.withPin(block, (pin) => pin.get(2)),
      3,
    );
    assert.equal(
      codeOf(() => SharedHeap.create(name, 1 << 20)),
      'ERR_NAME_EXISTS',
    );
    assert.equal(SharedHeap.openOrCreate(name, 1 << 20).created, false);
    assert.match(inspect(a), /SharedHeap \{\s+name: '.*',\s+byteLength: \d+,\s+used: \d+,\s+blocks: 1/);
    a.close();
    assert.equal(
      b.withPin(block, (pin) => pin.get(1)),
      2,
    );
    b.close();
  });

  it('takes isolated views back with the pin, and with the heap', () => {
    const name = uniqueName('heap');
    const heap = SharedHeap.create(name, 1 << 16);
    const block = heap.allocate(40);
    const pin = heap.pin(block);
    const bytes = pin.bytes({ isolated: true });
    const view = pin.dataView({ isolated: true });
    bytes[39] = 7;
    assert.deepEqual([pin.get(39), bytes.length, bytes.byteOffset, view.byteLength], [7, 40, 0, 40]);
    pin.unpin();
    assert.equal(bytes.length, 0);
    assert.throws(() => view.getUint8(39), TypeError);
    const second = heap.pin(block).bytes({ isolated: true });
    assert.equal(second[39], 7);
    heap.close();
    assert.equal(second.length, 0);
    const own = world().join().heap;
    assert.throws(() => own.pin(own.allocate(8)).bytes({ isolated: true }), { name: 'TypeError', message: /by name/ });
  });

  it('opens what is no heap with ERR_WRONG_KIND, and leaves nothing open', () => {
    const name = uniqueName('heap');
    const view = MappedView.create(name, 4096);
    assert.equal(
      codeOf(() => SharedHeap.open(name)),
      'ERR_WRONG_KIND',
    );
    view.close();
    assert.equal(
      codeOf(() => SharedHeap.open(name)),
      'ERR_NAME_NOT_FOUND',
    );
    assert.equal(
      codeOf(() => SharedHeap.create(name, 1024)),
      'ERR_TOO_SMALL',
    );
    assert.equal(SharedHeap.exists(name), false);
  });

  it('is closed when the view that it stands in is', () => {
    const view = MappedView.create(uniqueName('heap'), 1 << 16);
    const heap = SharedHeap.create(view);
    const block = heap.allocate(8);
    const pin = heap.pin(block);
    view.close();
    for (const use of [() => heap.pin(block), () => heap.allocate(8), () => pin.get(0), () => pin.set(0, 1)]) {
      assert.throws(use, { name: 'TypeError', code: 'ERR_CLOSED' });
    }
    assert.equal(heap.closed, true);
    pin.unpin();
    heap.close();
    heap.close();
  });

  it('goes over a MappedView of any kind but a read-only one', () => {
    const name = uniqueName('heap');
    const view = MappedView.create(name, 1 << 16);
    const heap = SharedHeap.create(view.subview(4096));
    const reader = MappedView.open(name);
    assert.equal(
      codeOf(() => SharedHeap.open(reader.subview(4096))),
      'ERR_READ_ONLY',
    );
    heap.free(heap.allocate(10));
    heap.close();
    reader.close();
    view.close();
  });
});
