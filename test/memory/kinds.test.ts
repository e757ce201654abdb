/** Sections, mutexes, events and semaphores share one name space; names of other programs and of other users' floors are left alone. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { MapFile, MappedView, NamedEvent, NamedMutex, NamedSemaphore, struct, u32 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';
import { namesLeft } from '../support/resources.ts';

const wrongKind = { code: 'ERR_WRONG_KIND', message: /the name belongs to an? \w+, choose another name$/ };
const onLinux = { skip: system !== 'linux' && 'no folder of names' };
after(killAll);

const KINDS: Record<string, (name: string) => { close(): void }> = {
  section: (name) => MappedView.create(name, 24),
  mutex: (name) => NamedMutex.create(name),
  event: (name) => NamedEvent.create(name),
  semaphore: (name) => NamedSemaphore.create(name, { initial: 1, maximum: 2 }),
};

describe('a name that another kind of object has', () => {
  for (const [holder, make] of Object.entries(KINDS)) {
    it(`is refused to create() beside a ${holder}`, () => {
      const name = uniqueName();
      const object = make(name);
      try {
        for (const [kind, other] of Object.entries(KINDS)) {
          if (kind === holder) assert.throws(() => other(name), { code: 'ERR_NAME_EXISTS' });
          else assert.throws(() => other(name), system === 'windows' ? { code: 'ERR_WRONG_KIND' } : wrongKind, kind);
        }
        assert.equal(MappedView.exists(name), holder === 'section');
      } finally {
        object.close();
      }
      assert.deepEqual(namesLeft(name), []);
    });
  }

  it('is not taken away by unlink()', { skip: system === 'windows' && 'no unlink' }, () => {
    const [mutexName, viewName] = [uniqueName(), uniqueName()];
    const mutex = NamedMutex.create(mutexName);
    const view = MappedView.create(viewName, 24);
    assert.throws(() => MappedView.unlink(mutexName), { code: 'ERR_WRONG_KIND', message: /belongs to a mutex/ });
    assert.throws(() => NamedMutex.unlink(viewName), { code: 'ERR_WRONG_KIND', message: /belongs to a section/ });
    assert.throws(() => NamedEvent.unlink(mutexName), { code: 'ERR_WRONG_KIND' });
    assert.deepEqual([NamedMutex.unlink(mutexName), MappedView.unlink(viewName)], [true, true]);
    mutex.close();
    view.close();
  });
});

describe('a name of ours', () => {
  it('is no name for others', () => {
    for (const name of ['.mapfile-participants-v1.0', '.mapfile-making-x', 'Local\\mapfile-participants-v1'])
      assert.throws(() => MappedView.create(name, 10), { name: 'RangeError', message: /mapfile's own/ });
    const view = MappedView.create(uniqueName('mapfile-'), 1);
    view.close();
  });
});

describe('a copy of a segment', () => {
  it('is nobody’s to remove, and opens as what it is', onLinux, async () => {
    const [name, copy] = [uniqueName(), uniqueName('copy')];
    const Pair = struct('pair', { a: u32, b: u32 });
    const file = MapFile.create(name, Pair, { initial: { a: 1, b: 2 } });
    copyFileSync(`/dev/shm/${name}`, `/dev/shm/${copy}`);
    file.close();
    try {
      const opened = MapFile.open(copy, Pair);
      assert.deepEqual([opened.foreign, opened.read()], [false, { a: 1, b: 2 }]);
      opened.close();
      const sweeper = start('./children/keeper.ts', { from: import.meta.url, args: [uniqueName(), 'create'] });
      await sweeper.next('holding');
      await sweeper.kill();
      assert.equal(existsSync(`/dev/shm/${copy}`), true);
      assert.equal(MappedView.unlink(copy), true);
    } finally {
      rmSync(`/dev/shm/${copy}`, { force: true });
    }
  });
});
