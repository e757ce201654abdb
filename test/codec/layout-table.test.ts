import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  anonymous,
  array,
  at,
  atomic,
  bits,
  bool8,
  bytes,
  c,
  char,
  codecFromTable,
  defineCodec,
  diffLayouts,
  enumeration,
  f32,
  f64,
  i16be,
  i32,
  json,
  layout,
  layoutTable,
  padding,
  pointer,
  section,
  struct,
  target,
  text,
  u8,
  u16,
  u32,
  union,
  utf16,
} from '../../src/codec/index.ts';
import { codecsOf, type TruthStruct, truthFiles } from './support/truth.ts';

const Rich = struct('rich', {
  id: u32,
  flags: bits(u16, 3),
  _: bits(u16, 5, { unnamed: true }),
  level: bits(u16, 7),
  mode: enumeration(u8, { idle: 0, run: 1 }),
  pad: padding(2),
  name: char(9),
  title: utf16(5),
  pos: struct('vec', { x: f32, y: f64 }),
  grid: array(i16be, 2, 3),
  either: anonymous(union('', { asInt: i32, asFloat: f32 })),
  hits: atomic(u32),
  where: pointer,
  count: c.long,
  raw: bytes(3),
  note: text(20),
  doc: json(30),
  on: bool8,
});

describe('layoutTable() and codecFromTable()', () => {
  it('rebuild a codec that reads the same bytes', () => {
    const memory = Uint8Array.from({ length: Rich.byteLength }, (_, i) => (i * 37 + 5) & 0x7f);
    const view = new DataView(memory.buffer);
    view.setUint32(Rich.offsetOf('note'), 3, true);
    view.setUint32(Rich.offsetOf('doc'), 0, true);
    // A long of 8 bytes is read as a number here and as a bigint from a table; on Windows it has 4.
    const wide = c.long.byteLength === 8;
    if (wide) view.setUint32(Rich.offsetOf('count') + 4, 0, true);
    const again = codecFromTable(layoutTable(Rich));
    assert.equal(again.byteLength, Rich.byteLength);
    assert.equal(again.fingerprint, Rich.fingerprint);
    const { count, ...expected } = Rich.read(view);
    assert.deepEqual(again.read(view), {
      ...expected,
      ...(again.read(view) as { count: bigint }),
      count: wide ? BigInt(count) : count,
    });
    assert.deepEqual((again.live(view) as { snapshot(): unknown }).snapshot(), again.read(view));
    assert.equal(layoutTable(again), layoutTable(Rich));
  });

  it('keep every place of every compiler-checked struct', () => {
    for (const [file, content] of truthFiles()) {
      if (!file.startsWith('torture')) continue;
      for (const { types, truth } of (content as { structs: TruthStruct[] }).structs) {
        const codec = [...codecsOf(types, 'sysv64').values()].at(-1)!;
        const again = codecFromTable(layoutTable(codec));
        assert.equal(again.fingerprint, codec.fingerprint);
        for (const path of Object.keys(truth.sysv64!.fields))
          assert.equal(again.bitOffsetOf(path), codec.bitOffsetOf(path));
      }
    }
  });

  it('know a section and its header', () => {
    const Item = struct('item', { v: u32 });
    const Header = struct('header', { o: u32, n: u32, items: section(Item, { offset: 'o', count: 'n' }) });
    const view = new DataView(new ArrayBuffer(32));
    Header.write(view, 0, { o: 16, n: 2, items: [{ v: 5 }, { v: 6 }] });
    assert.deepEqual(codecFromTable(layoutTable(Header)).read(view), { o: 16, n: 2, items: [{ v: 5 }, { v: 6 }] });
  });

  it('give a custom codec as bytes unless it is known', () => {
    const Fixed = defineCodec<number>({
      name: 'fixed',
      byteLength: 2,
      byteAlignment: 2,
      read: (view, at) => view.getInt16(at, true) / 256,
      write: (view, at, value) => view.setInt16(at, value * 256, true),
    });
    const table = layoutTable(struct('s', { a: u8, b: Fixed }));
    const memory = Uint8Array.of(1, 0, 0, 2);
    assert.deepEqual(codecFromTable(table).read(memory), { a: 1, b: Uint8Array.of(0, 2) });
    assert.deepEqual(codecFromTable(table, (name) => (name === 'fixed' ? Fixed : undefined)).read(memory), {
      a: 1,
      b: 2,
    });
  });

  it('refuse what is no table', () => {
    const rows = (...row: unknown[]) => JSON.stringify(['struct', 's', 4, 4, [row]]);
    const bad = ['', '{}', '"nope"', '["struct"]', rows('a', 2, 'u32'), rows('a', -1, 'u8'), rows('a', 0, 'u8', 9, 3)];
    const deep = `${'["array",'.repeat(100)}"u8"${',1]'.repeat(100)}`;
    for (const table of [...bad, deep, '["array","u8",1e99]', '["char",-1]', '["enum","u8",{}]']) {
      assert.throws(() => codecFromTable(table), { code: 'ERR_CORRUPT' }, table);
    }
  });
});

