import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { nodeOptions } from '../support/children.ts';
import { patiently } from '../support/patiently.ts';
import { root } from '../support/snippets.ts';

// The examples import the package by its name, which is the built one.
const skip = existsSync(join(root, 'dist', 'index.js')) ? false : 'npm run build first';

function run(example: string, ...args: string[]): string[] {
  const child = patiently(() =>
    spawnSync(process.execPath, [...nodeOptions, join(root, 'examples', example), ...args], {
      cwd: root,
      encoding: 'utf8',
      timeout: 120_000,
    }),
  );
  assert.equal(child.status, 0, child.stderr);
  return child.stdout.trim().split(/\r?\n/);
}

describe('examples', { skip }, () => {
  it('start.ts: what writer.ts writes, reader.ts prints', () => {
    const name = `TestMemShare-${process.pid}`;
    const lines = run('start.ts', name);
    const of = (who: string) => lines.filter((line) => line.startsWith(who)).map((line) => line.slice(9));
    assert.deepEqual(of('reader'), [
      '99041232 SecBug',
      '99041233 Ada',
      '99041234 Grace',
      '99041235 Edsger',
      '99041236 bye',
    ]);
    assert.match(of('writer')[0]!, /^created MapFile 'TestMemShare-\d+' \(readwrite, created, version 0\) student/);
    assert.ok(of('writer').some((line) => /Cannot write student\.name/.test(line)));
  });

  it('counter.ts: update and atomic lose none', () => {
    const [head, updated, added, careless] = run('counter.ts', '3', '2000');
    assert.equal(head, '3 processes, 2000 times each: 6000 expected');
    assert.equal(updated, 'update    6000');
    assert.equal(added, 'atomic    6000');
    assert.match(careless!, /^careless {2}\d+ \(\d+ lost\)$/);
  });
});
