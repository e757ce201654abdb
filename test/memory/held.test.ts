/** Opening and failing to open, over and over, holds nothing; rounds.test.ts has the rounds of creating. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { system } from '../../src/base/host.ts';
import { MappedView } from '../../src/memory/mapped-view.ts';
import { uniqueName } from '../support/names.ts';
import { held } from '../support/resources.ts';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
const MiB = 2 ** 20;
/** Each open takes the naming mutex there, which Wine answers in milliseconds. */
const SHARE = system === 'windows' ? 20 : 1;

const folder = mkdtempSync(join(tmpdir(), 'mapfile-rounds-'));
after(() => rmSync(folder, { recursive: true }));

/** Runs `round` often, yields now and then, and compares what the process holds before and after. */
async function flat(rounds: number, round: (i: number) => void): Promise<void> {
  const run = async (count: number) => {
    for (let i = 0; i < count; i++) {
      round(i);
      if (i % 200 === 0) await nextTurn();
    }
    // The buffers' finalizers run in turns of their own.
    for (let i = 0; i < 5; i++) {
      collect();
      await nextTurn();
    }
    return { ...held(), rss: process.memoryUsage.rss() };
  };
  // The allocators find their level in the first tens of thousands.
  const before = await run(rounds / 3);
  const now = await run(rounds);
  assert.equal(now.descriptors, before.descriptors, 'descriptors');
  // V8 maps and unmaps pages of its own heap.
  assert.ok((now.mappings ?? 0) < (before.mappings ?? 0) + 100, `mappings: ${before.mappings} → ${now.mappings}`);
  assert.ok(now.rss < before.rss + 16 * MiB, `RSS: ${before.rss / MiB} → ${now.rss / MiB} MiB`);
}

describe('what a process holds', () => {
  it('is flat over rounds of open and close', async () => {
    const name = uniqueName();
    const owner = MappedView.create(name, 10_000);
    await flat(20_000 / SHARE, (i) => {
      const view = MappedView.open(name, { byteOffset: i % 9000, access: i % 2 ? 'read' : 'readwrite' });
      view.dataView().getUint8(0);
      view.close();
    });
    owner.close();
  });

  it('is flat over failing opens', async () => {
    const name = uniqueName();
    const owner = MappedView.create(name, 100);
    const short = join(folder, 'short');
    writeFileSync(short, 'short');
    const empty = join(folder, 'empty');
    writeFileSync(empty, '');
    const failing: [code: string, attempt: () => unknown][] = [
      ['ERR_NAME_NOT_FOUND', () => MappedView.open(`${name}x`)],
      ['ERR_NAME_EXISTS', () => MappedView.create(name, 100, { initial: new Uint8Array(100) })],
      ['ERR_TOO_SMALL', () => MappedView.open(name, { byteLength: 101 })],
      ['ERR_TOO_SMALL', () => MappedView.openOrCreate(name, 101)],
      ['ERR_TOO_SMALL', () => MappedView.open(name, { byteOffset: 100 })],
      ['ERR_TOO_SMALL', () => MappedView.openFile(short, { byteLength: 6 })],
      ['ERR_TOO_SMALL', () => MappedView.openFile(empty)],
      ['ERR_WRONG_KIND', () => MappedView.openFile(folder)],
      ['ERR_NAME_NOT_FOUND', () => MappedView.openFile(join(folder, 'missing'))],
      ['ERR_NAME_EXISTS', () => MappedView.createFile(short, 10)],
    ];
    await flat(10_000 / SHARE, (i) => {
      const [code, attempt] = failing[i % failing.length]!;
      assert.throws(attempt, (error: { code?: string }) => error.code === code);
    });
    owner.close();
  });
});
