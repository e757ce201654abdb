import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MemoryRange } from '../../src/base/memory.ts';
import { OwnBody } from '../../src/mapfile/own-body.ts';
import { run } from '../support/death.ts';
import { model, valueIn } from './cell-model.ts';

const readOnly = (range: MemoryRange): MemoryRange => ({ ...range, access: 'read' });
const never = new AbortController().signal;

/** What a user without the right to write has of the cell. */
const lookOn = (cell: ReturnType<typeof model>) => {
  const { data, control, undo } = cell.cell;
  const nobody = () => assert.fail('a reader who may not write has nobody to be woken by');
  return new OwnBody(
    { data: readOnly(data), control: readOnly(control), undo: readOnly(undo) },
    nobody,
    'map "test"',
    [],
  );
};

const shown = (view: DataView) => valueIn(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));

describe('OwnBody without the right to write', () => {
  it("reads a dead writer's object as it was before, and repairs nothing", () => {
    const cell = model(24);
    const a = cell.writer();
    a.writer.updateSync(cell.store, 1);
    const { points } = run(() => a.writer.updateSync(cell.store, 2));
    a.writer.updateSync(cell.store, 1);
    run(() => a.writer.updateSync(cell.store, 3), points - 3);
    a.kill();
    const reader = lookOn(cell);
    const before = new Uint8Array(cell.memory.slice(0));
    assert.equal(reader.version, 3);
    assert.equal(shown(reader.copy()), 1);
    assert.deepEqual(new Uint8Array(cell.memory), before);
    assert.notEqual(valueIn(new Uint8Array(cell.memory, 0, 24)), 1);
    assert.throws(() => reader.updateSync(cell.store, 4), { code: 'ERR_READ_ONLY' });
    assert.equal(reader.updating, false);
  });

  it('polls for a change', async () => {
    const cell = model(24);
    const { writer } = cell.writer();
    const reader = lookOn(cell);
    const seen = reader.version;
    writer.updateSync(cell.store, 5);
    while (reader.version === seen) await reader.sleep(seen, { signal: never, ref: true, intervalMs: 1 });
    assert.equal(shown(reader.copy()), 5);
    const abort = new AbortController();
    const sleeping = reader.sleep(reader.version, { signal: abort.signal, ref: true, intervalMs: undefined });
    abort.abort();
    await sleeping;
  });
});
