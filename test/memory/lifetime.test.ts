/** Names and their inodes; death.test.ts has the deaths. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { MappedView } from '../../src/memory/mapped-view.ts';
import { uniqueName } from '../support/names.ts';
import { noPrivateShm, runInPrivateShm } from '../support/private-shm.ts';
import { killAll, start } from '../support/processes.ts';
import { namesLeft } from '../support/resources.ts';

after(killAll);

const onLinux = { skip: system === 'linux' ? false : 'looks into /dev/shm' };
const onPosix = { skip: system === 'windows' ? 'names there live as long as a handle' : false };

/** A creator and two openers of one name. */
async function holders(name: string) {
  const creator = start('./children/keeper.ts', { from: import.meta.url, args: [name, 'create'] });
  await creator.next('holding');
  const openers = [0, 1].map(() => start('./children/keeper.ts', { from: import.meta.url, args: [name, 'open'] }));
  await Promise.all(openers.map((opener) => opener.next('holding')));
  return [creator, ...openers];
}

describe('a name whose every holder was killed', () => {
  it('lives until the last one, then starts anew with zeros', async () => {
    const name = uniqueName();
    const [creator, first, last] = await holders(name);
    await Promise.all([creator!.kill(), first!.kill()]);
    assert.equal(MappedView.exists(name), true);
    const witness = MappedView.open(name);
    assert.equal(witness.dataView().getUint8(4095), 0xee);
    witness.close();
    await last!.kill();

    const view = MappedView.create(name, 64);
    assert.ok(view.toBytes().every((byte) => byte === 0));
    view.close();
    assert.deepEqual(namesLeft(name), []);
  });

  it('is replaced by a new inode, never reset in place', onLinux, async () => {
    const name = uniqueName();
    const holder = start('./children/keeper.ts', { from: import.meta.url, args: [name, 'create'] });
    await holder.next('holding');
    // A program without our presence lock looks at the old memory throughout.
    const path = `/dev/shm/${name}`;
    const bystander = MappedView.openFile(path);
    const old = statSync(path).ino;
    await holder.kill();
    const view = MappedView.openOrCreate(name, 4096, { initial: new Uint8Array([1]) });
    assert.equal(view.created, true);
    assert.notEqual(statSync(path).ino, old);
    assert.deepEqual([bystander.dataView().getUint8(0), view.bytes()[0]], [0xee, 1]);
    bystander.close();
    view.close();
    assert.deepEqual(namesLeft(name), []);
  });

  it('leaves no registry, lock file or name behind, once the names are used again', { skip: noPrivateShm }, () => {
    const file = new URL('./children/everybody-killed.ts', import.meta.url);
    const { before, code, stderr, left } = JSON.parse(runInPrivateShm(file, '64m'));
    assert.ok(before >= 3, 'the killed ones had names open');
    assert.deepEqual([code, stderr, left], [0, '', []]);
  });
});

describe('a persistent name', () => {
  it('outlives its holders, closed or killed, until unlink()', onPosix, async () => {
    const name = uniqueName();
    const view = MappedView.create(name, 4096, { persistent: true, initial: new Uint8Array([1, 2, 3]) });
    try {
      view.close();
      assert.equal(MappedView.exists(name), true);
      const holder = start('./children/keeper.ts', { from: import.meta.url, args: [name, 'open'] });
      await holder.next('holding');
      await holder.kill();
      assert.throws(() => MappedView.create(name, 4096), { code: 'ERR_NAME_EXISTS' });
      const again = MappedView.openOrCreate(name, 4096);
      assert.deepEqual([again.created, ...again.toBytes({ byteLength: 3 })], [false, 1, 2, 3]);
      assert.equal(MappedView.unlink(name), true);
      // The memory stays with who has it; the name is free.
      const next = MappedView.create(name, 8);
      again.bytes()[0] = 9;
      assert.deepEqual([again.bytes()[0], next.bytes()[0]], [9, 0]);
      again.close();
      assert.equal(MappedView.exists(name), true);
      next.close();
      assert.deepEqual([MappedView.exists(name), MappedView.unlink(name)], [false, false]);
    } finally {
      MappedView.unlink(name);
    }
  });

  it('unlink() of a name whose holders have all died finds nothing', onPosix, async () => {
    const name = uniqueName();
    const holder = start('./children/keeper.ts', { from: import.meta.url, args: [name, 'create'] });
    await holder.next('holding');
    await holder.kill();
    assert.equal(MappedView.unlink(name), false);
    assert.deepEqual(namesLeft(name), []);
  });

  it('is refused where the system has none, and so is unlink()', {
    skip: system !== 'windows' && 'Windows only',
  }, () => {
    const name = uniqueName();
    assert.throws(() => MappedView.create(name, 8, { persistent: true }), { code: 'ERR_PLATFORM_UNSUPPORTED' });
    assert.throws(() => MappedView.unlink(name), { code: 'ERR_PLATFORM_UNSUPPORTED' });
    assert.equal(MappedView.exists(name), false);
  });
});
