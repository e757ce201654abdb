import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { system } from '../../src/base/host.ts';
import { MappedView } from '../../src/index.ts';
import { Segment } from '../../src/memory/segment.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, loaderFlags, start } from '../support/processes.ts';
import { namesLeft } from '../support/resources.ts';

after(killAll);

const holder = (name: string, manner = 'wait') =>
  start('./children/holder.ts', { from: import.meta.url, args: [name, manner] });

/** Nobody lives: the name is free, can be made anew, and leaves nothing. */
function assertFree(name: string): void {
  assert.equal(MappedView.exists(name), false);
  assert.throws(() => MappedView.open(name), { code: 'ERR_NAME_NOT_FOUND' });
  const view = MappedView.create(name, 8);
  assert.deepEqual([...view.toBytes()], [0, 0, 0, 0, 0, 0, 0, 0]);
  view.close();
  assert.deepEqual(namesLeft(name), []);
}

describe('a name whose holders die', () => {
  it('is free after kill -9 of every holder, and not before', async () => {
    const name = uniqueName('dead');
    const holders = [holder(name), holder(name), holder(name)];
    const held = await Promise.all(holders.map((child) => child.next<{ created: boolean }>('holding')));
    assert.equal(held.filter(({ created }) => created).length, 1);
    await Promise.all(holders.slice(1).map((child) => child.kill()));
    assert.equal(MappedView.exists(name), true);
    assert.throws(() => MappedView.create(name, 8), { code: 'ERR_NAME_EXISTS' });
    await holders[0]!.kill();
    assertFree(name);
  });

  it('is replaced by a new memory at create() without a look before', async () => {
    const name = uniqueName('dead');
    const child = holder(name);
    await child.next('holding');
    await child.kill();
    const view = MappedView.create(name, 8);
    assert.equal(view.created, true);
    view.close();
    assertFree(name);
  });

  for (const manner of ['exit', 'throw', 'end'] as const) {
    it(`is free when the holder ends by ${manner} without close()`, async () => {
      const name = uniqueName('dead');
      const child = holder(name, manner === 'end' ? 'leave' : manner);
      await child.next('holding');
      const { code } = await child.ended;
      assert.equal(code, manner === 'throw' ? 1 : 0);
      assert.deepEqual(namesLeft(name), []);
      assertFree(name);
    });
  }

  for (const manner of ['die-filling', 'die-filling-once'] as const) {
    it(`never appears when its creator is killed while it fills (${manner})`, async () => {
      const name = uniqueName('dead');
      const child = holder(name, manner);
      const { code } = await child.ended;
      assert.notEqual(code, 0);
      assert.deepEqual(namesLeft(name), []);
      const segment = Segment.create(name, { byteLength: 8, once: true });
      segment.close();
      assertFree(name);
      assert.deepEqual(namesLeft('.mapfile-making'), []);
    });
  }

  it('is free although a zombie of its holder remains', {
    skip: system === 'windows' && 'no zombies there',
  }, async () => {
    const name = uniqueName('dead');
    const script = fileURLToPath(new URL('./children/holder.ts', import.meta.url));
    // The shell starts the holder and becomes a program that never waits for it.
    const parent = spawn('/bin/sh', [
      '-c',
      '"$@" & exec sleep 300',
      'sh',
      process.execPath,
      ...loaderFlags,
      script,
      name,
    ]);
    try {
      const pid = await new Promise<number>((resolve) => {
        let text = '';
        parent.stdout.on('data', (chunk) => {
          text += chunk;
          const found = /holding (\d+)\n/.exec(text);
          if (found) resolve(Number(found[1]));
        });
      });
      assert.equal(MappedView.exists(name), true);
      process.kill(pid, 'SIGKILL');
      if (system === 'linux') {
        while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await new Promise(setImmediate);
      }
      process.kill(pid, 0);
      while (MappedView.exists(name)) await new Promise(setImmediate);
      assertFree(name);
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('stays with the process when a Worker that held it is terminated, and goes with it', async () => {
    const name = uniqueName('dead');
    const child = holder(name, 'worker');
    const { exists } = await child.next<{ exists: boolean }>('terminated');
    assert.equal(exists, true);
    await child.kill();
    assertFree(name);
  });

  it('does not stay in the folder when nobody asks for it again', {
    skip: system !== 'linux' && 'no folder',
  }, async () => {
    const name = uniqueName('dead');
    const child = holder(name);
    await child.next('holding');
    await child.kill();
    const other = holder(uniqueName('dead'), 'exit');
    await other.ended;
    assert.deepEqual(namesLeft(name), []);
  });
});
