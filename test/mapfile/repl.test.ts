import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../support/snippets.ts';
import { converse, hasTerminal } from '../support/terminal.ts';

const built = existsSync(join(root, 'dist', 'index.js'));
const skip = !hasTerminal ? 'needs the script program of util-linux' : built ? false : 'npm run build first';

/** What docs/repl.md shows: each line typed, with what followed. */
function shown(): { line: string; answer: string }[] {
  const blocks = readFileSync(join(root, 'docs', 'repl.md'), 'utf8').matchAll(/```text\n([\s\S]*?)```/g);
  return [...blocks].flatMap(([, block]) =>
    block!
      .trimEnd()
      .split(/^> /m)
      .slice(1)
      .map((part) => {
        const [line, ...answer] = part.trimEnd().split('\n');
        return { line: line!, answer: answer.join('\n') };
      }),
  );
}

describe('docs/repl.md', { skip }, () => {
  it('shows what a terminal shows', async () => {
    const name = `TestMemShare_${process.pid}`;
    const session = shown();
    assert.ok(session.length > 15);
    const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
    const lines = session.map(({ line }) => line.replaceAll('TestMemShare', name));
    const answers = await converse(`"${process.execPath}" "${tsx}"`, lines, /(^|\n)> $/, root);
    for (const [i, { line, answer }] of session.entries()) {
      const printed = answers[i]!.replaceAll(name, 'TestMemShare')
        .replace(/\n {4}at [^\n]*?( \{)?(?=\n|$)/g, '$1')
        .trimEnd();
      assert.equal(printed === 'undefined' ? '' : printed, answer, line);
    }
  });
});
