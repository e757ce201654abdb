import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BlockHandle, SharedHeap } from '../../src/heap/index.ts';
import { World } from '../support/participants.ts';
import { world } from './world.ts';

type Row = readonly [act: () => unknown, message: RegExp];

const bad = (value: unknown) => value as never;

function refused(name: 'TypeError' | 'RangeError', rows: readonly Row[]): void {
  for (const [act, message] of rows) assert.throws(act, { name, message }, String(message));
}

function pinned() {
  const { heap } = world().join();
  const handle = heap.allocate(100);
  const pin = heap.pin(handle);
  pin.fill(7);
  const isUntouched = () =>
    assert.ok(
      pin.bytes().every((byte) => byte === 7),
      'nothing was stored',
    );
  return { heap, handle, pin, isUntouched };
}

describe('Pin, its arguments', () => {
  it('refuses offsets that are no numbers, and shows them', () => {
    const { pin, isUntouched } = pinned();
    const bytes = new Uint8Array(4);
    for (const [offset, shown] of [
      [1n, '1n'],
      [Symbol('s'), 'Symbol\\(s\\)'],
      ['1', '"1"'],
      [null, 'null'],
      [{}, 'an object \\(Object\\)'],
    ] as const) {
      const message = new RegExp(`^Cannot reach offset ${shown} of block \\d+: pass a number$`);
      refused('TypeError', [
        [() => pin.get(bad(offset)), message],
        [() => pin.set(bad(offset), 1), message],
        [() => pin.fill(1, bad(offset)), message],
        [() => pin.fill(1, bad(offset), 4), message],
        [() => pin.copyTo(bytes, bad(offset)), message],
        [() => pin.copyFrom(bytes, bad(offset)), message],
      ]);
    }
    isUntouched();
  });

  it('refuses offsets and lengths that lead out of the block', () => {
    const { pin, isUntouched } = pinned();
    refused('RangeError', [
      [() => pin.get(100), /Cannot reach 1 bytes at 100 of block \d+: it has 100 bytes/],
      [() => pin.get(1.5), /Cannot reach 1 bytes at 1.5/],
      [() => pin.copyTo(new Uint8Array(4), 101), /Cannot reach offset 101 of block \d+: it has 100 bytes/],
      [() => pin.copyTo(new Uint8Array(4), -1), /Cannot reach offset -1/],
      [() => pin.fill(0, 101), /Cannot reach offset 101/],
      [() => pin.fill(0, 90, 11), /Cannot reach 11 bytes at 90/],
      [() => pin.fill(0, 0, -1), /Cannot fill -1 bytes: it must be an integer of 0 or more/],
      [() => pin.fill(0, 0, 1.5), /Cannot fill 1.5 bytes/],
      [() => pin.fill(0, 0, Number.NaN), /Cannot fill NaN bytes/],
    ]);
    refused('TypeError', [
      [() => pin.fill(0, 0, bad('x')), /Cannot fill "x" bytes: pass a number/],
      [() => pin.fill(0, 0, bad(1n)), /Cannot fill 1n bytes/],
    ]);
    isUntouched();
    assert.equal(pin.copyTo(new Uint8Array(4), 100), 0);
  });

  it('stores bytes alone', () => {
    const { pin, isUntouched } = pinned();
    for (const value of [256, -1, 1.5, Number.NaN, 2 ** 32]) {
      const message = /^Cannot store .* as a byte: pass an integer from 0 to 255$/;
      refused('RangeError', [
        [() => pin.set(0, value), message],
        [() => pin.fill(value), message],
      ]);
    }
    for (const value of ['abc', '1', undefined, null, {}, 1n, Symbol('s'), true]) {
      const message = /^Cannot store ("abc"|"1"|undefined|null|an object \(Object\)|1n|Symbol\(s\)|true) as a byte: /;
      refused('TypeError', [
        [() => pin.set(0, bad(value)), message],
        [() => pin.fill(bad(value)), message],
      ]);
    }
    isUntouched();
    pin.set(0, 255);
    pin.set(1, 0);
    pin.fill(255, 2, 1);
    assert.deepEqual([pin.get(0), pin.get(1), pin.get(2), pin.get(3)], [255, 0, 255, 7]);
  });

  it('refuses options of a view that there are not', () => {
    const { pin } = pinned();
    for (const view of ['bytes', 'dataView'] as const) {
      refused('TypeError', [
        [() => pin[view](bad({ isolate: true })), /option "isolate": there is none, the options are isolated/],
        [() => pin[view](bad({ isolated: 'no' })), /Cannot use "no" as isolated: pass true or false/],
        [() => pin[view](bad(5)), /with options 5/],
        [() => pin[view](bad(null)), /with options null/],
      ]);
      assert.equal(pin[view]({}).byteLength, 100);
      assert.equal(pin[view]({ isolated: false }).byteLength, 100);
    }
  });
});

