import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { system } from '../../src/base/host.ts';
import { MapFile, MappedView, struct, u32 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';

const Block = struct('block', { signature: u32, n: u32 });
const DEAD = 0xdead;
const valid = (b: { signature: number }) => b.signature !== DEAD;

describe('MapFile.open({ reopen: true })', () => {
  it('takes the memory of a publisher that has started again', { skip: system === 'windows' }, async () => {
    const name = uniqueName();
    const publish = (n: number) => {
      const view = MappedView.create(name, Block.byteLength, { persistent: true });
      Block.write(view, 0, { signature: 1, n });
      return view;
    };
    const first = publish(1);
    const file = MapFile.open(name, Block, { reopen: true, valid });
    const fixed = MapFile.open(name, Block, { valid });
    const live = file.get();
    const changes = file.changes({ intervalMs: 1 });
    assert.equal((await changes.next()).value?.n, 1);
    const pending = changes.next();
    Block.write(first, 0, { signature: DEAD, n: 1 });
    assert.throws(() => file.read(), { code: 'ERR_NOT_VALID' });
    MappedView.unlink(name);
    first.close();
    const second = publish(2);
    assert.equal(file.read().n, 2);
    assert.throws(() => fixed.read(), { code: 'ERR_NOT_VALID' });
    assert.throws(() => live.n, TypeError);
    assert.equal(file.get().n, 2);
    assert.equal((await pending).value?.n, 2);
    await changes.return?.();
    file.close();
    fixed.close();
    second.close();
    MappedView.unlink(name);
  });

  it('follows a file that is replaced', { skip: system === 'windows' }, async () => {
    const path = join(tmpdir(), uniqueName());
    const publish = (n: number) => {
      rmSync(path, { force: true });
      writeFileSync(path, Buffer.from(new Uint32Array([1, n]).buffer));
    };
    publish(1);
    const file = MapFile.openFile(path, Block, { reopen: true });
    const changes = file.changes({ intervalMs: 1 });
    assert.equal((await changes.next()).value?.n, 1);
    publish(2);
    assert.equal((await changes.next()).value?.n, 2);
    file.close();
    rmSync(path);
  });
});
