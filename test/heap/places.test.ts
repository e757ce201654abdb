import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { i32 } from '../../src/codec/index.ts';
import { SharedHeap } from '../../src/heap/index.ts';
import { MappedView } from '../../src/memory/index.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';
import { codeOf, Node, world } from './world.ts';

describe('SharedHeap, where it stands', () => {
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
      [() => heap.withPin(block, bad(5)), /nothing runs: pass a function/],
      [() => heap.withPin(block, bad(Node)), /nothing runs: pass a function/],
      [() => heap.withPin(block, bad(5), () => {}), /as 5: pass a codec/],
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
