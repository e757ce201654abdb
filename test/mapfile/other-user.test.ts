import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { uniqueName } from '../support/names.ts';
import { loaderFlags } from '../support/processes.ts';
import { root } from '../support/snippets.ts';
import { Ledger, ledgerHolds, MapFile, post } from './ledger.ts';

const NOBODY = 65_534;

/** Whether everybody may reach this folder. */
function isPublic(folder: string): boolean {
  return (statSync(folder).mode & 0o005) === 0o005 && (dirname(folder) === folder || isPublic(dirname(folder)));
}

const skip =
  process.getuid?.() !== 0
    ? 'needs root, to become somebody else'
    : isPublic(realpathSync(root)) && isPublic(dirname(process.execPath))
      ? false
      : 'somebody else may not read the package here';

describe('MapFile of another user', { skip }, () => {
  it('who may only read follows the changes of a file by polling', async (t) => {
    const path = join(tmpdir(), uniqueName());
    t.after(() => rmSync(path, { force: true }));
    const file = MapFile.createFile(path, Ledger, { mode: 0o644, initial: post });
    const abort = new AbortController();
    const child = fork(fileURLToPath(new URL('./children/onlooker.ts', import.meta.url)), [path], {
      execArgv: [...loaderFlags],
      env: { ...process.env, TSX_DISABLE_CACHE: '1', NODE_NO_WARNINGS: '1' },
      uid: NOBODY,
      gid: NOBODY,
    });
    child.once('exit', (code) => {
      if (code !== 0) abort.abort(new Error(`the onlooker ended with ${code}`));
    });
    const [first] = (await once(child, 'message', { signal: abort.signal })) as [{ count: number; refused: string }];
    assert.equal(first.count, 1);
    assert.equal(first.refused, 'ERR_ACCESS_DENIED');
    const heard = once(child, 'message', { signal: abort.signal });
    await file.update(post);
    assert.equal(((await heard) as [{ count: number }])[0].count, 2);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.ok(ledgerHolds(file.read()));
    file.close();
  });
});
