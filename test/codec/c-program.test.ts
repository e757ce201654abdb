import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type AnyCodec, target } from '../../src/codec/index.ts';
import { randomFrom } from './support/random-structs.ts';

const folder = mkdtempSync(join(tmpdir(), `mapfile-c-${process.pid}-`));
after(() => rmSync(folder, { recursive: true, force: true }));

const { struct, union, array, bits, c, char, anonymous, ...t } = target('sysv64');

/** One struct in C and here, with each printable member's path and how C prints it. */
const Inner = struct('inner', { tag: c.unsigned_char, value: c.double, text: char(5) });
const Whole = struct('whole', {
  id: c.long,
  letter: c.signed_char,
  a: bits(t.u32, 3),
  b: bits(t.i32, 11),
  d: bits(t.u64, 33),
  name: char(20),
  grid: array(c.short, 2, 3),
  inner: Inner,
  list: array(Inner, 2),
  ratio: c.float,
  on: c.bool,
  big: c.unsigned_long_long,
  either: anonymous(union('', { word: t.u32, half: t.u16 })),
  wide: c.wchar(4),
  last: c.unsigned_short,
});
const DECLARATION = `
struct inner { unsigned char tag; double value; char text[5]; };
struct whole { long id; signed char letter; unsigned a : 3; int b : 11; unsigned long long d : 33; char name[20];
  short grid[2][3]; struct inner inner; struct inner list[2]; float ratio; _Bool on; unsigned long long big;
  union { unsigned word; unsigned short half; }; wchar_t wide[4]; unsigned short last; };`;
const INNER: [string, string][] = [
  ['tag', '%d'],
  ['value', '%.17g'],
  ['text', '%.5s'],
];
const MEMBERS: [path: string, format: string][] = [
  ['id', '%ld'],
  ['letter', '%d'],
  ['a', '%u'],
  ['b', '%d'],
  ['d', '%llu'],
  ['name', '%.20s'],
  ...[0, 1].flatMap((i) => [0, 1, 2].map((j): [string, string] => [`grid[${i}][${j}]`, '%d'])),
  ...INNER.map(([p, f]): [string, string] => [`inner.${p}`, f]),
  ...[0, 1].flatMap((i) => INNER.map(([p, f]): [string, string] => [`list[${i}].${p}`, f])),
  ['ratio', '%.17g'],
  ['on', '%d'],
  ['big', '%llu'],
  ['word', '%u'],
  ['wide', '%ls'],
  ['last', '%d'],
];

const random = randomFrom(77);
const word = (most: number) => Array.from({ length: random(most + 1) }, () => 'abcdefghij'[random(10)]).join('');
const inner = () => ({ tag: random(256), value: random(1e9) / 7, text: word(5) });
const value = () => {
  const bits32 = random(2 ** 32);
  return {
    id: random(2 ** 31) * (random(2) ? -1 : 4000),
    letter: random(256) - 128,
    a: random(8),
    b: random(2048) - 1024,
    d: BigInt(random(2 ** 32)) * 2n + BigInt(random(2)),
    name: word(20),
    grid: [0, 1].map(() => [0, 1, 2].map(() => random(65536) - 32768)),
    inner: inner(),
    list: [inner(), inner()],
    ratio: Math.fround(random(1e6) / 3),
    on: random(2) === 1,
    big: (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32)),
    word: bits32,
    wide: word(3),
    last: random(65536),
  };
};

function at(from: unknown, path: string): unknown {
  return path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce((each, key) => (each as Record<string, unknown>)[key], from);
}

/** How C prints it, from the value here. */
function printed(values: unknown, path: string): string {
  const member = at(values, path);
  return typeof member === 'boolean' ? String(Number(member)) : String(member);
}

function sameNumber(c: string, js: string): boolean {
  return c === js || (js !== '' && Number(c) === Number(js));
}

const compiler = ['gcc', 'clang', 'cc'].find((each) => spawnSync(each, ['--version']).status === 0);

describe('a compiled C program', { skip: compiler ? false : 'no C compiler here' }, () => {
  const build = (name: string, body: string): string => {
    const [source, program] = [join(folder, `${name}.c`), join(folder, name)];
    writeFileSync(
      source,
      `#include <stdio.h>\n#include <string.h>\n#include <wchar.h>\n${DECLARATION}\nint main(int n, char **v) { struct whole s; memset(&s, 0, sizeof s); ${body} return 0; }`,
    );
    const { status, stderr } = spawnSync(compiler!, ['-std=gnu11', '-w', '-m64', source, '-o', program], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return program;
  };

  it('prints what the codec wrote', { skip: process.platform === 'win32' && 'the struct is System V' }, () => {
    const prints = MEMBERS.map(([path, format]) => `printf("${format}\\n", s.${path});`).join('');
    const program = build(
      'print',
      `FILE *f = fopen(v[1], "rb"); while (fread(&s, sizeof s, 1, f) == 1) { ${prints} } fclose(f);`,
    );
    const values = Array.from({ length: 40 }, value);
    const memory = new Uint8Array(values.length * Whole.byteLength);
    values.forEach((each, i) => {
      Whole.write(memory, i * Whole.byteLength, each);
    });
    const file = join(folder, 'in.bin');
    writeFileSync(file, memory);
    const lines = spawnSync(program, [file], { encoding: 'utf8' }).stdout.split('\n');
    values.forEach((each, i) => {
      MEMBERS.forEach(([path], k) => {
        const said = lines[i * MEMBERS.length + k]!;
        assert.ok(sameNumber(said, printed(each, path)), `${path}: C says ${said}, written ${printed(each, path)}`);
      });
    });
  });

  it('writes what the codec reads', { skip: process.platform === 'win32' && 'the struct is System V' }, () => {
    const values = Array.from({ length: 40 }, value);
    const literal = (each: unknown, path: string) => {
      const member = at(each, path);
      if (typeof member === 'string') return undefined;
      return typeof member === 'bigint'
        ? `${member}ULL`
        : typeof member === 'boolean'
          ? String(Number(member))
          : Number.isInteger(member) && path !== 'ratio' && !path.endsWith('value')
            ? `${member}L`
            : `${member}`;
    };
    const body = values.map((each) => {
      const sets = MEMBERS.map(([path]) => {
        const number = literal(each, path);
        if (number !== undefined) return `s.${path} = ${number};`;
        const textValue = String(at(each, path));
        return path === 'wide'
          ? `wcscpy(s.wide, L"${textValue}");`
          : `memcpy(s.${path}, "${textValue}", ${textValue.length});`;
      });
      return `memset(&s, 0xff, sizeof s); memset(s.name,0,20);memset(s.inner.text,0,5);memset(s.list[0].text,0,5);memset(s.list[1].text,0,5); ${sets.join('')} fwrite(&s, sizeof s, 1, f);`;
    });
    const program = build('fill', `FILE *f = fopen(v[1], "wb"); ${body.join('\n')} fclose(f);`);
    const file = join(folder, 'out.bin');
    assert.equal(spawnSync(program, [file]).status, 0);
    const memory = readFileSync(file);
    assert.equal(memory.byteLength, values.length * (Whole as AnyCodec).byteLength);
    values.forEach((each, i) => {
      const { half, ...read } = Whole.read(memory, i * Whole.byteLength);
      assert.equal(half, each.word & 0xffff);
      assert.deepEqual(read, each);
    });
  });
});
