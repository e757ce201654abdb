import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');

/** Lower floors know nothing of upper ones; folders on one floor do not import each other. */
const FLOORS: Record<string, number> = {
  base: 0,
  codec: 1,
  ffi: 1,
  os: 2,
  memory: 3,
  sync: 4,
  mapfile: 5,
  heap: 5,
  queue: 5,
  cli: 6,
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));
const text = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));
const room = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

function* imports(source: string): Generator<string> {
  for (const match of source.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g)) yield match[1]!;
}

/** Each import that breaks a rule, as `file -> target`. */
function violations(tree: Map<string, string>): string[] {
  const found: string[] = [];
  for (const [file, source] of tree) {
    for (const specifier of imports(source)) {
      if (!specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(file), specifier);
      const [from, to] = [room(file), room(target)];
      if (from === '') continue; // the front doors may import anything
      if (from !== to && !(FLOORS[to]! < FLOORS[from]!)) found.push(`${file} -> ${target}`);
    }
  }
  return found;
}

const having = (pattern: RegExp) => [...text].filter(([, source]) => pattern.test(source)).map(([file]) => file);

describe('the house', () => {
  it('has no import from an upper floor or a neighbour', () => {
    assert.ok(text.size > 2);
    assert.deepEqual(violations(text), []);
  });

  it('would see an import that breaks the rule', () => {
    const bad = new Map([
      ['base/a.ts', `import { x } from '../sync/b.ts';`],
      ['codec/a.ts', `export { x } from '../ffi/b.ts';`],
      ['os/a.ts', `import { x } from '../index.ts';`],
      ['sync/a.ts', `import { x } from '../base/b.ts';`],
    ]);
    assert.equal(violations(bad).length, 3);
  });

  it('imports koffi in at most one file', () => {
    assert.ok(having(/(?:from |require\(|import\()['"]koffi['"]/).length <= 1);
  });

  it('reads process.platform in at most one file', () => {
    assert.ok(having(/process\.platform|from 'node:os'/).length <= 1);
  });

  it('keeps every file at 400 lines or fewer', () => {
    const long = [...text].filter(([, source]) => source.split('\n').length > 401).map(([file]) => file);
    assert.deepEqual(long, []);
  });
});
