/** What compilers of this machine say of a layout, read from the data in their assembly: nothing has to run. */
import { spawnSync } from 'node:child_process';
import type { TargetAbi } from './truth.ts';

export interface Compiler {
  readonly name: string;
  readonly abi: TargetAbi;
  readonly command: string;
  readonly options: readonly string[];
}

/** The compilers there are. */
export function compilers(): Compiler[] {
  const all: Compiler[] = [
    { name: 'gcc', abi: 'sysv64', command: 'gcc', options: ['-m64'] },
    { name: 'gcc -m32', abi: 'sysv32', command: 'gcc', options: ['-m32'] },
    { name: 'clang', abi: 'sysv64', command: 'clang', options: ['--target=x86_64-linux-gnu'] },
    { name: 'clang for arm64 macOS', abi: 'sysv64', command: 'clang', options: ['--target=arm64-apple-darwin'] },
    { name: 'clang for i386', abi: 'sysv32', command: 'clang', options: ['--target=i386-linux-gnu'] },
    { name: 'clang for MSVC x64', abi: 'msvc64', command: 'clang', options: ['--target=x86_64-pc-windows-msvc'] },
    { name: 'clang for MSVC x86', abi: 'msvc32', command: 'clang', options: ['--target=i386-pc-windows-msvc'] },
  ];
  return all.filter(({ command, options }) => compile(command, options, 'int x = 1;') !== undefined);
}

function compile(command: string, options: readonly string[], source: string): string | undefined {
  const result = spawnSync(command, [...options, '-std=gnu11', '-w', '-S', '-O0', '-x', 'c', '-o', '-', '-'], {
    input: source,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return result.status === 0 ? result.stdout : undefined;
}

/** The bytes of each global variable of a program. */
export function globalsOf(compiler: Compiler, source: string): Map<string, Uint8Array> {
  const assembly = compile(compiler.command, compiler.options, source);
  if (assembly === undefined) throw new Error(`${compiler.name} does not compile this:\n${source.slice(0, 2000)}`);
  const globals = new Map<string, number[]>();
  let bytes: number[] = [];
  for (const line of assembly.split('\n')) {
    const label = /^_?"?([KBV]_\w+)"?:/.exec(line);
    // macOS declares what is all zero without bytes.
    const zeros = /^\s*\.zerofill\s.*,_?([KBV]_\w+),(\d+)/.exec(line);
    if (zeros) globals.set(zeros[1]!, Array<number>(Number(zeros[2])).fill(0));
    else if (label) {
      bytes = [];
      globals.set(label[1]!, bytes);
    } else addDirective(line.trim(), bytes);
  }
  return new Map([...globals].map(([name, list]) => [name, Uint8Array.from(list)]));
}

const SIZES: Record<string, number> = {
  '.byte': 1,
  '.short': 2,
  '.value': 2,
  '.2byte': 2,
  '.hword': 2,
  '.long': 4,
  '.4byte': 4,
  '.int': 4,
  '.word': 2,
  '.quad': 8,
  '.8byte': 8,
  '.xword': 8,
};

function addDirective(line: string, bytes: number[]): void {
  const match = /^(\.\w+)\s*(.*?)\s*(?:[#;@].*|\/\/.*)?$/.exec(line);
  if (!match) return;
  const [, directive, rest] = match as unknown as [string, string, string];
  if (directive === '.zero' || directive === '.space' || directive === '.skip') {
    const [count, fill] = rest.split(',').map(Number);
    for (let i = 0; i < count!; i += 1) bytes.push((fill ?? 0) & 255);
  } else if (directive === '.ascii' || directive === '.asciz' || directive === '.string') {
    const text = /"(.*)"/.exec(line)![1]!;
    for (const [token] of text.matchAll(/\\[0-7]{1,3}|\\.|[^\\]/g)) bytes.push(unescaped(token));
    if (directive !== '.ascii') bytes.push(0);
  } else if (directive in SIZES) {
    for (const item of rest.split(',')) {
      let value = BigInt.asUintN(64, item.trim().startsWith('-') ? -BigInt(item.trim().slice(1)) : BigInt(item.trim()));
      for (let i = 0; i < SIZES[directive]!; i += 1) {
        bytes.push(Number(value & 255n));
        value >>= 8n;
      }
    }
  }
}

function unescaped(token: string): number {
  if (!token.startsWith('\\')) return token.charCodeAt(0);
  if (/[0-7]/.test(token[1]!)) return Number.parseInt(token.slice(1), 8);
  return { n: 10, t: 9, r: 13, b: 8, f: 12, v: 11 }[token[1]!] ?? token.charCodeAt(1);
}

/** The lowest bit that is set, and how many are. */
export function bitsSet(bytes: Uint8Array): { bitOffset: number; width: number } {
  let bitOffset = -1;
  let width = 0;
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) {
      if ((byte & (1 << bit)) === 0) continue;
      if (bitOffset < 0) bitOffset = index * 8 + bit;
      width += 1;
    }
  });
  return { bitOffset, width };
}
