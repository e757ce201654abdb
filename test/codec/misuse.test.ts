import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInNewContext } from 'node:vm';
import { allowCode } from '../../src/codec/code.ts';
import {
  type AnyCodec,
  aligned,
  anonymous,
  array,
  at,
  atomic,
  bits,
  bytes,
  char,
  defineCodec,
  enumeration,
  f32,
  flexible,
  i8,
  i32,
  i64,
  i64Number,
  layout,
  section,
  struct,
  structClass,
  target,
  text,
  u8,
  u32,
  u64,
  u64Number,
  union,
} from '../../src/codec/index.ts';

const Item = struct('item', { id: u32 });

describe('a flexible array', () => {
  it('is the last member', () => {
    assert.throws(
      () => struct('s', { list: flexible(u8), after: u8 }),
      /Cannot make s: flexible member "list" is followed by others, put it last/,
    );
    struct('s', { n: u8, list: flexible(u8, 'n'), items: section(Item, { offset: 64, count: 'n' }) });
  });

  it('goes by an integer of its struct', () => {
    const of = (fields: object) => () => struct('s', { ...fields, list: flexible(u8, 'n') } as never);
    assert.throws(
      of({ m: u32 }),
      /Cannot make s: list goes by "n", which is no member, expected an integer of the same/,
    );
    assert.throws(of({ n: f32 }), /Cannot make s: list goes by "n", which is f32, expected an integer/);
    assert.throws(of({ n: char(4) }), /which is char\[4\], expected an integer/);
    assert.throws(of({ n: array(u8, 2) }), /which is u8\[2\], expected an integer/);
    for (const n of [u8, u64, bits(u32, 5)]) of({ n })();
    of({ head: anonymous(struct('', { n: u32 })) })();
  });
});

describe('a section', () => {
  it('goes by integers of its header', () => {
    const place = { offset: 'at', stride: 'size', count: 'n' };
    const of = (fields: object) => () => struct('h', { ...fields, items: section(Item, place) } as never);
    of({ at: u32, size: u32, n: u32 })();
    assert.throws(of({ at: u32, n: u32 }), /Cannot make h: items goes by "size", which is no member/);
    assert.throws(of({ at: u32, size: f32, n: u32 }), /items goes by "size", which is f32/);
    assert.throws(
      () => layout('h', 8, { n: at(0, u32), items: at(4, section(Item, { offset: 8, count: 'm' })) }),
      /Cannot make h: items goes by "m", which is no member/,
    );
  });

  it('goes by no list, not even itself', () => {
    const refused = { name: 'TypeError', message: /expected an integer of the same struct/ };
    assert.throws(() => struct('s', { xs: section(u8, { offset: 0, count: 'xs' }) }), refused);
    assert.throws(() => struct('s', { n: array(u8, 2), xs: section(u8, { offset: 0, count: 'n' }) }), refused);
    const ys = section(u8, { offset: 0, count: 1 });
    assert.throws(() => struct('s', { ys, xs: section(u8, { offset: 0, count: 'ys' }) }), refused);
  });

  it('may go by members behind it', () => {
    struct('h', { items: section(Item, { offset: 4, count: 'n' }), n: u32 });
  });
});

describe('messages', () => {
  it('say that an offset means nothing to a struct', () => {
    assert.throws(() => struct('s', { a: at(4, i32) }), /Cannot place s\.a: a struct computes its offsets/);
  });

  it('show text and bigints as what they are', () => {
    assert.throws(() => bytes('3' as never), /length is "3", expected an integer/);
    assert.throws(() => struct('s', { a: i32 }, { pack: '4' as never }), /pack is "4", expected/);
    assert.throws(() => struct('s', { a: i32 }, { align: '4' as never }), /alignment is "4", expected/);
    assert.throws(() => bits(u32, 4n as never), /width is 4n, expected/);
    assert.throws(() => i32.read(new Uint8Array(8), 1n as never), /at offset 1n: pass an integer/);
  });

  it('refuse an option that would change nothing', () => {
    const options = { packed: 1 };
    // @ts-expect-error no such option
    const make = () => struct('s', { a: u8, b: i32 }, options);
    assert.throws(make, /Cannot make s: there is no option "packed", expected pack, align or strict/);
  });

  it('show a character whole', () => {
    assert.throws(
      () => char(4, 'latin1').write(new Uint8Array(4), 0, '😀'),
      /with "😀" at 0, expected characters of latin1/,
    );
  });

  it('tell a list of names that goes on', () => {
    const Wide = struct('wide', Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`f${i}`, u8])));
    assert.throws(() => Wide.offsetOf('x'), /it has f0, .*f11, …$/);
    assert.throws(() => Wide.live(new Uint8Array(13)).assign({ x: 1 }), /only fields of wide: f0, .*f11, …$/);
    assert.throws(() => Wide.offsetOf(undefined as never), /Cannot read the path undefined: write it like/);
  });

  it('say where the options of a string stand', () => {
    const options = { overflow: 'truncate' } as const;
    // @ts-expect-error the encoding comes first
    assert.throws(() => char(4, options), /Cannot make char\[4\]: encoding is an object .*options come third/);
  });
});

