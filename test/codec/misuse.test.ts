import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  anonymous,
  array,
  at,
  bits,
  bytes,
  char,
  f32,
  flexible,
  i32,
  layout,
  section,
  struct,
  structClass,
  u8,
  u32,
  u64,
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
