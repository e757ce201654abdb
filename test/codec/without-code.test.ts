import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { allowCode } from '../../src/codec/code.ts';

describe('where no code may be compiled', () => {
  before(() => allowCode(false));
  after(() => allowCode(true));

  it('closures do the same', async () => {
    const {
      anonymous,
      array,
      atomic,
      bits,
      bool8,
      bytes,
      char,
      enumeration,
      f32,
      i16,
      i64,
      i64Number,
      struct,
      structClass,
      target,
      u16,
      u8,
      u32,
      union,
    } = await import('../../src/codec/index.ts');
    const fields = () => ({
      a: u8,
      b: i16,
      flag: bits(u32, 5),
      wide: bits(i64, 40),
      name: char(6),
      list: array(i16, 40),
      short: array(u16, 3),
      pos: struct('pos', { x: f32, y: f32 }),
      trail: array(struct('pos', { x: f32, y: f32 }), 2),
      mode: enumeration(u8, { idle: 0, run: 1 }),
      either: anonymous(union('', { f: f32, i: u32 })),
      hits: atomic(u32),
      raw: bytes(2),
      safe: i64Number,
      on: bool8,
      where: target('msvc32').u16,
    });
    const value = {
      a: 1,
      b: -2,
      flag: 17,
      wide: -5n,
      name: 'abc',
      list: Array.from({ length: 40 }, (_, i) => i - 20),
      short: [1, 2, 3],
      pos: { x: 1, y: 2 },
      trail: [
        { x: 3, y: 4 },
        { x: 5, y: 6 },
      ],
      mode: 'run' as const,
      f: 1.5,
      i: 0x3fc00000,
      hits: 7,
      raw: Uint8Array.of(8, 9),
      safe: -(2 ** 40),
      on: true,
      where: 65535,
    };
    const S = struct('s', fields());
    for (const offset of [0, 8, 4]) {
      const memory = new Uint8Array(S.byteLength + offset);
      S.write(memory, offset, value);
      assert.deepEqual(S.read(memory, offset), value);
      const live = S.live(memory, offset);
      live.b = 5;
      live.pos.x = 9;
      live.trail.get(1)!.y = 8;
      live.assign({ flag: 3, name: 'xyz' });
      live.hits.add(1);
      assert.deepEqual(S.read(memory, offset), {
        ...value,
        b: 5,
        flag: 3,
        name: 'xyz',
        hits: 8,
        pos: { x: 9, y: 2 },
        trail: [
          { x: 3, y: 4 },
          { x: 5, y: 8 },
        ],
      });
      assert.deepEqual(live.snapshot(), S.read(memory, offset));
      assert.throws(() => {
        live.b = 2 ** 20;
      }, /RangeError: Cannot write s\.b/);
      assert.throws(
        () => S.write(memory, offset, { ...value, short: [1, 2, 70000] }),
        /Cannot write s\.short\[2\]: value is 70000/,
      );
      assert.throws(() => S.write(memory, offset, { ...value, extra: 1 } as typeof value), /unknown field "extra"/);
    }
    class Point extends structClass('point', { x: f32 }) {
      double() {
        return this.x * 2;
      }
    }
    const point = Point.live(new Uint8Array(4));
    point.x = 4;
    assert.equal(point.double(), 8);
  });
});

describe('under --disallow-code-generation-from-strings', () => {
  it('code is generated all the same', () => {
    const script = `
      import { Code } from ${JSON.stringify(new URL('../../src/codec/code.ts', import.meta.url).href)};
      import { struct, i32, char } from ${JSON.stringify(new URL('../../src/codec/index.ts', import.meta.url).href)};
      try { new Function('return 1'); process.exit(3); } catch {}
      if (new Code().run('return 42') !== 42) process.exit(4);
      const S = struct('s', { a: i32, b: char(8) });
      const memory = new Uint8Array(12);
      S.write(memory, 0, { a: 5, b: 'x' });
      S.live(memory).a += 1;
      process.stdout.write(JSON.stringify(S.read(memory)));`;
    const loader = process.execArgv.filter((each, i, all) => each === '--import' || all[i - 1] === '--import');
    const args = [...loader, '--disallow-code-generation-from-strings', '--input-type=module', '--eval', script];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), { a: 6, b: 'x' });
  });
});
