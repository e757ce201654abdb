import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  type AnyCodec,
  anonymous,
  array,
  atomic,
  bits,
  bool8,
  bool32,
  bytes,
  char,
  enumeration,
  f32,
  f64,
  flexible,
  i8,
  i16,
  i32,
  i64,
  i64Number,
  padding,
  struct,
  target,
  u8,
  u16,
  u16be,
  u32,
  u64,
  u64Number,
  union,
} from '../../src/codec/index.ts';
import { readOnly } from './support/read-only.ts';

const write = (codec: AnyCodec, memory: Uint8Array | DataView, value: unknown, offset = 0) =>
  (codec.write as (m: unknown, o: number, v: unknown) => void).call(codec, memory, offset, value);

/** The call throws an error of that class and message and leaves the bytes alone. */
function refused(codec: AnyCodec, value: unknown, name: 'RangeError' | 'TypeError', message: RegExp): void {
  const memory = new Uint8Array(codec.byteLength + 8).fill(0x55);
  for (let time = 0; time < 3; time += 1) {
    assert.throws(
      () => write(codec, memory, value),
      (error: Error) => error.name === name && message.test(error.message),
      String(value),
    );
  }
  assert.ok(
    memory.every((byte) => byte === 0x55),
    'nothing written',
  );
}

