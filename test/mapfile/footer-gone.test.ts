import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { MappedView } from '../../src/index.ts';
import { CellWriter } from '../../src/mapfile/cell-writer.ts';
import { Segment } from '../../src/memory/segment.ts';
import { FOOTER_LENGTH } from '../../src/memory/segment-layout.ts';
import { uniqueName } from '../support/names.ts';
import { model } from './cell-model.ts';
import { Ledger, MapFile, post } from './ledger.ts';

/** As a native program writes that takes the whole of the last page for its own. */
function scribble(name: string, at: number, bytes: readonly number[]): void {
  const segment = Segment.open(name, { access: 'readwrite' });
  const { totalLength } = segment.footer!;
  segment.map(totalLength - FOOTER_LENGTH + at, bytes.length, 'readwrite').copyIn(0, Uint8Array.from(bytes));
  segment.close();
}

async function assertCorrupt(...files: MapFile<typeof Ledger, 'readwrite' | 'read'>[]): Promise<void> {
  const corrupt = { code: 'ERR_CORRUPT', message: /overwritten its footer, close it everywhere/ };
  for (const file of files) {
    assert.throws(() => file.read(), corrupt);
    assert.throws(() => file.version, corrupt);
    assert.match(inspect(file), /<ERR_CORRUPT>/);
    await assert.rejects(file.changes().next(), corrupt);
    if (file.access !== 'readwrite') continue;
    const writer = file as MapFile<typeof Ledger, 'readwrite'>;
    assert.throws(() => writer.updateSync(post), corrupt);
    await assert.rejects(writer.update(post), corrupt);
    await assert.rejects(writer.assign({ count: 7 }), corrupt);
  }
}

describe('MapFile whose footer another program overwrites', () => {
  for (const [what, at, bytes] of [
    ['wholly', 0, new Array(FOOTER_LENGTH).fill(0)],
    ['in one byte', 13, [1]],
  ] as const) {
    it(`is ERR_CORRUPT for all who have it (${what}), and can be closed`, async () => {
      const name = uniqueName();
      const writer = MapFile.create(name, Ledger, { initial: post });
      const reader = MapFile.open(name, Ledger);
      const pending = reader.changes({ initial: false }).next();
      assert.equal(reader.read().count, 1);
      scribble(name, at, bytes);
      await assert.rejects(pending, { code: 'ERR_CORRUPT' });
      await assertCorrupt(writer, reader);
      assert.throws(() => MapFile.open(name, Ledger), { code: 'ERR_CORRUPT' });
      writer.close();
      reader.close();
      assert.equal(MapFile.exists(name), false);
    });
  }

  it('leaves the lock free: who was waiting for it is told too', () => {
    const { cell, world } = model(24);
    const sealed = { ...cell, seal: { check: () => assert.fail('broken') } };
    const writer = new CellWriter(sealed, world.spawn(), 'map "test"');
    for (let i = 0; i < 2; i++) assert.throws(() => writer.updateSync(() => {}, undefined), /broken/);
    assert.equal(writer.isMine, false);
  });

  it('is ERR_CORRUPT in a file too', async () => {
    const path = join(tmpdir(), uniqueName());
    const file = MapFile.createFile(path, Ledger, { initial: post });
    try {
      const fd = openSync(path, 'r+');
      writeSync(fd, new Uint8Array(4), 0, 4, statSync(path).size - 4);
      closeSync(fd);
      await assertCorrupt(file);
    } finally {
      file.close();
      rmSync(path);
    }
  });

  it('is ERR_CORRUPT inside a view too', async () => {
    const view = MappedView.create(uniqueName(), 4096);
    const file = MapFile.create(view, Ledger, { initial: post });
    view.fill(0xff, { byteOffset: 4096 - 20, byteLength: 4 });
    await assertCorrupt(file);
    file.close();
    view.close();
  });
});
