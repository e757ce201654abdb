import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { system } from '../src/base/host.ts';
import { patiently } from './support/patiently.ts';
import { allSnippets, blocksIn, root } from './support/snippets.ts';

// Inside the package, so that `import 'mapfile'` finds the built package by its own name.
const folder = join(root, '.cache', `docs-${process.pid}`);

describe('the programs in the documentation', () => {
  before(() => mkdirSync(folder, { recursive: true }));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('finds blocks and their places', () => {
    const text = 'a\n```ts\nconst x = 1;\n```\n```sh\nls\n```\n';
    assert.deepEqual(blocksIn('f.md', text, /^(?!)/), [{ where: 'f.md:2', info: 'ts', code: 'const x = 1;' }]);
  });

  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  const [major] = process.versions.node.split('.').map(Number);
  const usingParses = major! >= 24;
  const tag = `${process.pid}_${Date.now().toString(36)}`;
  for (const [index, snippet] of allSnippets().entries()) {
    if (/\bwindows\b/.test(snippet.info) && system !== 'windows') continue;
    const byTsx = !strips || (/^\s*(await )?using /m.test(snippet.code) && !usingParses);
    if (byTsx && system === 'windows') continue; // tsx does not run under Wine; a Windows of your own has Node 24
    it(`${snippet.where} runs`, () => {
      const file = join(folder, `snippet-${index}.ts`);
      // Names are shared by the whole machine: this run's get a tag of their own.
      writeFileSync(file, snippet.code.replaceAll('TestMemShare', `TestMemShare_${tag}`));
      const args = byTsx ? ['--import', 'tsx', file] : [file];
      const child = patiently(() =>
        spawnSync(process.execPath, args, {
          cwd: root,
          encoding: 'utf8',
          timeout: 60_000,
          env: { ...process.env, NODE_NO_WARNINGS: '1' },
        }),
      );
      assert.equal(child.status, 0, `${child.stdout}\n${child.stderr}`);
    });
  }
});
