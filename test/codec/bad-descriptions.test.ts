/** What plain JavaScript passes though the types forbid it, and what C has no layout for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as codecs from '../../src/codec/index.ts';

const { anonymous, codecFromTable, dateToFileTime, fileTimeToDate, i32, padding, u8, u32 } = codecs;

/** The makers as plain JavaScript sees them. */
const { aligned, array, at, bits, char, defineCodec, enumeration, flexible, layout, section, struct, union, utf16 } =
  codecs as unknown as Record<string, (...args: unknown[]) => codecs.AnyCodec>;

function refused(make: () => unknown, name: 'RangeError' | 'TypeError', message: RegExp): void {
  assert.throws(make, (error: Error) => error.name === name && message.test(error.message), message.source);
}

const Item = codecs.struct('item', { id: u32 });

describe('what cannot be an element', () => {
  const Lock = codecs.defineCodec({ name: 'lock', byteLength: 4, live: () => ({}) });
  const bad = {
    bits: codecs.bits(u8, 3),
    padding: padding(2),
    struct: anonymous(Item),
    flexible: codecs.flexible(u8),
    section: codecs.section(u8, { offset: 0, count: 1 }),
    custom: Lock,
    u8: codecs.at(4, u8),
  };
  for (const [kind, element] of Object.entries(bad)) {
    it(`is refused: ${kind}`, () => {
      const message = new RegExp(`an element must be a value of its own, not ${kind}`);
      refused(() => array!(element, 2), 'TypeError', message);
      refused(() => flexible!(element), 'TypeError', message);
      refused(() => section!(element, { offset: 0, count: 1 }), 'TypeError', message);
    });
  }

  it('is refused: what has no bytes, or others behind it inside', () => {
    const Empty = codecs.defineCodec({ name: 'none', byteLength: 0, read: () => 0, write: () => undefined });
    refused(() => array!(Empty, 2), 'TypeError', /Cannot make none\[2\]: its elements have no bytes/);
    refused(() => flexible!(Empty), 'TypeError', /Cannot make none\[\]: its elements have no bytes/);
    const List = codecs.struct('list', { n: u8, items: codecs.flexible(u8, 'n') });
    refused(() => array!(List, 2), 'TypeError', /list\[2\]: each element ends in a flexible array/);
    refused(() => flexible!(List), 'TypeError', /list\[\]: each element ends in a flexible array/);
    refused(() => struct!('s', { list: List, after: u8 }), 'TypeError', /flexible member "list" is followed by others/);
    refused(
      () => struct!('s', { _: anonymous(List), after: u8 }),
      'TypeError',
      /"_" is followed by others, put it last/,
    );
    assert.equal(struct!('s', { before: u8, list: List }).byteLength, 2);
    refused(() => flexible!(codecs.aligned(16, u8)), 'TypeError', /elements of 1 bytes cannot each be aligned to 16/);
  });
});

describe('an option that nobody knows', () => {
  const cases: [() => unknown, RegExp][] = [
    [
      () => char!(4, 'utf8', { overFlow: 'truncate' }),
      /Cannot make char\[4\]: there is no option "overFlow", expected overflow or invalid/,
    ],
    [() => char!(4, 'utf8', { overflow: 'cut' }), /char\[4\]: overflow is "cut", expected "error" or "truncate"/],
    [() => char!(4, 'utf8', null), /char\[4\]: options are null, expected an object with overflow or invalid/],
    [() => utf16!(4, { invalid: 'throw' }), /utf16\[4\]: invalid is "throw", expected "replace" or "error"/],
    [() => utf16!(4, 'utf8'), /utf16\[4\]: options are "utf8", expected an object/],
    [() => enumeration!(u8, { a: 1 }, { as: 'numbers' }), /enum u8: as is "numbers", expected "name" or "number"/],
    [
      () => enumeration!(u8, { a: 1 }, { unkown: 'error' }),
      /enum u8: there is no option "unkown", expected as or unknown/,
    ],
    [() => bits!(u8, 3, { unamed: true }), /u8:3: there is no option "unamed", expected unnamed/],
    [() => bits!(u8, 3, null), /u8:3: options are null/],
    [() => struct!('s', { a: u8 }, null), /Cannot make s: options are null, expected an object with pack, align or/],
    [() => struct!('s', { a: u8 }, { strict: 1 }), /Cannot make s: strict is 1, expected true or false/],
    [() => layout!('s', 4, { a: at!(0, u8) }, { pack: 1 }), /there is no option "pack", expected strict/],
    [
      () => section!(Item, { offset: 0, count: 1, size: 4 }),
      /section of item: there is no option "size", expected offset, stride or count/,
    ],
    [() => section!(Item), /section of item: options are undefined/],
  ];
  for (const [make, message] of cases) it(`is refused: ${message.source}`, () => refused(make, 'TypeError', message));
});