describe('a bit-field', () => {
  it('says what its bits hold, whatever the base would', () => {
    const S = struct('s', { f: bits(u8, 3), g: bits(i8, 3) });
    const memory = new Uint8Array(S.byteLength);
    for (const [f, name] of [
      [-1, 'RangeError'],
      [256, 'RangeError'],
      [Number.NaN, 'RangeError'],
      ['3', 'TypeError'],
    ]) {
      const refused = {
        name: name as string,
        message: /^Cannot write s\.f: value is .*, expected an integer from 0 to 7, which 3 bits hold$/,
      };
      assert.throws(() => S.write(memory, 0, { f: f as number, g: 0 }), refused);
      assert.throws(() => (S.live(memory).f = f as number), { name: name as string });
    }
    assert.throws(() => S.write(memory, 0, { f: 0, g: 300 }), /expected an integer from -4 to 3, which 3 bits hold/);
  });

  it('asks for a bigint where its base does, and for a number where that does', () => {
    const { c: c32, struct: struct32 } = target('sysv32');
    const wide = enumeration(u64Number, { x: 0, y: 3 });
    for (const code of [true, false]) {
      allowCode(code);
      try {
        for (const [base, wrong, outside, expected] of [
          [u64, [1, '1', null, true], [2n ** 20n, -1n, 2n ** 64n], 'a bigint from 0 to 1048575, which 20 bits hold'],
          [i64, [1, '1', undefined], [2n ** 19n, 2n ** 63n], 'a bigint from -524288 to 524287, which 20 bits hold'],
          [c32.uintptr_t, [1, null], [2n ** 20n, 2n ** 32n], 'a bigint from 0 to 1048575, which 20 bits hold'],
          [u64Number, [1n, '1', null], [2 ** 20, -1, 0.5], 'an integer from 0 to 1048575, which 20 bits hold'],
          [i64Number, [1n, {}], [2 ** 19, 2 ** 60], 'an integer from -524288 to 524287, which 20 bits hold'],
          [u32, [1n, null], [2 ** 20, 2 ** 32], 'an integer from 0 to 1048575, which 20 bits hold'],
          [wide, [], [2 ** 20], 'an integer from 0 to 1048575, which 20 bits hold'],
        ] as [typeof u32, unknown[], unknown[], string][]) {
          const S = struct32('s', { f: bits(base, 20) });
          const memory = new Uint8Array(S.byteLength);
          for (const value of [...wrong, ...outside]) {
            const refused = (error: Error) => {
              assert.equal(error.name, outside.includes(value) ? 'RangeError' : 'TypeError');
              assert.match(error.message, /^Cannot write s\.f: value is /);
              assert.ok(error.message.endsWith(`, expected ${expected}`), `${base}: ${error.message}`);
              return true;
            };
            assert.throws(() => S.write(memory, 0, { f: value as number }), refused);
            assert.throws(() => Reflect.set(S.live(memory), 'f', value), refused);
          }
        }
      } finally {
        allowCode(true);
      }
    }
  });

  it('has a base that is an integer and no more', () => {
    const make = bits as (base: AnyCodec, width: number) => AnyCodec;
    assert.throws(() => make(atomic(u32), 3), /Cannot make bits of atomic u32: it is no little-endian integer/);
    assert.throws(() => make(aligned(8, u32), 3), /Cannot make bits of u32: C has no alignas on bit-fields/);
  });
});

