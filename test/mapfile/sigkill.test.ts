import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';
import { Ledger, ledgerHolds, MapFile, post } from './ledger.ts';

after(killAll);

/** More of them: `MAPFILE_SIGKILLS=100`. */
const kills = Number(process.env.MAPFILE_SIGKILLS ?? 6);

async function kill(name: string, deed: string, dieAt: number): Promise<{ died: boolean; points: number }> {
  const child = start('./children/suicide.ts', { from: import.meta.url, args: [name, deed, String(dieAt)] });
  const told = await child.next<{ died: boolean; points: number }>('done');
  await child.ended;
  return told;
}

describe('SIGKILL', () => {
  it('at a sample of the stores of update() leaves the old value or the new one, and the next writer goes on', async (t) => {
    const name = uniqueName();
    const file = MapFile.create(name, Ledger);
    const reader = MapFile.open(name, Ledger);
    const { points } = await kill(name, 'update', 0);
    let undone = 0;
    for (let i = 0; i < kills; i++) {
      const before = reader.read().count;
      const dieAt = 1 + Math.floor(((i + 0.5) * points) / kills);
      assert.equal((await kill(name, 'update', dieAt)).died, true);
      const { count } = reader.read();
      // One update as it warms up, and the one that it dies in, or not.
      assert.ok(count === before + 1 || count === before + 2, `${before} became ${count} at ${dieAt}`);
      assert.ok(ledgerHolds(reader.read()));
      const told = file.lastRecovery;
      await file.update(post);
      assert.equal(reader.read().count, count + 1);
      if (file.lastRecovery !== told) undone += 1;
    }
    t.diagnostic(`${undone} of ${kills} undone, ${points} stores in all`);
    assert.ok(undone > 0);
    reader.close();
    file.close();
  });

  it('at a sample of the stores of create() leaves nothing behind', async () => {
    const { points } = await kill(uniqueName(), 'create', 0);
    for (let i = 0; i < Math.ceil(kills / 2); i++) {
      const name = uniqueName();
      const dieAt = 1 + Math.floor(((i + 0.5) * points) / Math.ceil(kills / 2));
      assert.equal((await kill(name, 'create', dieAt)).died, true);
      assert.equal(MapFile.exists(name), false);
      const file = MapFile.openOrCreate(name, Ledger, { initial: post });
      assert.equal(file.created, true);
      assert.ok(ledgerHolds(file.read()));
      file.close();
    }
  });
});
