/** The types of windows.h and of C have the sizes and alignments that compilers give them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnyCodec, target } from '../../src/codec/index.ts';
import { type Compiler, compilers, globalsOf } from './support/compilers.ts';

/** `name size alignment` of each type, as the compiler says and as we do. */
function compare(compiler: Compiler, header: string, types: Record<string, AnyCodec>, spelling: (n: string) => string) {
  const names = Object.keys(types);
  // Inside a struct, where a 32-bit compiler aligns 8 bytes to 4.
  const declared = names.map(
    (name) =>
      `struct W_${name} { char first; ${spelling(name)} it; };
       unsigned long long K_${name}[] = { sizeof(${spelling(name)}), __builtin_offsetof(struct W_${name}, it) };`,
  );
  const globals = globalsOf(compiler, `${header}\n${declared.join('\n')}`);
  const { struct, i8 } = target(compiler.abi);
  const theirs = names.map((name) => `${name} ${new BigUint64Array(globals.get(`K_${name}`)!.buffer).join(' ')}`);
  const ours = names.map((name) => {
    const Within = struct(name, { first: i8, it: types[name]! });
    return `${name} ${types[name]!.byteLength} ${Within.offsetOf('it')}`;
  });
  assert.ok(names.length > 20);
  assert.deepEqual(ours, theirs);
}

const codecsIn = (names: object) =>
  Object.fromEntries(Object.entries(names).filter(([, codec]) => typeof codec === 'object')) as Record<
    string,
    AnyCodec
  >;

describe('c.*', () => {
  const found = compilers();
  if (found.length === 0) it('needs gcc or clang', { skip: 'no compiler here' }, () => undefined);
  const spellings: Record<string, string> = {
    bool: '_Bool',
    pointer: 'void *',
    size_t: '__SIZE_TYPE__',
    ssize_t: '__PTRDIFF_TYPE__',
    ptrdiff_t: '__PTRDIFF_TYPE__',
    intptr_t: '__INTPTR_TYPE__',
    uintptr_t: '__UINTPTR_TYPE__',
    wchar_t: '__WCHAR_TYPE__',
    char16_t: '__CHAR16_TYPE__',
    char32_t: '__CHAR32_TYPE__',
  };
  const spelling = (name: string) =>
    spellings[name] ??
    (/int\d+_t$/.test(name) ? `__${name.replace(/_t$/, '').toUpperCase()}_TYPE__` : name.replaceAll('_', ' '));
  for (const compiler of found) {
    it(`have the sizes of ${compiler.name} (${compiler.abi})`, () => {
      compare(compiler, '', codecsIn(target(compiler.abi).c), spelling);
    });
  }
});

describe('win.*', () => {
  const all = [
    ['x86_64-w64-mingw32-gcc', 'msvc64'],
    ['i686-w64-mingw32-gcc', 'msvc32'],
  ] as const;
  const found = all
    .map(([command, abi]): Compiler => ({ name: command, abi, command, options: [] }))
    .filter((compiler) => {
      try {
        return globalsOf(compiler, '#include <windows.h>');
      } catch {
        return false;
      }
    });
  if (found.length === 0) it('needs MinGW', { skip: 'no compiler with a windows.h here' }, () => undefined);
  for (const compiler of found) {
    it(`have the sizes of windows.h (${compiler.abi})`, () => {
      const { QWORD: _, ...types } = codecsIn(target(compiler.abi).win);
      compare(compiler, '#include <windows.h>', types, (name) => name);
    });
  }
});