describe('what comes from another realm', () => {
  it('is memory, and fields, all the same', () => {
    assert.equal(u8.read(runInNewContext('new Uint8Array([7]).buffer') as ArrayBuffer), 7);
    assert.equal(u8.read(runInNewContext('new SharedArrayBuffer(1)') as SharedArrayBuffer), 0);
    const fields = runInNewContext('(codec) => ({ x: codec })') as (codec: typeof u8) => { x: typeof u8 };
    const S = struct('s', fields(u8));
    const memory = runInNewContext('new ArrayBuffer(1)') as ArrayBuffer;
    S.write(memory, 0, runInNewContext('({ x: 5 })') as { x: number });
    assert.deepEqual([S.read(memory), S.live(memory).x], [{ x: 5 }, 5]);
  });
});

describe('a failed write', () => {
  const Seconds = defineCodec<Date>({
    name: 'seconds',
    byteLength: 4,
    read: (view, at) => new Date(view.getUint32(at, true) * 1000),
    write: (view, at, date) => view.setUint32(at, date.getTime() / 1000, true),
  });

  it('leaves the memory alone also where a codec of one’s own checks nothing', () => {
    const S = struct('s', { kind: u8, made: Seconds });
    const memory = new Uint8Array(S.byteLength);
    const refused = { name: 'TypeError', message: /not a function/ };
    for (let i = 0; i < 300; i += 1) {
      const made = i as unknown as Date;
      assert.throws(() => S.write(memory, 0, { kind: 9, made }), refused);
      assert.throws(() => S.live(memory).assign({ kind: 9, made }), refused);
      assert.throws(() => array(S, 1).write(memory, 0, [{ kind: 9, made }]), refused);
      assert.deepEqual(memory, new Uint8Array(S.byteLength));
    }
    S.write(memory, 0, { kind: 9, made: new Date(5000) });
    assert.deepEqual(S.read(memory), { kind: 9, made: new Date(5000) });
  });

  it('leaves the memory alone also where a getter makes it shorter', () => {
    const S = struct('s', { a: i32, b: i32 });
    const memory = new (
      ArrayBuffer as unknown as new (
        n: number,
        o: object,
      ) => ArrayBuffer & { resize(n: number): void }
    )(8, { maxByteLength: 8 });
    for (let i = 0; i < 300; i += 1) {
      const value = {
        a: 1,
        get b() {
          memory.resize(4);
          return 2;
        },
      };
      assert.throws(() => S.write(memory, 0, value), /the memory has 4 from there/);
      assert.deepEqual([...new Uint8Array(memory)], [0, 0, 0, 0]);
      memory.resize(8);
      S.write(memory, 0, { a: 0, b: 0 });
    }
  });
});

describe('the type of a class', () => {
  class Student extends structClass('student', { id: i32 }) {
    twice(): number {
      return this.id * 2;
    }
  }

  it('is that of its instances', () => {
    const student = Student.live(new Uint8Array(4));
    student.id = 2;
    assert.equal(student.twice(), 4);
    const same: InstanceType<typeof Student> = student;
    // @ts-expect-error no such member
    assert.equal(student.missing, undefined);
    // @ts-expect-error no such member
    assert.equal(same.missing, undefined);
    assert.throws(() => {
      // @ts-expect-error a number
      student.id = 'x';
    }, TypeError);
    // @ts-expect-error nobody has what the constructor takes
    assert.throws(() => new Student(), /Cannot construct student/);
  });
});

describe('a list that has no room', () => {
  const List = struct('list', { n: u32, items: flexible(u8, 'n') });
  const Outer = struct('outer', { kind: u32, list: List });
  const three = { n: 3, items: [1, 2, 3] };

  /** Runs with 9 bytes of room, of which none may change. */
  const refused = (run: (memory: Uint8Array) => void, message: RegExp) => {
    const memory = new Uint8Array(9);
    assert.throws(() => run(memory), message);
    assert.deepEqual(memory, new Uint8Array(9));
  };

  it('is refused before the first byte, at any depth', () => {
    const room = /items: value is 3 elements, expected at most 1 elements, the memory has no room/;
    refused((m) => Outer.write(m, 0, { kind: 1, list: three }), room);
    refused((m) => Outer.live(m).assign({ kind: 1, list: three }), room);
    refused(
      (m) => struct('a', { _: anonymous(List) }).write(m, 4, three),
      /items: value is 3 elements, expected at most 1/,
    );
    refused((m) => union('u', { kind: u32, list: List }).write(m, 4, { list: three }), room);
    refused((m) => List.live(m, 4).assign(three), room);
    refused((m) => flexible(u32).write(m, 1, [1, 2, 3]), /value is 3 elements, expected at most 2 elements/);
  });

  it('has as many elements as the count says, in the value or else in memory', () => {
    refused(
      (m) => Outer.write(m, 0, { kind: 1, list: { n: 2, items: [1] } }),
      /list\.items: .* expected 2 elements, as n/,
    );
    refused(
      (m) => List.live(m).assign({ items: [1] }),
      /list\.items: value is 1 elements, expected 0 elements, as n says/,
    );
    const memory = new Uint8Array(16);
    const list = List.live(memory);
    list.assign(three);
    assert.throws(() => {
      list.items = [1, 2] as never;
    }, /expected 3 elements, as n says/);
    list.assign({ items: [7, 8, 9] });
    assert.deepEqual(List.read(memory), { n: 3, items: [7, 8, 9] });
  });
});

