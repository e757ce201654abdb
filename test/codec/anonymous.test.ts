import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anonymous, f32, type InferInput, i32, i64, struct, u16, u32, union } from '../../src/codec/index.ts';
import { formIn } from '../../src/codec/make-codec.ts';
import { closures } from '../../src/codec/record-closures.ts';

// As windows.h has LARGE_INTEGER: the whole, or its halves without a name between.
const Large = union('large', { quad: i64, halves: anonymous(struct('', { low: u32, high: i32 })) });
const Event = struct('event', {
  kind: i32,
  _: anonymous(union('', { word: i32, real: f32, parts: anonymous(struct('', { low: u16, high: u16 })) })),
  after: i32,
});

describe('an anonymous struct in a union', () => {
  it('may be left out where another member is given', () => {
    const memory = new Uint8Array(8);
    Large.write(memory, 0, { quad: -2n });
    assert.deepEqual(Large.read(memory), { quad: -2n, low: 0xfffffffe, high: -1 });
    const event = new Uint8Array(12);
    for (let pass = 0; pass < 3; pass += 1)
      Event.write(new DataView(event.buffer), 0, { kind: 1, real: 2, after: pass });
    assert.deepEqual(Event.read(event), { kind: 1, word: 0x40000000, real: 2, low: 0, high: 0x4000, after: 2 });
  });

  it('may be the one that is given, whole', () => {
    const memory = new Uint8Array(8).fill(0x55);
    const before = memory.slice();
    assert.throws(() => Large.write(memory, 0, { low: 1 } as never), /Cannot write large\.high: value is undefined/);
    assert.throws(() => Large.write(memory, 0, {} as never), /one of the union's members: quad, low, high/);
    assert.deepEqual(memory, before);
    Large.write(memory, 0, { low: 1, high: 2 });
    assert.equal(Large.read(memory).quad, 0x2_0000_0001n);
    Event.write(new Uint8Array(12), 0, { kind: 1, low: 1, high: 2, after: 3 });
    assert.throws(
      () => Event.write(new Uint8Array(12), 0, { kind: 1, after: 3 } as never),
      /one of the union's members/,
    );
  });

  it('keeps what is stored in it when a read value is written back', () => {
    const memory = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    const copy = new Uint8Array(8);
    Large.write(copy, 0, Large.read(memory));
    assert.deepEqual(copy, memory);
  });

  it('takes part of itself in assign', () => {
    const memory = new Uint8Array(8);
    const large = Large.live(memory);
    large.quad = -1n;
    large.assign({ low: 5 });
    assert.deepEqual(large.snapshot(), { quad: -4294967291n, low: 5, high: -1 });
  });

  it('does the same where no code is compiled', () => {
    const { take, store } = closures('union', formIn(Large, 'the test').members!);
    const memory = new DataView(new ArrayBuffer(8));
    store(memory, 0, take({ quad: 7n }));
    assert.equal(memory.getBigInt64(0, true), 7n);
    assert.throws(() => take({ high: 7 }));
  });
});

/** Never called: the compiler checks it. */
export function types(): InferInput<typeof Large>[] {
  // @ts-expect-error half of the halves is no whole member
  const half: InferInput<typeof Large> = { low: 1 };
  // @ts-expect-error none
  const none: InferInput<typeof Large> = {};
  // @ts-expect-error of another type
  const other: InferInput<typeof Large> = { quad: 1n, low: 'x' };
  const event: InferInput<typeof Event> = { kind: 1, after: 2, low: 1, high: 2 };
  // @ts-expect-error no member of the union
  const bare: InferInput<typeof Event> = { kind: 1, after: 2 };
  void [event, bare];
  return [half, none, other, { quad: 1n }, { low: 1, high: 2 }, { quad: 1n, low: 1, high: 2 }];
}