describe('fingerprint', () => {
  const base = { a: u32, b: char(8) };
  it('is the same for the same bytes, whatever ABI they come from', () => {
    assert.equal(target('msvc64').struct('s', base).fingerprint, target('sysv32').struct('s', base).fingerprint);
    const { struct: on64, c: c64 } = target('sysv64');
    assert.equal(on64('s', { l: c64.long }).fingerprint, on64('s', { l: c64.long_long }).fingerprint);
  });
  it('changes with a name, a type, a place', () => {
    const known = struct('s', base).fingerprint;
    const others = [
      struct('t', base),
      struct('s', { a: u32, c: char(8) }),
      struct('s', { a: i32, b: char(8) }),
      struct('s', { a: u32, b: char(9) }),
      struct('s', { b: char(8), a: u32 }),
      struct('s', base, { align: 8 }),
      struct('s', { a: u32, b: utf16(4) }),
    ];
    assert.equal(new Set([known, ...others.map((codec) => codec.fingerprint)]).size, others.length + 1);
    assert.match(known, /^[0-9a-f]{16}$/);
  });
  it('does not change when an enumeration learns a name', () => {
    const [older, newer] = [enumeration(u8, { a: 0 }), enumeration(u8, { a: 0, b: 1 })];
    assert.equal(struct('s', { e: older }).fingerprint, struct('s', { e: newer }).fingerprint);
  });
  it('is a golden value', () => {
    assert.equal(layoutTable(struct('s', base)), '["struct","s",12,4,[["a",0,"u32"],["b",4,["char",8]]]]');
    assert.equal(struct('s', base).fingerprint, '90d8b783ee4c7c3e');
  });
});

describe('diffLayouts()', () => {
  it('marks the rows that differ', () => {
    const { same, first, second } = diffLayouts(
      struct('s', { id: u32, name: char(20) }),
      layoutTable(struct('s', { id: u32, extra: u16, name: char(20) })),
    );
    assert.equal(same, false);
    assert.match(first, /^! s: 24 bytes/);
    assert.match(first, /^ {2} +0 +4 +id +u32$/m);
    assert.match(first, /^! +4 +20 +name +char\[20\]$/m);
    assert.match(second, /^! +4 +2 +extra +u16$/m);
    assert.equal(diffLayouts(Rich, layoutTable(Rich)).same, true);
    assert.doesNotMatch(diffLayouts(Rich, Rich).first, /^!/m);
  });
});

describe('describe()', () => {
  it('shows the members of a layout by their offsets, and the gaps between', () => {
    const Telemetry = layout('telemetry', 16, { gear: at(8, i32), rpm: at(2, f32), mode: at(4, u8) });
    assert.deepEqual(
      Telemetry.describe()
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().replace(/ +/g, ' ')),
      [
        'telemetry: 16 bytes, aligned to 1',
        'offset size name type',
        '0 2 (padding)',
        '2 4 rpm f32',
        '4 1 mode u8',
        '6 2 (padding)',
        '8 4 gear i32',
        '12 4 (padding)',
      ],
    );
  });
});