describe('half a surrogate pair', () => {
  it('is refused in UTF-8 too, where it has no bytes', () => {
    const memory = new Uint8Array(32);
    for (const codec of [char(20), text(20), char(20, 'utf8', { overflow: 'truncate' })]) {
      for (const value of ['a\ud83d', '\ude00', 'ä\ud83d!']) {
        assert.throws(() => codec.write(memory, 0, value), /expected text without half surrogate pairs/);
      }
      codec.write(memory, 0, 'ä😀');
      assert.equal(codec.read(memory), 'ä😀');
    }
  });
});

describe('a field that nobody knows', () => {
  const Known = struct('known', { a: i32 });
  const Either = union('either', { a: i32, b: u8 });
  const Placed = layout('placed', 8, { a: at(0, i32) });
  const odd = { a: 1, stray: 1 };

  /** Each with `x` where a stray field hides, and where the message finds it. */
  const places = (inner: AnyCodec, what: string): [codec: AnyCodec, x: unknown, path: string][] => [
    [struct('s', { x: inner }), odd, `s.x: ${what}`],
    [struct('s', { x: array(inner, 2) }), [{ a: 1 }, odd], `s.x[1]: ${what}`],
    [struct('s', { x: array(inner, 2, 1) }), [[{ a: 1 }], [odd]], `s.x[1][0]: ${what}`],
    [struct('s', { x: struct('t', { y: array(inner, 1) }) }), { y: [odd] }, `s.x.y[0]: ${what}`],
    [struct('s', { x: array(struct('t', { y: inner }), 1) }), [{ y: odd }], `s.x[0].y: ${what}`],
    [struct('s', { x: union('u', { y: array(inner, 1), z: u8 }) }), { y: [odd] }, `s.x.y[0]: ${what}`],
    [struct('s', { x: flexible(inner) }), [{ a: 1 }, odd], `s.x[1]: ${what}`],
    [struct('s', { x: section(array(inner, 1), { offset: 8, count: 1 }) }), [[odd]], `s.x[0][0]: ${what}`],
    [struct('s', { _: anonymous(struct('', { x: array(inner, 1) })) }), [odd], `s.x[0]: ${what}`],
    [layout('s', 64, { x: at(8, array(inner, 1)) }), [odd], `s.x[0]: ${what}`],
  ];

  for (const inner of [Known, Either, Placed]) {
    const what = `value is an object with the unknown field "stray", expected only fields of ${inner.name}`;
    it(`is refused at any depth: write, assign, live assignment of ${inner.name}`, () => {
      for (const [codec, x, path] of places(inner, what)) {
        const memory = new Uint8Array(64);
        const live = codec.live(memory) as unknown as { x: unknown; assign(partial: unknown): void };
        const refused = (run: () => void) =>
          assert.throws(run, (error: Error) => error.name === 'TypeError' && error.message.includes(path));
        refused(() => codec.write(memory, 0, { x } as never));
        refused(() => live.assign({ x }));
        refused(() => {
          live.x = x;
        });
        assert.deepEqual(memory, new Uint8Array(64), 'nothing written');
      }
    });
  }

  it('is refused by an array that stands alone, and by its live form', () => {
    const Pair = array(Known, 2);
    const memory = new Uint8Array(8);
    assert.throws(() => Pair.write(memory, 0, [{ a: 1 }, odd]), /known\[2\]\[1\]: .*unknown field "stray"/);
    assert.throws(() => Pair.live(memory).set(1, odd), /unknown field "stray"/);
    assert.deepEqual(memory, new Uint8Array(8));
  });
});
