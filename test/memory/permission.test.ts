/** Node's permission model: what it allows works, in a Worker too. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';

after(killAll);

const flag = ['--permission', '--experimental-permission'].find((each) =>
  process.allowedNodeEnvironmentFlags.has(each),
);

describe('under the permission model', () => {
  it('memory, files, locks and waits are made where addons, workers and the file system are allowed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mapfile-permission-'));
    const allowed = ['fs-read=*', 'fs-write=*', 'addons', 'worker', 'child-process'].map((each) => `--allow-${each}`);
    const child = start(new URL('./children/permitted.ts', import.meta.url), {
      args: [uniqueName(), folder],
      flags: [flag!, ...allowed],
    });
    const { code, stderr } = await child.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(readdirSync(folder).sort(), ['main', 'worker']);
    rmSync(folder, { recursive: true });
  });
});
