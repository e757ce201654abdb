import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  char,
  char16,
  json,
  registerSystemText,
  struct,
  target,
  text,
  u8,
  utf16,
  utf32,
} from '../../src/codec/index.ts';

const OFFSETS = [0, 8, 3];
const memoryFor = (codec: { byteLength: number }) => new Uint8Array(codec.byteLength + 16).fill(0xaa);

describe('char()', () => {
  it('reads to the first NUL, pads with NULs, and fills every byte without one', () => {
    const codec = char(6);
    for (const offset of OFFSETS) {
      const memory = memoryFor(codec);
      codec.write(memory, offset, 'abc');
      assert.deepEqual([...memory.subarray(offset, offset + 7)], [97, 98, 99, 0, 0, 0, 0xaa]);
      assert.equal(codec.read(memory, offset), 'abc');
      codec.write(memory, offset, 'abcdef');
      assert.deepEqual([...memory.subarray(offset, offset + 7)], [97, 98, 99, 100, 101, 102, 0xaa]);
      assert.equal(codec.read(memory, offset), 'abcdef');
      memory.set([0, 1, 2], offset);
      assert.equal(codec.read(memory, offset), '');
    }
  });

  it('refuses what does not fit and says both lengths', () => {
    const memory = memoryFor(char(4));
    assert.throws(() => char(4).write(memory, 0, 'abcde'), {
      name: 'RangeError',
      message: `Cannot write char[4]: value is "abcde" of 5 bytes, expected at most 4 bytes (or { overflow: 'truncate' })`,
    });
    assert.throws(() => char(4).write(memory, 0, 'äöü'), /of 6 bytes, expected at most 4/);
    assert.throws(() => char(4).write(memory, 0, 'a\0b'), /RangeError: .*NUL at 1/);
    assert.throws(() => char(4).write(memory, 0, 5 as unknown as string), /TypeError: .*expected a string/);
    assert.ok(memory.every((byte) => byte === 0xaa));
  });

  it('cuts between characters when asked to', () => {
    const cut = (codec: ReturnType<typeof char>, value: string) => {
      const memory = memoryFor(codec);
      codec.write(memory, 0, value);
      assert.equal(memory[codec.byteLength], 0xaa);
      return codec.read(memory);
    };
    assert.equal(cut(char(4, 'utf8', { overflow: 'truncate' }), 'aä😀x'), 'aä');
    assert.equal(cut(char(4, 'utf8', { overflow: 'truncate' }), '😀😀'), '😀');
    assert.equal(cut(char(3, 'utf8', { overflow: 'truncate' }), '😀'), '');
    assert.equal(cut(utf16(2, { overflow: 'truncate' }), 'a😀'), 'a');
    assert.equal(cut(utf32(2, { overflow: 'truncate' }), 'a😀b'), 'a😀');
    assert.equal(cut(char(2, 'windows-1252', { overflow: 'truncate' }), '€uro'), '€u');
  });

  it('reads invalid bytes as U+FFFD, or throws when asked to', () => {
    const memory = Uint8Array.of(97, 0xff, 98, 0);
    assert.equal(char(4).read(memory), 'a\ufffdb');
    assert.throws(() => char(4, 'utf8', { invalid: 'error' }).read(memory), /RangeError: Cannot decode/);
    assert.equal(char(4, 'ascii').read(memory), 'a\ufffdb');
    assert.throws(() => char(4, 'ascii', { invalid: 'error' }).read(memory), RangeError);
    const half = Uint8Array.of(0x61, 0, 0, 0xd8);
    assert.equal(utf16(2).read(half), 'a\ufffd');
    assert.throws(() => utf16(2, { invalid: 'error' }).read(half), RangeError);
    assert.equal(utf32(1).read(Uint8Array.of(0, 0, 0x11, 0)), '\ufffd');
    assert.throws(() => utf16(4).write(new Uint8Array(8), 0, 'a\ud800'), /half surrogate/);
  });

  it('knows single-byte encodings both ways, others for reading', () => {
    const memory = new Uint8Array(8);
    char(8, 'windows-1252').write(memory, 0, '€ä™');
    assert.deepEqual([...memory.subarray(0, 4)], [0x80, 0xe4, 0x99, 0]);
    assert.equal(char(8, 'windows-1252').read(memory), '€ä™');
    char(8, 'latin1').write(memory, 0, 'äÿ');
    assert.deepEqual([...memory.subarray(0, 3)], [0xe4, 0xff, 0]);
    assert.throws(() => char(8, 'latin1').write(memory, 0, '€'), /characters of latin1/);
    assert.throws(() => char(8, 'ascii').write(memory, 0, 'ä'), /characters of ascii/);
    assert.throws(() => char(8, 'windows-1251').write(memory, 0, 'ä'), /characters of windows-1251/);
    char(8, 'windows-1251').write(memory, 0, 'Жя');
    assert.deepEqual([...memory.subarray(0, 3)], [0xc6, 0xff, 0]);
    assert.equal(char(8, 'shift_jis').read(Uint8Array.of(0x93, 0xfa, 0x96, 0x7b, 0, 0, 0, 0)), '日本');
    assert.throws(() => char(8, 'shift_jis').write(memory, 0, '日本'), /can be read, not written/);
    assert.throws(() => char(8, 'klingon'), /TypeError: Cannot use encoding "klingon"/);
  });
});