describe('SharedHeap, its arguments', () => {
  it('refuses names of roots that are none, and shows them', () => {
    const { heap, handle } = pinned();
    for (const [name, shown] of [
      [1n, '1n'],
      [Number.NaN, 'NaN'],
      [Symbol('s'), 'Symbol\\(s\\)'],
      [undefined, 'undefined'],
      ['', '""'],
    ] as const) {
      const message = new RegExp(`^Cannot use ${shown} as the name of a root: pass a string that is not empty$`);
      refused('TypeError', [
        [() => heap.getRoot(bad(name)), message],
        [() => heap.setRoot(bad(name), handle), message],
        [() => heap.setRoot(bad(name), null), message],
        [() => heap.findOrAllocate(bad(name), 4), message],
      ]);
    }
    assert.deepEqual([heap.roots(), heap.stats().blocks], [[], 1]);
  });

  it('refuses capacities of the wrong kind', () => {
    for (const key of ['handles', 'threads', 'pins', 'roots']) {
      for (const [value, shown] of [
        ['5', '"5"'],
        [null, 'null'],
        [Symbol('s'), 'Symbol\\(s\\)'],
        [5n, '5n'],
      ] as const) {
        const message = new RegExp(`^Cannot create heap with ${shown} as ${key}: pass a number$`);
        const options = bad({ [key]: value, participants: new World().spawn() });
        refused('TypeError', [[() => SharedHeap.create(new ArrayBuffer(65_536), undefined, options), message]]);
      }
    }
  });

  it('refuses options over memory that only a name can have', () => {
    for (const option of [{ persistent: true }, { share: 'everyone' }, { mode: 0o600 }, { sddl: 'D:' }] as const) {
      for (const how of ['create', 'openOrCreate'] as const) {
        const memory = new ArrayBuffer(65_536);
        const options = { ...option, participants: new World().spawn() };
        refused('TypeError', [
          [
            () => SharedHeap[how](memory, undefined, options),
            /option "\w+": it is for heaps with a name, leave it out/,
          ],
        ]);
        assert.ok(new Uint8Array(memory).every((byte) => byte === 0));
      }
    }
  });

  it('refuses what cannot be kept from being reclaimed', () => {
    const { heap, handle } = pinned();
    refused('TypeError', [
      [() => heap.reclaim({ keep: [handle, bad('x')] }), /Cannot keep "x" from being reclaimed: pass handles/],
      [() => heap.reclaim({ keep: bad([null]) }), /Cannot keep null/],
      [() => heap.reclaim({ keep: bad(5) }), /Cannot keep 5 from being reclaimed: pass an array of handles/],
      [() => heap.reclaim({ owner: bad('x') }), /Cannot reclaim of owner "x": pass a number/],
    ]);
    assert.throws(() => heap.reclaim({ keep: [5 as BlockHandle] }), { code: 'ERR_INVALID_HANDLE' });
    const freed = heap.allocate(8);
    heap.free(freed);
    assert.deepEqual(heap.reclaim({ keep: [freed] }), { blocks: 0, bytes: 0 });
  });

  it('refuses options that are no record, and flags that are neither true nor false', () => {
    const { heap } = pinned();
    refused('TypeError', [
      [() => heap.allocate(8, bad({ uninitialized: 'yes' })), /Cannot use "yes" as uninitialized: pass true or false/],
      [() => heap.allocate(8, bad([])), /with options an array of 0: pass an object/],
      [() => heap.allocate(8, bad(new Date())), /with options an object \(Date\)/],
      [() => heap.compact(bad([])), /with options an array of 0/],
    ]);
    assert.equal(heap.stats().blocks, 1);
    class Options {
      readonly uninitialized = true;
    }
    assert.equal(heap.size(heap.allocate(8, new Options())), 8);
    assert.equal(heap.size(heap.allocate(8, Object.assign(Object.create(null), { uninitialized: true }))), 8);
  });

  it('is not constructed', () => {
    const Constructor = bad(SharedHeap) as new () => SharedHeap;
    refused('TypeError', [
      [
        () => new Constructor(),
        /^Cannot construct SharedHeap: use SharedHeap.create\(\), open\(\) or openOrCreate\(\)$/,
      ],
    ]);
  });
});
