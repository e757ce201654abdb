/** Who makes a name holds a claim on it; a claim is removed by its holder or an undertaker, never one that came later. */
import assert from 'node:assert/strict';
import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import type { SectionJudge } from '../../src/os/contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'mapfile-claims-'));
after(() => rmSync(folder, { recursive: true }));
const judge: SectionJudge = { tailByteLength: 64, judge: () => 'foreign' };

describe('Claims', { skip: system === 'windows' && 'the kernel has no files for them' }, () => {
  it('one that was removed by force does not take its successor along', async () => {
    const { whileClaimed } = await import('../../src/os/posix-claim.ts');
    let path = '';
    whileClaimed(folder, { base: 'x' } as never, { name: 'x', action: 'create' }, () => {
      path = join(folder, readdirSync(folder)[0]!);
      rmSync(path);
      writeFileSync(path, 'successor');
    });
    assert.equal(readFileSync(path, 'utf8'), 'successor');
    rmSync(path);
    whileClaimed(folder, { base: 'x' } as never, { name: 'x', action: 'create' }, () => {
      assert.equal(readdirSync(folder).length, 1);
      rmSync(path);
    });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('a sweeper that looks at one leaves the one that came meanwhile', async (t) => {
    const { CLAIM_PREFIX } = await import('../../src/os/posix-claim.ts');
    const { sweepOnce } = await import('../../src/os/linux-sweep.ts');
    const stale = join(folder, `${CLAIM_PREFIX}stale`);
    const path = join(folder, `${CLAIM_PREFIX}raced`);
    writeFileSync(stale, '');
    writeFileSync(path, 'first');
    const { fstatSync } = fs;
    const replaced = t.mock.method(fs, 'fstatSync', (...args: Parameters<typeof fstatSync>) => {
      const stats = fstatSync(...args);
      if (Number(stats?.size) === 'first'.length && readFileSync(path, 'utf8') === 'first') {
        rmSync(path);
        writeFileSync(path, 'successor');
      }
      return stats;
    });
    syncBuiltinESMExports();
    try {
      sweepOnce(folder, judge);
    } finally {
      replaced.mock.restore();
      syncBuiltinESMExports();
    }
    assert.deepEqual(readdirSync(folder), [`${CLAIM_PREFIX}raced`]);
    assert.equal(readFileSync(path, 'utf8'), 'successor');
  });
});
