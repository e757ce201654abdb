/** Values that answer otherwise when they are asked again: what is stored is what was checked, and nothing runs over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  type AnyCodec,
  array,
  bytes,
  char,
  defineCodec,
  flexible,
  i32,
  json,
  struct,
  u8,
  union,
  utf16,
} from '../../src/codec/index.ts';

const LARGE = 'x'.repeat(60);

/** A property that is `first` at the first look and `then` afterwards. */
function changing(first: unknown, then: unknown): { value: unknown; looks: number } {
  return {
    looks: 0,
    get value() {
      this.looks += 1;
      return this.looks === 1 ? first : then;
    },
  };
}

const CASES: [string, AnyCodec, unknown, unknown][] = [
  ['a text', char(8), 'ab', LARGE],
  ['a wide text', utf16(4), 'ab', LARGE],
  ['a number', i32, 7, 'junk'],
  ['bytes', bytes(4), [1, 2, 3, 4], new Uint8Array(50).fill(9)],
  ['a list of numbers', array(u8, 4), [1, 2, 3, 4], [300, 300, 300, 300]],
  ['a long list of numbers', array(i32, 40), Array(40).fill(3), Array(40).fill(2 ** 40)],
  [
    'a list of structs',
    array(struct('e', { a: char(4), b: u8 }), 2),
    [
      { a: 'a', b: 1 },
      { a: 'b', b: 2 },
    ],
    LARGE,
  ],
  ['a struct', struct('inner', { a: char(4), b: u8 }), { a: 'a', b: 1 }, { a: LARGE, b: 300 }],
  ['a union', union('either', { a: char(4), b: u8 }), { a: 'a' }, { a: LARGE }],
];

for (const warm of [false, true]) {
  describe(`a member that changes between two looks, ${warm ? 'often written before' : 'first written'}`, () => {
    for (const [what, codec, first, then] of CASES) {
      it(`is looked at once: ${what}`, () => {
        const S = struct('s', { head: u8, member: codec });
        const end = S.byteLength;
        const expected = new Uint8Array(end + 100);
        const memory = new Uint8Array(end + 100);
        S.write(expected, 0, { head: 1, member: first } as never);
        for (let i = 0; warm && i < 400; i += 1) S.write(memory, 0, { head: 1, member: first } as never);
        const source = changing(first, then);
        const value = {
          head: 1,
          get member() {
            return source.value;
          },
        };
        S.write(new DataView(memory.buffer), 0, value as never);
        assert.equal(source.looks, 1);
        assert.deepEqual(memory, expected);
      });

      it(`is looked at once in assign and live assignment: ${what}`, () => {
        const S = struct('s', { head: u8, member: codec });
        const expected = new Uint8Array(S.byteLength + 100);
        const memory = new Uint8Array(S.byteLength + 100);
        S.write(expected, 0, { head: 0, member: first } as never);
        const source = changing(first, then);
        const live = S.live(memory) as unknown as { assign(partial: object): void };
        live.assign(
          Object.defineProperty({}, 'member', { enumerable: true, get: () => source.value }) as { member: unknown },
        );
        assert.equal(source.looks, 1);
        assert.deepEqual(memory, expected);
      });
    }

    it('is looked at once as an element', () => {
      const S = struct('s', { list: array(struct('e', { a: u8, b: u8 }), 2) });
      const memory = new Uint8Array(100);
      for (let i = 0; warm && i < 400; i += 1)
        S.write(memory, 0, {
          list: [
            { a: 1, b: 0 },
            { a: 1, b: 0 },
          ],
        });
      const source = changing(1, 0x7f03);
      const element = {
        get a() {
          return source.value as number;
        },
        b: 0,
      };
      S.write(new DataView(memory.buffer), 0, { list: [element, { a: 1, b: 0 }] });
      assert.deepEqual([...memory.subarray(0, 6)], [1, 0, 1, 0, 0, 0]);
    });
  });
}

