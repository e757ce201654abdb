/**
 * Finds the programs that the documentation shows: fenced `ts` blocks in Markdown files and in the `@example` parts of
 * doc comments. Each must be a whole program that ends by itself with exit code 0.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Snippet {
  /** `README.md:12`: where the block starts. */
  readonly where: string;
  /** `ts`, or `ts windows` where the program needs that system. */
  readonly info: string;
  readonly code: string;
}

function filesBelow(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(extension))
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    .sort();
}

/** The `ts` blocks of one text; `strip` removes what precedes each line inside a comment. */
export function blocksIn(file: string, text: string, strip: RegExp): Snippet[] {
  const found: Snippet[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(strip, '');
    const fence = /^\s*```(\S.*)?$/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (open) {
      if (/^ts\b/.test(open.info)) {
        found.push({ where: `${file}:${open.line}`, info: open.info.trim(), code: open.lines.join('\n') });
      }
      open = undefined;
    } else open = { line: index + 1, info: fence[1] ?? '', lines: [] };
  }
  return found;
}

/** Every program shown in README.md, docs/ and the doc comments of src/. */
export function allSnippets(): Snippet[] {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const markdown = ['README.md', ...filesBelow('docs', '.md')];
  const sources = filesBelow('src', '.ts');
  return [
    ...markdown.flatMap((file) => blocksIn(file, read(file), /^(?!)/)),
    ...sources.flatMap((file) => blocksIn(file, read(file), /^\s*\* ?/)),
  ];
}
