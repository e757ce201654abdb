import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { MappedView } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';

after(killAll);

describe('MappedView', () => {
  it('shows in another view what one writes', () => {
    const name = uniqueName();
    const writer = MappedView.create(name, 24);
    const reader = MappedView.open(name);
    try {
      writer.dataView().setInt32(0, 99041232, true);
      assert.equal(reader.dataView().getInt32(0, true), 99041232);
      assert.deepEqual([writer.created, reader.created, writer.byteLength, reader.byteLength], [true, false, 24, 24]);
    } finally {
      reader.close();
      writer.close();
    }
    assert.equal(MappedView.exists(name), false);
  });

  it('shows in another process what this one writes, and the other way round', async () => {
    const name = uniqueName();
    const view = MappedView.create(name, 24, { initial: Buffer.from('from parent') });
    try {
      const child = start('./children/echo.ts', { from: import.meta.url, args: [name] });
      const { text } = await child.next<{ text: string }>('read');
      assert.equal(text, 'from parent');
      assert.equal(view.toBytes()[0], 'F'.charCodeAt(0));
      child.send({ type: 'close' });
      assert.equal((await child.ended).code, 0);
    } finally {
      view.close();
    }
  });
});
