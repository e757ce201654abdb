import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Deliveries } from '../../examples/deliveries.ts';
import { system } from '../../src/base/host.ts';
import { loaderFlags } from '../support/processes.ts';

const example = fileURLToPath(new URL('../../examples/producers-consumer.ts', import.meta.url));

const env = { ...process.env, NODE_NO_WARNINGS: '1' };

function demo(...args: string[]) {
  return spawnSync(process.execPath, [...loaderFlags, example, ...args], { encoding: 'utf8', timeout: 200_000, env });
}

describe('examples/producers-consumer.ts', () => {
  it('loses nothing while producers are killed, and draws the heap', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'mapfile-demo-'));
    const svg = join(folder, 'heap.svg');
    try {
      const run = demo('--seconds', '2', '--kill', '--svg', svg);
      assert.equal(run.status, 0, `${run.stdout}\n${run.stderr}`);
      const summary = /^\d+ blocks, .*$/m.exec(run.stdout)?.[0] ?? '';
      assert.match(summary, /moves, \d+ kills, \d+ recoveries, \d+ reclaimed, 0 left, damaged 0, lost 0, twice 0$/);
      assert.match(run.stdout, /before the last compaction, and after it:\n┌─+┐\n│/);
      assert.match(readFileSync(svg, 'utf8'), /^<svg .*before compaction.*after.*<\/svg>\n$/s);
      t.diagnostic(summary);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('counts what is missing, and what comes twice', () => {
    const deliveries = new Deliveries();
    for (const number of [0, 1, 1, 2, 5, 0]) deliveries.add(1, number);
    deliveries.add(2, 0);
    assert.deepEqual(deliveries.count, { lost: 2, twice: 2 });
  });

  it('refuses wrong arguments with its usage, before it runs', () => {
    const svg = join(tmpdir(), `mapfile-no-folder-${process.pid}`, 'heap.svg');
    const wrong = [
      ['--seconds', 'abc'],
      ['--seconds=-1'],
      ['--seconds', '0'],
      ['--bogus'],
      ['--svg'],
      ['--svg', svg],
      ['more'],
    ];
    for (const args of wrong) {
      const { status, stdout, stderr } = demo(...args);
      assert.deepEqual([status, stdout], [2, ''], `${args}: ${stderr}`);
      assert.match(stderr, /^\S.*\n(.*\n)*\nUsage: /, `${args}`);
      assert.doesNotMatch(stderr, /\n {4}at /, `${args}`);
    }
    const help = demo('--help');
    assert.deepEqual([help.status, help.stderr], [0, '']);
    assert.match(help.stdout, /^Usage: .*--svg FILE/s);
  });

  it('leaves nobody behind when it is killed itself', async () => {
    const conductor = spawn(process.execPath, [...loaderFlags, example, '--seconds', '100'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: system !== 'windows', // a group of its own, for the end of this test
      env,
    });
    try {
      await once(conductor.stdout, 'data');
      conductor.kill('SIGKILL');
      // All of them write to one pipe: it ends with the last one.
      conductor.stdout.resume();
      await once(conductor, 'close', { signal: AbortSignal.timeout(60_000) });
    } finally {
      if (system !== 'windows') killGroup(conductor.pid!);
    }
  });
});

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}