describe('a list whose length changes', () => {
  it('stores what was counted', () => {
    const S = struct('s', { n: u8, rest: flexible(u8, 'n') });
    const memory = new Uint8Array(40);
    let looks = 0;
    const list = new Proxy([1, 2, 3, 4, 5, 6, 7, 8], {
      get: (target, key) => (key === 'length' ? (++looks > 2 ? 8 : 2) : Reflect.get(target, key)),
    });
    try {
      S.write(memory, 0, { n: 2, rest: list });
      assert.deepEqual([...memory.subarray(0, 5)], [2, 1, 2, 0, 0]);
    } catch {
      assert.ok(memory.every((byte) => byte === 0));
    }
  });

  it('is refused, with nothing stored, where its memory goes meanwhile', () => {
    const S = struct('s', { first: u8, list: array(i32, 40), last: struct('e', { n: u8 }) });
    const memory = new Uint8Array(S.byteLength);
    const given = new Int32Array(40).fill(7);
    const value = {
      first: 1,
      list: given,
      last: {
        get n() {
          structuredClone(given.buffer, { transfer: [given.buffer] });
          return 3;
        },
      },
    };
    S.write(memory, 0, value);
    assert.deepEqual([S.read(memory).list[39], S.read(memory).last.n], [7, 3]);
  });

  it('reads a json once', () => {
    const memory = new Uint8Array(60);
    let calls = 0;
    json<unknown>(40).write(memory, 0, { toJSON: () => (calls++ === 0 ? 1 : LARGE) });
    assert.deepEqual([json(40).read(memory), calls], [1, 1]);
  });
});

describe('a write inside a write of the same codec', () => {
  const S = struct('s', { name: char(8), list: array(i32, 4), n: i32 });
  const evil = { name: 'EVIL', list: [6, 6, 6, 6], n: 1 };
  const good = { name: 'GOOD', list: [1, 2, 3, 4] };
  const inside: [string, () => void][] = [
    ['works', () => S.write(new Uint8Array(S.byteLength), 0, evil)],
    ['is refused its memory', () => S.write({} as never, 0, evil)],
    ['is refused its value', () => S.write(new Uint8Array(S.byteLength), 0, { ...evil, n: 'x' } as never)],
    [
      'has 1024 brothers',
      () => {
        for (let i = 0; i < 1024; i += 1) S.write(new Uint8Array(S.byteLength), 0, evil);
      },
    ],
  ];
  for (const [how, run] of inside) {
    it(`takes nothing away when it ${how}`, () => {
      const memory = new Uint8Array(S.byteLength);
      for (let i = 0; i < 400; i += 1) S.write(memory, 0, { ...evil, name: 'warm' });
      S.write(memory, 0, {
        ...good,
        get n() {
          try {
            run();
          } catch {}
          return 7;
        },
      });
      assert.deepEqual(S.read(memory), { ...good, n: 7 });
    });
  }

  it('takes nothing away from a codec of one’s own', () => {
    const T: AnyCodec = struct('t', {
      name: char(8),
      own: defineCodec<number>({
        name: 'own',
        byteLength: 1,
        read: (view, at) => view.getUint8(at),
        write(view, at, value) {
          if (value === 1) T.write(new Uint8Array(T.byteLength), 0, { name: 'EVIL', own: 2, last: 'x' } as never);
          view.setUint8(at, value);
        },
      }),
      last: char(4),
    });
    const memory = new Uint8Array(T.byteLength);
    for (let i = 0; i < 400; i += 1) T.write(memory, 0, { name: 'warm', own: 3, last: 'w' } as never);
    T.write(memory, 0, { name: 'GOOD', own: 1, last: 'end' } as never);
    assert.deepEqual(T.read(memory), { name: 'GOOD', own: 1, last: 'end' });
  });
});

describe('a live object as a value', () => {
  it('never runs over, whoever changes its memory meanwhile', async () => {
    const shared = new SharedArrayBuffer(64);
    const Source = struct('source', { who: struct('w', { name: char(32) }) });
    const Target = struct('target', { list: array(struct('w8', { name: char(8) }), 2) });
    Source.write(shared, 0, { who: { name: 'The Lady Lovelace Countess' } });
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(
      `const { shared, flag } = require('node:worker_threads').workerData;
       const bytes = new Uint8Array(shared);
       while (Atomics.load(flag, 0) === 0) for (let i = 0; i < 1000; i += 1) bytes[3] = i & 1 ? 0 : 32;`,
      { eval: true, workerData: { shared, flag }, execArgv: [] },
    );
    const memory = new Uint8Array(100);
    const live = Source.live(new Uint8Array(shared)).who;
    let [stored, refused] = [0, 0];
    const end = performance.now() + 20_000;
    while ((stored < 2000 || refused < 2000) && performance.now() < end) {
      try {
        Target.write(memory, 0, { list: [{ name: 'x' }, live] });
        stored += 1;
      } catch {
        refused += 1;
      }
      if (!memory.subarray(Target.byteLength).every((byte) => byte === 0)) break;
    }
    Atomics.store(flag, 0, 1);
    await worker.terminate();
    assert.ok(memory.subarray(Target.byteLength).every((byte) => byte === 0));
    assert.ok(stored > 0 && refused > 0, `${stored} stored, ${refused} refused`);
  });
});