describe("the 'system' encoding", () => {
  afterEach(() => registerSystemText(() => ({})));
  const codec = char(6, 'system');

  it('is UTF-8 until an upper floor says otherwise', () => {
    const memory = new Uint8Array(6);
    codec.write(memory, 0, 'ä');
    assert.deepEqual([...memory.subarray(0, 3)], [0xc3, 0xa4, 0]);
  });

  it('is the code page that was registered', () => {
    registerSystemText(() => ({ codePage: 1252 }));
    const memory = new Uint8Array(6);
    codec.write(memory, 0, 'ä€');
    assert.deepEqual([...memory.subarray(0, 3)], [0xe4, 0x80, 0]);
    assert.equal(codec.read(memory), 'ä€');
  });

  it('uses the converter of the system for pages of several bytes', () => {
    const encode = (value: string) => (value === '日' ? Uint8Array.of(0x93, 0xfa) : undefined);
    registerSystemText(() => ({ codePage: 932, encode }));
    const memory = new Uint8Array(6);
    codec.write(memory, 0, '日');
    assert.equal(codec.read(memory), '日');
    assert.throws(() => codec.write(memory, 0, '月'), RangeError);
  });

  it('refuses a page that nobody knows', () => {
    registerSystemText(() => ({ codePage: 1 }));
    assert.throws(() => codec.read(new Uint8Array(6)), /code page 1 is unknown/);
  });
});

describe('wide strings', () => {
  it('stand in units of 2 and 4 bytes, as the ABI says', () => {
    assert.equal(utf16(5).byteLength, 10);
    assert.equal(char16(5).name, 'char16[5]');
    assert.equal(target('msvc64').c.wchar(33).byteLength, 66);
    assert.equal(target('sysv64').c.wchar(33).byteLength, 132);
    assert.equal(target('sysv64').win.WCHAR(33).byteLength, 66);
    const S = struct('s', { a: u8, w: utf16(2) });
    assert.equal(S.offsetOf('w'), 2);
  });
});

describe('text() and json()', () => {
  it('carry their length, and NULs', () => {
    for (const offset of OFFSETS) {
      const memory = memoryFor(text(10));
      text(10).write(memory, offset, 'a\0ü');
      assert.equal(text(10).read(memory, offset), 'a\0ü');
      assert.deepEqual([...memory.subarray(offset, offset + 4)], [4, 0, 0, 0]);
    }
    assert.throws(() => text(3).write(new Uint8Array(7), 0, 'abcd'), /RangeError: .*at most 3 bytes/);
    assert.throws(() => text(3).read(Uint8Array.of(9, 0, 0, 0, 0, 0, 0)), { code: 'ERR_CORRUPT' });
  });

  it('cut text between characters, or refuse bytes that are none, when asked to', () => {
    const memory = memoryFor(text(6));
    text(6, { overflow: 'truncate' }).write(memory, 0, 'a\0ä😀');
    assert.equal(text(6).read(memory), 'a\0ä');
    assert.equal(memory[10], 0xaa);
    assert.throws(() => text(6).write(memory, 0, 'a\0ä😀'), /of 8 bytes, expected at most 6 bytes \(or \{ overflow/);
    memory.set([2, 0, 0, 0, 0x41, 0xff]);
    assert.equal(text(6).read(memory), 'A\ufffd');
    assert.throws(() => text(6, { invalid: 'error' }).read(memory), /RangeError: Cannot decode 2 bytes as utf-8/);
  });

  it('hold any JSON value', () => {
    const codec = json<{ a: number[] } | null>(40);
    const memory = memoryFor(codec);
    codec.write(memory, 3, { a: [1, 2] });
    assert.deepEqual(codec.read(memory, 3), { a: [1, 2] });
    assert.equal(codec.read(new Uint8Array(44)), null);
    assert.throws(() => codec.write(memory, 0, { a: Array(99).fill(1) }), RangeError);
    assert.throws(() => json<unknown>(40).write(memory, 0, undefined), /what JSON can hold/);
    assert.throws(() => json<unknown>(40).write(memory, 0, 5n), /what JSON can hold/);
    assert.throws(() => codec.read(Uint8Array.from({ length: 44 }, (_, i) => (i === 0 ? 3 : i < 4 ? 0 : 123))), {
      code: 'ERR_CORRUPT',
    });
  });
});

describe('every string that fits comes back', () => {
  const kinds = [char(32), char(80), utf16(24), utf16(80), utf32(24), text(80)];
  const string = fc.string({ unit: 'binary', maxLength: 8 }).filter((s) => !s.includes('\0'));
  for (const codec of kinds) {
    it(codec.name, () => {
      fc.assert(
        fc.property(string, fc.constantFrom(...OFFSETS), (value, offset) => {
          const memory = memoryFor(codec);
          codec.write(memory, offset, value);
          assert.equal(codec.read(memory, offset), value);
          assert.equal(memory[offset + codec.byteLength], 0xaa);
        }),
        { numRuns: 200 },
      );
    });
  }
});
