/** `assign` looks at what it is given, not at every field that there is; what it finds and what it does stay the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allowCode } from '../../src/codec/code.ts';
import { anonymous, at, i32, layout, padding, struct, u8, u16, u32, union } from '../../src/codec/index.ts';

type Live = Record<string, unknown> & { assign(value: object): void; snapshot(): unknown };

/** Of enough fields for one of them to be few. */
const WIDE = 40;

function wide(): { live: Live; names: string[] } {
  const names = Array.from({ length: WIDE }, (_, i) => `f${i}`);
  const S = struct('s', {
    ...Object.fromEntries(names.map((name) => [name, i32])),
    gap: padding(2),
    _: anonymous(struct('', { x: u8, y: u8 })),
    __: anonymous(union('', { word: u32, half: u16 })),
    pos: struct('pos', { a: i32, b: i32 }),
  });
  const live = S.live(new Uint8Array(S.byteLength)) as unknown as Live;
  return { live, names };
}

for (const code of [true, false]) {
  describe(`assign, ${code ? 'by generated code' : 'by closures'}`, () => {
    const made = () => {
      allowCode(code);
      try {
        return wide();
      } finally {
        allowCode(true);
      }
    };

    it('finds what is given as a property of any kind of object', () => {
      const { live } = made();
      class Given {
        get f7() {
          return 1;
        }
      }
      const inherited = Object.create({ f7: 2 }) as object;
      const bare = Object.assign(Object.create(null), { f7: 3 }) as object;
      const hidden = Object.defineProperty({}, 'f7', { value: 4 });
      const proxy = new Proxy({}, { get: (_, key) => (key === 'f7' ? 5 : undefined) });
      const other = made().live;
      for (const [given, n] of [
        [new Given(), 1],
        [inherited, 2],
        [bare, 3],
        [hidden, 4],
        [proxy, 5],
      ] as const) {
        live.assign(given);
        assert.equal(live.f7, n);
        other.assign(live);
        assert.equal(other.f7, n);
      }
    });

    it('finds members of anonymous records, and part of a nested one', () => {
      const { live } = made();
      live.assign({ y: 2, pos: { b: 9 } });
      live.assign({ half: 0x1234, f39: -1 });
      live.assign({ x: undefined });
      const { x, y, word, pos, f39 } = live.snapshot() as Record<string, unknown>;
      assert.deepEqual({ x, y, word, pos, f39 }, { x: 0, y: 2, word: 0x1234, pos: { a: 0, b: 9 }, f39: -1 });
    });

    it('refuses what is wrong or unknown, and stores nothing', () => {
      const { live } = made();
      const before = live.snapshot();
      const bad: [object, RegExp][] = [
        [{ f1: 1, f2: 'x' }, /^TypeError: Cannot write s\.f2: value is "x"/],
        [{ f1: 1, pos: { b: 0.5 } }, /Cannot write s\.pos\.b: value is 0\.5/],
        [{ f1: 1, stray: 1 }, /unknown field "stray"/],
        [{ f1: 1, gap: 1 }, /unknown field "gap"/],
        [{ f1: 1, _: 1 }, /unknown field "_"/],
        [{ f1: 1, word: -1 }, /Cannot write s\.word: value is -1/],
      ];
      for (const [given, message] of bad) {
        assert.throws(() => live.assign(given), message);
        assert.deepEqual(live.snapshot(), before);
      }
    });

    it('stores in the order of the struct, in whatever order it is given', () => {
      allowCode(code);
      const fields = Object.fromEntries(Array.from({ length: WIDE }, (_, i) => [`f${i}`, at(i + 4, u8)]));
      const L = layout('l', WIDE + 4, { whole: at(0, u32), low: at(0, u16), ...fields });
      allowCode(true);
      const live = L.live(new Uint8Array(WIDE + 4)) as unknown as Live;
      live.assign({ low: 0x2222, whole: 0x11111111 });
      assert.equal(live.whole, 0x11112222);
    });

    it('looks at the properties that it is given, and at no other', () => {
      const { live, names } = made();
      const seen: string[] = [];
      const given = {};
      for (const name of names.slice(3, 6).reverse()) {
        const get = () => {
          seen.push(name);
          return 5;
        };
        Object.defineProperty(given, name, { enumerable: true, get });
      }
      // Reached only by asking for a field that the object does not have itself.
      Object.defineProperty(Object.prototype, 'f30', { configurable: true, get: () => seen.push('f30') });
      try {
        live.assign(given);
      } finally {
        delete (Object.prototype as Record<string, unknown>).f30;
      }
      assert.deepEqual(seen, ['f3', 'f4', 'f5']);
      assert.deepEqual([live.f3, live.f4, live.f5, live.f30], [5, 5, 5, 0]);
    });

    it('a snapshot is what read gives', () => {
      const { live } = made();
      live.assign({ f3: 7, word: 0x10002, pos: { a: 1, b: 2 }, y: 4 });
      const { f3, half, word, pos, x, y } = live.snapshot() as Record<string, unknown>;
      const expected = { f3: 7, half: 2, word: 0x10002, pos: { a: 1, b: 2 }, x: 0, y: 4 };
      assert.deepEqual({ f3, half, word, pos, x, y }, expected);
      assert.equal(Object.keys(live.snapshot() as object).length, WIDE + 5);
    });
  });
}
