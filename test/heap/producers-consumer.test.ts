import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loaderFlags } from '../support/processes.ts';

const example = fileURLToPath(new URL('../../examples/producers-consumer.ts', import.meta.url));

describe('examples/producers-consumer.ts', () => {
  it('loses nothing while producers are killed, and draws the heap', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'mapfile-demo-'));
    const svg = join(folder, 'heap.svg');
    try {
      const run = spawnSync(process.execPath, [...loaderFlags, example, '--seconds', '2', '--kill', '--svg', svg], {
        encoding: 'utf8',
        timeout: 200_000,
        env: { ...process.env, NODE_NO_WARNINGS: '1' },
      });
      assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
      const summary = /^\d+ blocks, .*$/m.exec(run.stdout)?.[0] ?? '';
      assert.match(summary, /moves, \d+ kills, \d+ recoveries, \d+ reclaimed, lost 0$/);
      assert.match(run.stdout, /before the last compaction, and after it:\n┌─+┐\n│/);
      assert.match(readFileSync(svg, 'utf8'), /^<svg .*before compaction.*after.*<\/svg>\n$/s);
      t.diagnostic(summary);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