describe('what a codec is made of', () => {
  it('has a name, and fields that are strings', () => {
    refused(
      () => struct!({ a: u8 }),
      'TypeError',
      /its name is an object \(Object\), expected a string, then the fields/,
    );
    refused(() => union!(undefined, { a: u8 }), 'TypeError', /its name is undefined, expected a string/);
    refused(() => struct!('s', { a: u8, [Symbol('b')]: u8 }), 'TypeError', /field name Symbol\(b\) is a symbol/);
    refused(() => struct!('s', { a: { id: u8 } }), 'TypeError', /as a codec in s\.a: an object \(Object\)/);
  });

  it('stands somewhere', () => {
    for (const byteOffset of [-1, 1.5, undefined, '4']) {
      refused(() => at!(byteOffset, u8), 'RangeError', /Cannot make u8 at\(\): byteOffset is/);
    }
    for (const stride of [-4, 0, 1.5]) {
      refused(() => section!(Item, { offset: 0, stride, count: 1 }), 'TypeError', /stride is .* a number of 1 or more/);
    }
    refused(() => layout!('l', 0, { a: codecs.at(0, u8) }), 'RangeError', /length is 0/);
    refused(() => aligned!(3, u8), 'RangeError', /power of two/);
  });

  it('counts by integers, not by names', () => {
    const Kind = codecs.enumeration(u8, { a: 1 });
    refused(
      () => struct!('s', { n: Kind, list: codecs.flexible(u8, 'n') }),
      'TypeError',
      /"n", which is enum u8, expected an integer/,
    );
  });

  it('reads and writes, if it is one of the user’s', () => {
    refused(() => defineCodec!(null), 'TypeError', /definition is null, expected an object/);
    refused(
      () => defineCodec!({ name: 'x', byteLength: 4, read: () => 1 }),
      'TypeError',
      /Cannot define x: read and write are functions/,
    );
  });

  it('is an object of numbers, if it is an enumeration', () => {
    for (const values of [null, 5, ['a', 'b']]) {
      refused(() => enumeration!(u8, values), 'TypeError', /its values are .*, expected an object of numbers/);
    }
    refused(() => enumeration!(u8, { a: '1' }), 'TypeError', /Cannot make enum u8: a is "1", expected an integer/);
    refused(() => enumeration!(u8, { a: 0.5 }), 'RangeError', /Cannot make enum u8: a is 0\.5/);
  });

  it('has units of a byte, if it is char', () => {
    refused(() => char!(4, 'utf-16le'), 'TypeError', /its units are of two, take utf16\(length\)/);
    const memory = new Uint8Array(4);
    const alias = codecs.char(4, 'unicode-1-1-utf-8');
    alias.write(memory, 0, 'ä');
    assert.equal(alias.read(memory), 'ä');
  });
});

describe('a path', () => {
  const S = codecs.struct('s', { a: codecs.array(codecs.struct('t', { b: i32 }), 2) });
  it('has a dot before each name but the first, and plain indices', () => {
    assert.equal(S.offsetOf('a[1].b'), 4);
    assert.equal(S.offsetOf('a[0]'), 0);
    for (const path of [
      'a[1]b',
      'a[01].b',
      'a[00]',
      '.a',
      'a.',
      'a..b',
      'a.[1]',
      'a[-1]',
      'a[1.5]',
      'a[1',
      'a]1[',
      'a[0x1]',
    ]) {
      refused(() => S.offsetOf(path), 'TypeError', /Cannot read the path .*: write it like "a\.b\[2\]\.c"/);
    }
  });
});

describe('a layout table that no codec made', () => {
  const bad: Record<string, RegExp> = {
    '["struct","s",-1,4,[["a",0,"u8"]]]': /length is -1/,
    '["struct","s",1e15,4,[["a",0,"i32"]]]': /length is 1000000000000000/,
    '["struct","s",4,3,[["a",0,"i32"]]]': /alignment is 3/,
    '["struct","s",4,4,[["a",0,"i32"],["a",0,"i32"]]]': /two members are called "a"/,
    '["struct","s",4,4,[["a",0,"i32"],["",0,["struct","",4,4,[["a",0,"i32"]]]]]]': /two members are called "a"/,
    '["struct","s",4,4,[["__proto__",0,"i32"]]]': /"__proto__" is reserved/,
    '["struct","s",4,4,[["constructor",0,"i32"]]]': /"constructor" is reserved/,
    '["struct","s",4,4,[["a",0,["flexible","u8","n"]]]]': /a goes by "n", which is no member/,
    '["array","i32",1e12]': /length is 1000000000000/,
    '["array",["array","f64",1e9],1e9]': /length is /,
    '["flexible",["flexible","u8",null],null]': /an element must be a value of its own/,
    '["enum","f32",{"a":1}]': /no little-endian integer/,
    '["custom","x",1e20,1]': /100000000000000000000/,
  };
  for (const [table, message] of Object.entries(bad)) {
    it(`is refused: ${table}`, () => {
      assert.throws(() => codecFromTable(table), { code: 'ERR_CORRUPT', message });
    });
  }
});

describe('a FILETIME', () => {
  it('takes the dates that its 64 bits hold', () => {
    const ends = [
      { dwLowDateTime: 0, dwHighDateTime: 0 },
      { dwLowDateTime: 0xffff_ffff, dwHighDateTime: 0xffff_ffff },
    ] as const;
    const [first, last] = ends.map(fileTimeToDate) as [Date, Date];
    assert.equal(first.toISOString(), '1601-01-01T00:00:00.000Z');
    assert.deepEqual(dateToFileTime(first), ends[0]);
    assert.deepEqual(fileTimeToDate(dateToFileTime(last)), last);
    for (const time of [first.getTime() - 1, last.getTime() + 1, Number.NaN]) {
      refused(() => dateToFileTime(new Date(time)), 'RangeError', /Cannot make a FILETIME: date is/);
    }
  });
});
