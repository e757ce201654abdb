/** The C++ programs of the interop tests, compiled for Windows. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cached, repository } from './cache.ts';
import { command } from './command.ts';

const COMPILER = 'x86_64-w64-mingw32-g++';
const FLAGS = ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror', '-municode', '-static', '-s'];

/** A folder with an .exe for each `test/interop/windows-*.cpp`, made anew when a source changes. */
export function windowsPrograms(): string {
  const folder = join(repository, 'test', 'interop');
  const sources = readdirSync(folder).filter((file) => /^windows-.*\.cpp$/.test(file));
  const digest = createHash('sha256').update(FLAGS.join(' '));
  for (const source of sources) digest.update(source).update(readFileSync(join(folder, source)));
  return cached(`interop-${digest.digest('hex').slice(0, 16)}`, (target) => {
    for (const source of sources) {
      console.log(`Compiling ${source}`);
      const program = join(target, `${basename(source, '.cpp')}.exe`);
      command(COMPILER, [...FLAGS, '-o', program, join(folder, source)]);
    }
  });
}