describe('a value that does not fit is refused and nothing is written', () => {
  const S = struct('student', {
    id: u32,
    scores: array(i16, 5),
    pos: struct('pos', { x: f32, tags: array(char(4), 2) }),
    big: u64,
    flag: bits(u8, 3),
    on: bool8,
  });
  const good = { id: 1, scores: [1, 2, 3, 4, 5], pos: { x: 1, tags: ['a', 'b'] }, big: 1n, flag: 7, on: true };

  it('naming the path, the value and what was expected', () => {
    refused(
      S,
      { ...good, scores: [1, 2, 3, 40000, 5] },
      'RangeError',
      /^Cannot write student\.scores\[3\]: value is 40000, expected an integer from -32768 to 32767$/,
    );
    refused(
      S,
      { ...good, pos: { x: 1, tags: ['a', 'long one'] } },
      'RangeError',
      /student\.pos\.tags\[1\]: value is "long one" of 8 bytes/,
    );
    refused(
      S,
      { ...good, pos: { x: '1', tags: ['a', 'b'] } },
      'TypeError',
      /student\.pos\.x: value is "1", expected a number/,
    );
    refused(
      S,
      { ...good, flag: 8 },
      'RangeError',
      /student\.flag: value is 8, expected an integer from 0 to 7, which 3 bits hold/,
    );
    refused(S, { ...good, on: 1 }, 'TypeError', /student\.on: value is 1, expected true or false/);
    refused(S, { ...good, scores: [1, 2] }, 'RangeError', /student\.scores: value is 2 elements, expected 5 elements/);
    refused(S, { ...good, scores: 'abcde' }, 'TypeError', /student\.scores/);
    refused(S, { ...good, pos: null }, 'TypeError', /student\.pos: value is null, expected an object with x, tags/);
  });

  it('also undefined, unknown and missing fields, and what is no object', () => {
    const { id: _, ...missing } = good;
    refused(S, missing, 'TypeError', /student\.id: value is undefined/);
    refused(S, { ...good, id: undefined }, 'TypeError', /student\.id: value is undefined/);
    refused(S, { ...good, extra: 1 }, 'TypeError', /unknown field "extra"/);
    refused(S, { ...good, pos: { ...good.pos, z: 1 } }, 'TypeError', /student\.pos: .*unknown field "z"/);
    for (const value of [null, undefined, 5, 'text', 5n, true, Symbol('s')])
      refused(S, value, 'TypeError', /Cannot write student: value is/);
  });

  it('after many good writes too', () => {
    const memory = new Uint8Array(S.byteLength);
    for (let i = 0; i < 5000; i += 1) S.write(memory, 0, good);
    const before = memory.slice();
    for (const bad of [
      { ...good, id: -1 },
      { ...good, id: 5n },
      { ...good, id: Symbol('s') },
      { ...good, big: 1 },
      null,
    ]) {
      assert.throws(() => write(S, memory, bad), /Cannot write student/);
    }
    let seen = 0;
    for (let i = 0; i < 3000; i += 1) {
      try {
        write(S, memory, { ...good, extra: 1 });
      } catch {
        seen += 1;
      }
    }
    assert.ok(seen > 0, 'unknown fields are still found by sample');
    assert.deepEqual(memory, before);
  });

  it('takes a function for the object that it is, from the first write on', () => {
    const P = struct('p', { x: i32, y: i32 });
    const memory = new Uint8Array(P.byteLength);
    for (let i = 0; i < 1000; i += 1)
      P.write(
        memory,
        0,
        Object.assign(() => {}, { x: i, y: -i }),
      );
    assert.deepEqual(P.read(memory), { x: 999, y: -999 });
    refused(P, () => {}, 'TypeError', /p\.x: value is undefined/);
    refused(
      P,
      Object.assign(() => {}, { x: 1 }),
      'TypeError',
      /p\.y: value is undefined/,
    );
  });

  it('samples unknown fields in writes to all memory, and looks on while it finds some', () => {
    const P = struct('p', { x: i32, y: i32 });
    const memory = Buffer.alloc(P.byteLength);
    for (let i = 0; i < 5000; i += 1) P.write(memory, 0, { x: i, y: i });
    let seen = 0;
    for (let i = 0; i < 3000; i += 1) {
      try {
        write(P, memory, { x: 1, y: 1, z: 1 });
      } catch {
        seen += 1;
      }
    }
    assert.ok(seen >= 3000 - 128, `${seen} of 3000`);
  });

  it('a getter that throws leaves the memory alone', () => {
    const memory = new Uint8Array(S.byteLength);
    S.write(memory, 0, good);
    const before = memory.slice();
    const value = {
      ...good,
      id: 2,
      get big(): bigint {
        throw new Error('mine');
      },
    };
    assert.throws(() => S.write(memory, 0, value), /mine/);
    assert.deepEqual(memory, before);
  });

  it('integers out of range, fractions, NaN, bigints and numbers for each other', () => {
    const limits: [AnyCodec, number, number][] = [
      [i8, -128, 127],
      [u8, 0, 255],
      [i16, -32768, 32767],
      [u16, 0, 65535],
      [u16be, 0, 65535],
      [i32, -(2 ** 31), 2 ** 31 - 1],
      [u32, 0, 2 ** 32 - 1],
      [i64Number, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      [u64Number, 0, Number.MAX_SAFE_INTEGER],
    ];
    for (const [codec, min, max] of limits) {
      const memory = new Uint8Array(16);
      for (const edge of [min, max, 0]) {
        for (const offset of [0, 8, 3]) {
          write(codec, memory, edge, offset);
          assert.equal(codec.read(memory, offset), edge);
        }
      }
      for (const value of [min - 1, max + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
        refused(codec, value, 'RangeError', /expected an integer from/);
      for (const value of [1n, '1', null, undefined, {}, [], true])
        refused(codec, value, 'TypeError', /expected an integer from/);
    }
    for (const [codec, min, max] of [
      [i64, -(2n ** 63n), 2n ** 63n - 1n],
      [u64, 0n, 2n ** 64n - 1n],
    ] as const) {
      for (const value of [min - 1n, max + 1n]) refused(codec, value, 'RangeError', /expected a bigint from/);
      for (const value of [1, '1', null]) refused(codec, value, 'TypeError', /expected a bigint from/);
      const memory = new Uint8Array(16);
      for (const edge of [min, max]) {
        write(codec, memory, edge, 3);
        assert.equal(codec.read(memory, 3), edge);
      }
    }
    for (const codec of [f32, f64]) refused(codec, '1', 'TypeError', /expected a number/);
    const memory = new Uint8Array(8).fill(255);
    assert.throws(() => i64Number.read(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 127)), /RangeError: .*read it as a bigint/);
    assert.throws(() => u64Number.read(memory), RangeError);
    assert.equal(i64Number.read(memory), -1);
  });

  it('in live setters', () => {
    const live = S.live(new Uint8Array(S.byteLength));
    const set = (key: string, value: unknown) => Reflect.set(live, key, value, live);
    assert.throws(() => set('id', 2 ** 32), /RangeError: Cannot write student\.id: value is 4294967296/);
    assert.throws(() => set('id', 5n), /TypeError: Cannot write student\.id: value is 5n/);
    assert.throws(() => set('id', Symbol('x')), /TypeError: Cannot write student\.id/);
    assert.throws(() => set('flag', 9), /RangeError: Cannot write student\.flag/);
    assert.throws(() => set('pos', { x: 1 }), /TypeError: Cannot write student\.pos\.tags/);
    assert.throws(
      () => live.assign({ id: 1, scores: [1, 2, 3, 4, 99999] }),
      /RangeError: Cannot write student\.scores\[4\]/,
    );
    assert.throws(() => live.pos.tags.set(5, 'x'), /RangeError: .*it has no element 5, its length is 2/);
    assert.throws(
      () => live.pos.tags.set(1, 'too long'),
      /RangeError: Cannot write student\.pos|RangeError: Cannot write pos/,
    );
    assert.equal(live.id, 0);
  });
});

describe('memory of every kind', () => {
  const P = struct('p', { x: i32, text: char(4) });
  const kinds = (): (DataView | Uint8Array | Uint16Array | ArrayBuffer | SharedArrayBuffer)[] => [
    new DataView(new ArrayBuffer(8)),
    Buffer.alloc(8),
    new Uint16Array(4),
    new ArrayBuffer(8),
    new SharedArrayBuffer(8),
  ];

  it('is read, written and looked at alike, again and again', () => {
    const all = kinds();
    for (let i = 0; i < 600; i += 1) {
      for (const memory of all) {
        P.write(memory, 0, { x: i, text: 'ab' });
        assert.deepEqual(P.read(memory), { x: i, text: 'ab' });
        assert.equal(P.live(memory).x, i);
      }
    }
  });

  it('is not taken for a DataView to begin with: the error that this makes costs ten microseconds', () => {
    const asked = new Set<PropertyKey>();
    const bytes = Object.setPrototypeOf(
      new Uint8Array(8),
      new Proxy(Uint8Array.prototype, {
        get: (target, key, receiver) => {
          asked.add(key);
          return Reflect.get(target, key, ArrayBuffer.isView(receiver) ? receiver : target);
        },
      }),
    ) as Uint8Array;
    for (let i = 0; i < 300; i += 1) {
      P.write(bytes, 0, { x: i, text: 'ab' });
      assert.deepEqual(P.read(bytes), { x: i, text: 'ab' });
      assert.equal(P.live(bytes).x, i);
    }
    assert.deepEqual(
      [...asked].filter((key) => key in DataView.prototype && !(key in Uint8Array.prototype)),
      [],
    );
  });
});

describe('memory that does not do is refused', () => {
  const S = struct('s', { a: u32, b: u8 });
  it('too short, at a bad offset, or none at all', () => {
    for (const offset of [1, 9, 2 ** 33]) {
      assert.throws(() => S.read(new Uint8Array(8), offset), /RangeError: Cannot use s at offset/);
      assert.throws(() => S.write(new Uint8Array(8), offset, { a: 1, b: 2 }), RangeError);
      assert.throws(() => S.live(new Uint8Array(8), offset), RangeError);
    }
    assert.throws(() => S.read(new Uint8Array(5)), /it needs 8 bytes, the memory has 5 from there/);
    assert.throws(() => S.write(new DataView(new ArrayBuffer(5)), 0, { a: 1, b: 2 }), /it needs 8 bytes/);
    for (const offset of [-1, 0.5, Number.NaN, '0' as never])
      assert.throws(() => S.read(new DataView(new ArrayBuffer(16)), offset), RangeError);
    for (const memory of [null, undefined, 5, {}, 'text']) {
      assert.throws(() => S.read(memory as never), TypeError);
      assert.throws(() => S.write(memory as never, 0, { a: 1, b: 2 }), TypeError);
      assert.throws(() => S.live(memory as never), TypeError);
    }
  });

  it('read-only for a write', () => {
    assert.throws(() => S.write(readOnly(new Uint8Array(8)), 0, { a: 1, b: 2 }), { code: 'ERR_READ_ONLY' });
  });

  it('gone', () => {
    const view = new DataView(new ArrayBuffer(16));
    const live = S.live(view);
    const other = struct('o', { list: array(u16be, 3), name: char(4), raw: bytes(3) }).live(view);
    const list = other.list;
    structuredClone(view.buffer, { transfer: [view.buffer] });
    for (const use of [
      () => live.a,
      () => (live.a = 1),
      () => live.snapshot(),
      () => S.read(view),
      () => list.at(0),
      () => other.name,
      () => other.raw,
    ]) {
      assert.throws(use, TypeError);
    }
  });
});

describe('members of many kinds keep to their own bits', () => {
  it('bit-fields, whatever is around them', () => {
    const widths = fc.array(fc.integer({ min: 1, max: 32 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        widths,
        fc.constantFrom('sysv64', 'msvc64'),
        fc.integer({ min: 0, max: 9 }),
        fc.boolean(),
        (list, abi, offset, signed) => {
          const t = target(abi as 'sysv64');
          const S = t.struct('s', Object.fromEntries(list.map((w, i) => [`f${i}`, t.bits(signed ? i32 : u32, w)])), {
            pack: 1,
          });
          const value = Object.fromEntries(list.map((w, i) => [`f${i}`, signed ? -(2 ** (w - 1)) : 2 ** w - 1]));
          const memory = new Uint8Array(S.byteLength + offset + 1);
          S.write(memory, offset, value as never);
          assert.deepEqual(S.read(memory, offset), value);
          const live = S.live(memory, offset) as unknown as Record<string, number>;
          for (const key of Object.keys(value)) {
            const before = { ...(S.read(memory, offset) as Record<string, number>) };
            live[key] = 0;
            assert.deepEqual(S.read(memory, offset), { ...before, [key]: 0 });
          }
          assert.ok(memory.every((byte) => byte === 0));
        },
      ),
      { numRuns: 150 },
    );
    const Wide = struct('w', {
      a: bits(u64, 40),
      b: bits(i64, 20),
      c: bits(bool32, 1),
      d: bits(enumeration(u8, { x: 0, y: 3 }), 2),
    });
    const memory = new Uint8Array(Wide.byteLength);
    const value = { a: 2n ** 40n - 1n, b: -(2n ** 19n), c: true, d: 'y' } as const;
    Wide.write(memory, 0, value);
    assert.deepEqual(Wide.read(memory), value);
    Wide.live(memory).a = 0n;
    assert.deepEqual(Wide.read(memory), { ...value, a: 0n });
  });

  it('unions: each member sees the bytes, the first given wins, others stay', () => {
    const U = struct('s', { kind: u8, _: anonymous(union('', { f: f32, i: u32, parts: array(u8, 4) })) });
    const memory = new Uint8Array(8);
    U.write(memory, 0, { kind: 1, f: 1 });
    assert.deepEqual(U.read(memory), { kind: 1, f: 1, i: 0x3f800000, parts: [0, 0, 128, 63] });
    const again = { ...U.read(memory) };
    memory.fill(0);
    U.write(memory, 0, again);
    assert.deepEqual(U.read(memory), again);
    const live = U.live(memory);
    live.i = 0x40000000;
    assert.equal(live.f, 2);
    assert.throws(() => U.write(memory, 0, { kind: 1 } as never), /one of the union's members: f, i, parts/);
  });

  it('atomics', () => {
    const S = struct('s', { pad: u8, n: atomic(u32) });
    const memory = new Uint8Array(8);
    const { n } = S.live(memory);
    assert.equal(n.add(5), 0);
    assert.equal(n.sub(1), 5);
    assert.equal(n.or(3), 4);
    assert.equal(n.and(6), 7);
    assert.equal(n.xor(1), 6);
    assert.equal(n.exchange(9), 7);
    assert.equal(n.compareExchange(9, 2 ** 32 - 1), 9);
    assert.equal(n.compareExchange(9, 1), 2 ** 32 - 1);
    assert.equal(n.load(), 2 ** 32 - 1);
    assert.equal(S.read(memory).n, 2 ** 32 - 1);
    assert.throws(() => n.store(-1), RangeError);
    assert.throws(() => n.add(0.5), RangeError);
    assert.throws(() => S.live(new Uint8Array(16), 3).n, /expected a multiple of 4/);
    const sealed = S.live(readOnly(memory)).n;
    assert.equal(sealed.load(), 2 ** 32 - 1);
    for (const store of [() => sealed.add(1), () => sealed.store(1), () => sealed.compareExchange(0, 0)])
      assert.throws(store, { code: 'ERR_READ_ONLY' });
  });

  it('atomics stand for their numbers where a value is written', () => {
    const S = struct('s', { n: atomic(u32), list: array(atomic(u32), 2) });
    const [from, to] = [new Uint8Array(S.byteLength), new Uint8Array(S.byteLength)];
    S.write(from, 0, { n: 4, list: [5, 6] });
    for (let i = 0; i < 300; i += 1) S.write(to, 0, S.live(from));
    assert.deepEqual(to, from);
    S.live(to).n.add(1);
    S.live(from).assign(S.live(to));
    assert.deepEqual(S.read(from), { n: 5, list: [5, 6] });
    assert.throws(() => atomic(atomic(u32) as never), /Cannot make atomic u32 atomic/);
  });

  it('padding and hidden members are never written', () => {
    const S = struct('s', { a: u8, gap: padding(3), b: u32 });
    const memory = new Uint8Array(8).fill(0x77);
    S.write(memory, 0, { a: 1, b: 2 });
    assert.deepEqual([...memory], [1, 0x77, 0x77, 0x77, 2, 0, 0, 0]);
  });
});

describe('looking at a live object whose memory holds no value', () => {
  it('says why, and does not throw', () => {
    const List = struct('list', { n: u8, items: flexible(u16, 'n') });
    const Strict = struct('strict', { kind: enumeration(u8, { a: 1 }, { unknown: 'error' }) });
    const memory = Uint8Array.of(200, 0, 0, 0);
    assert.equal(
      inspect(List.live(memory)),
      'list <RangeError: Cannot use list.n: n is 200, the memory has room for 1>',
    );
    assert.match(inspect({ deep: List.live(memory).items }), /list\.items <RangeError: Cannot use list\.n/);
    assert.match(
      inspect(Strict.live(memory)),
      /^strict <RangeError: Cannot read enum u8: value is 200, expected one of a>$/,
    );
    assert.throws(() => JSON.stringify(Strict.live(memory)), RangeError);
  });
});
