import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  aligned,
  anonymous,
  array,
  at,
  atomic,
  bits,
  bytes,
  char,
  enumeration,
  f32,
  i8,
  i64,
  layout,
  padding,
  section,
  struct,
  target,
  u8,
  u32,
  union,
} from '../../src/codec/index.ts';

describe('a description that C has no layout for is refused', () => {
  const bad = (make: () => unknown, name: 'RangeError' | 'TypeError', message: RegExp) =>
    assert.throws(make, (error: Error) => error.name === name && message.test(error.message), message.source);

  it('names', () => {
    for (const key of ['constructor', 'toJSON', 'snapshot', 'assign', 'prototype', 'then'])
      bad(() => struct('s', { [key]: u8 }), 'TypeError', /reserved, rename it/);
    bad(() => struct('s', { ['__proto__']: u8 }), 'TypeError', /reserved/);
    bad(() => struct('s', { __proto__: u8 } as never), 'TypeError', /__proto__/);
    bad(() => struct('s', { a: u8, 0: u8 }), 'TypeError', /move field 0 to the front/);
    bad(() => struct('s', { 'a.b': u8 }), 'TypeError', /part of a path/);
    bad(() => struct('s', {}), 'TypeError', /no fields/);
    bad(() => union('u', { _: bits(u32, 0), $: bits(u8, 0) }), 'TypeError', /no fields/);
    const unnamed = (abi: 'msvc64' | 'sysv64') => target(abi).struct('s', { _: bits(u32, 5, { unnamed: true }) });
    assert.deepEqual([unnamed('msvc64').byteLength, unnamed('sysv64').byteLength], [4, 1]);
    bad(
      () => struct('s', { a: u8, _: anonymous(union('', { a: i8, b: u8 })) }),
      'TypeError',
      /two members are called "a"/,
    );
    bad(() => struct('s', { a: 5 as never }), 'TypeError', /Cannot use this as a codec in s\.a: 5/);
    assert.equal(struct('s', { valueOf: u8, hasOwnProperty: u8, '01': u8, 'a b': u8 }).byteLength, 4);
  });

  it('counts, widths, alignments, packs', () => {
    for (const count of [-1, 0.5, Number.NaN, 2 ** 40, '3' as never, 0]) {
      bad(() => array(u8, count), 'RangeError', /length is/);
      bad(() => char(count), 'RangeError', /length is/);
      bad(() => bytes(count), 'RangeError', /length is/);
      bad(() => padding(count), 'RangeError', /length is/);
    }
    for (const pack of [0, 3, 32, -1, 1.5])
      bad(() => struct('s', { a: u8 }, { pack: pack as 1 }), 'RangeError', /pack is/);
    for (const align of [0, 3, -4, 1.5]) {
      bad(() => struct('s', { a: u8 }, { align }), 'RangeError', /power of two/);
      bad(() => aligned(align, u8), 'RangeError', /power of two/);
    }
    for (const width of [-1, 9, 1.5]) bad(() => bits(u8, width), 'RangeError', /width is/);
    bad(() => aligned(8, bits(u8, 3)), 'TypeError', /no alignas on bit-fields/);
    bad(() => array(aligned(16, u8), 3), 'TypeError', /cannot each be aligned to 16/);
    bad(() => array(padding(3) as never, 3), 'TypeError', /value of its own/);
    bad(() => atomic(u8 as never), 'TypeError', /only u32 and i32/);
    bad(
      () => enumeration(u8, { a: 256 }),
      'RangeError',
      /Cannot make enum u8: a is 256, expected an integer from 0 to 255/,
    );
    bad(() => enumeration(u8, {}), 'TypeError', /no values/);
    bad(() => enumeration(f32 as never, { a: 1 }), 'TypeError', /no little-endian integer/);
    bad(() => layout('l', 4, { a: at(2, u32) }), 'RangeError', /ends at byte 6, l has 4/);
    bad(() => layout('l', 4, { a: u32 }), 'TypeError', /stand at\(offset, codec\)/);
    bad(() => at(-1, u8), 'RangeError', /byteOffset is -1/);
    bad(() => target('arm' as never), 'TypeError', /expected one of msvc64/);
    bad(() => section(u32 as never, { offset: -1, count: 'n' }), 'TypeError', /expected a member's name or a number/);
  });

  it('members of another target', () => {
    const other = target('msvc32');
    const mine = target('sysv64');
    bad(() => mine.struct('s', { p: other.pointer }), 'TypeError', /laid out for msvc32, s for sysv64/);
    bad(() => mine.struct('s', { p: other.struct('t', { a: u8 }) }), 'TypeError', /take both from one target/);
    bad(() => mine.union('u', { p: mine.array(other.c.long, 2) }), 'TypeError', /laid out for msvc32/);
    assert.equal(mine.struct('s', { a: u32, b: i64 }).byteLength, 16);
    assert.equal(target('sysv32').struct('s', { a: u32, b: i64 }).byteLength, 12);
  });

  it('paths that lead nowhere', () => {
    const S = struct('s', { a: u8, b: array(struct('t', { c: bits(u8, 3), d: bits(u8, 3) }), 2) });
    assert.equal(S.offsetOf('b[1].c'), 2);
    assert.equal(S.bitOffsetOf('b[1].d'), 19);
    bad(() => S.offsetOf('x'), 'TypeError', /no member "x", it has a, b/);
    bad(() => S.offsetOf('b[2]'), 'TypeError', /no element 2/);
    bad(() => S.offsetOf('a.b'), 'TypeError', /no member "b"/);
    bad(() => S.offsetOf('b[1].d'), 'TypeError', /it is a bit-field at bit 19, ask bitOffsetOf/);
    bad(() => S.offsetOf('b[x]'), 'TypeError', /write it like/);
  });
});
