import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { isMapFileError } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { type Child, killAll, start } from '../support/processes.ts';
import { Ledger, ledgerHolds, MapFile, post } from './ledger.ts';

after(killAll);

const actor = async (name: string): Promise<Child> => {
  const child = start('./children/actor.ts', { from: import.meta.url, args: [name] });
  await child.next('ready');
  return child;
};
const actors = (name: string, count: number) => Promise.all(Array.from({ length: count }, () => actor(name)));

describe('MapFile between processes', () => {
  it('8 processes with 10,000 updates each lose none', async () => {
    const name = uniqueName();
    const file = MapFile.create(name, Ledger);
    const children = await actors(name, 8);
    for (const [i, child] of children.entries()) child.send({ type: 'increment', times: 10_000, sync: i % 2 === 0 });
    await Promise.all(children.map((child) => child.next('done')));
    const value = file.read();
    assert.equal(value.count, 80_000);
    assert.equal(file.version, 80_000);
    assert.ok(ledgerHolds(value));
    file.close();
  });

  it('1,000,000 reads against a writer in full swing are never torn, and never go back', async (t) => {
    const name = uniqueName();
    const file = MapFile.create(name, Ledger);
    const [writer, reader] = await actors(name, 2);
    writer!.send({ type: 'swing' });
    await writer!.next('swinging');
    reader!.send({ type: 'check', times: 1_000_000 });
    const { torn, versions } = await reader!.next<{ torn: number; versions: number }>('done');
    t.diagnostic(`${versions} different values seen, ${file.version} written`);
    assert.equal(torn, 0);
    assert.ok(versions > 1);
    writer!.send({ type: 'stop' });
    await writer!.next('done');
    file.close();
  });

  it('16 processes race to create it: one does, and everybody sees its first value', async () => {
    const name = uniqueName();
    const children = await actors(name, 16);
    for (const child of children) child.send({ type: 'race' });
    const answers = await Promise.all(
      children.map((child) => child.next<{ created: boolean; value: { count: number } }>('done')),
    );
    assert.equal(answers.filter(({ created }) => created).length, 1);
    assert.ok(answers.every(({ value }) => value.count === 1));
    for (const child of children) child.send({ type: 'close' });
    await Promise.all(children.map((child) => child.ended));
    assert.equal(MapFile.exists(name), false);
  });

  it('a writer that is killed in an update leaves the value from before, and the next one undoes it', async (t) => {
    const name = uniqueName();
    const told: number[] = [];
    const onRecovery = ({ recoveries }: { recoveries: number }) => void told.push(recoveries);
    const file = MapFile.create(name, Ledger, { onRecovery });
    const reader = MapFile.open(name, Ledger);
    const kills = 8;
    const children = await actors(name, kills);
    for (const child of children) {
      child.send({ type: 'swing', slow: true });
      await child.next('swinging');
      const before = file.version as number;
      while ((file.version as number) < before + 3) await new Promise(setImmediate);
      await child.kill();
      const { count } = reader.read();
      assert.ok(ledgerHolds(reader.read()));
      assert.equal(reader.version, count);
      await file.update(post, { timeoutMs: 20_000 });
      assert.equal(reader.read().count, count + 1);
      assert.ok(ledgerHolds(reader.read()));
    }
    t.diagnostic(`${told.length} of ${kills} kills hit an update`);
    assert.ok(told.length > 0);
    assert.equal(file.lastRecovery?.recoveries, told.at(-1));
    reader.close();
    file.close();
  });

  it('a creator that is killed leaves nothing, or the whole object', async (t) => {
    const name = uniqueName();
    const children = await actors(name, 3);
    let seen = 0;
    for (const child of children) {
      child.send({ type: 'churn' });
      await child.next('churning');
      for (let looks = 0; looks < 200; looks++) {
        try {
          const file = MapFile.open(name, Ledger);
          assert.equal(file.read().count, 1);
          assert.ok(ledgerHolds(file.read()));
          seen += 1;
          file.close();
        } catch (error) {
          if (!isMapFileError(error, 'ERR_NAME_NOT_FOUND')) throw error;
        }
      }
      await child.kill();
      const file = MapFile.openOrCreate(name, Ledger, { initial: post });
      assert.equal(file.read().count, 1);
      file.close();
    }
    assert.equal(MapFile.exists(name), false);
    t.diagnostic(`${seen} looks found the object`);
  });
});
