/** Names, judges and children for the tests of os/windows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { CreateSection, ObjectName, Section } from '../../src/os/contract.ts';
import { nodeOptions } from '../support/children.ts';
import { root } from '../support/snippets.ts';

let count = 0;

export function uniqueName(scope: ObjectName['scope'] = 'local'): ObjectName {
  count += 1;
  const base = `mapfile-os-${process.pid}-${count}-${Math.random().toString(36).slice(2)}`;
  return { spelled: base, scope, base };
}

/** Windows asks no judge. */
export const judge = {
  tailByteLength: 64,
  judge: (): never => {
    throw new Error('asked on Windows');
  },
};

export function creation(byteLength: number, fill: (section: Section) => void = () => {}): CreateSection {
  return { byteLength, security: { share: 'user' }, persistent: false, judge, fill };
}

/** Fills a section with one byte value. */
export function filledWith(value: number): (section: Section) => void {
  return (section) => {
    const region = section.map(0, section.byteLength, 'readwrite');
    new Uint8Array(region.buffer).fill(value);
    region.unmap();
  };
}

export interface Child {
  /** The next line that it prints. */
  line(): Promise<string>;
  write(line: string): void;
  kill(): Promise<void>;
  /** Its exit code. */
  exit(): Promise<number | null>;
}

/** Runs a program that may use `os` and `support` (this module). */
export function program(code: string): Child {
  const text =
    `import { windowsSystem as os } from './src/os/windows.ts';` +
    `import * as support from './test/os/windows-support.ts';${code}`;
  const args = [...nodeOptions, '--input-type=module', '-e', text];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = once(child, 'exit');
  return {
    line: async () => (await lines.next()).value ?? 'the end',
    write: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    exit: async () => {
      child.stdin.end();
      return (await gone)[0];
    },
  };
}
