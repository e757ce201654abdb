/** Finds the compiled programs of this folder's sources, or the compiler to make them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { system } from '../../src/base/host.ts';
import { patiently } from '../support/patiently.ts';
import { root } from '../support/snippets.ts';

const folder = join(root, 'test', 'interop');
let made: string | undefined;

/** The first of these commands that answers `--version`. */
export function findCommand(...commands: string[]): string | undefined {
  return commands.find((command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0);
}

/**
 * The program of `test/interop/<source>`: from `MAPFILE_INTEROP_PROGRAMS` if that has it, else compiled now; undefined
 * where neither is to be had. Compiled ones are gone when the process ends.
 */
export function nativeProgram(source: string, ...flags: string[]): string | undefined {
  const file = basename(source, extname(source)) + (system === 'windows' ? '.exe' : '');
  const ready = process.env.MAPFILE_INTEROP_PROGRAMS;
  if (ready && existsSync(join(ready, file))) return join(ready, file);
  const compiler = source.endsWith('.cpp') ? findCommand('g++', 'clang++') : findCommand('cc', 'gcc', 'clang');
  if (!compiler) return undefined;
  if (!made) {
    const scratch = mkdtempSync(join(tmpdir(), 'mapfile-interop-'));
    process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
    made = scratch;
  }
  const program = join(made, file);
  if (existsSync(program)) return program;
  const { status, stderr } = spawnSync(compiler, [...flags, '-o', program, join(folder, source)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot compile ${source}:\n${stderr}`);
  return program;
}

/** A program that runs while the test does something. */
export interface Running {
  /** The next line that it prints; undefined when there is none any more. */
  line(): Promise<string | undefined>;
  /** Ends its input and waits: the exit code. */
  end(): Promise<number | null>;
}

export function start(program: string, args: readonly string[]): Running {
  const child = patiently(() => spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exit = once(child, 'exit');
  // One that has already ended needs no input: its exit code says whether that was right.
  child.stdin.on('error', () => {});
  return {
    line: async () => (await lines.next()).value as string | undefined,
    end: async () => {
      child.stdin.end('\n');
      return (await exit)[0] as number | null;
    },
  };
}

/** Runs a program to its end: what it printed, without the last line end. */
export function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = patiently(() =>
    spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 }),
  );
  if (error || status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stdout}${stderr}`);
  return stdout.trimEnd().replaceAll('\r', '');
}
