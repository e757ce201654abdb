/** What plain JavaScript can pass, and a compiler would not have let through: said at once, with the value and the remedy. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { i32, MapFile, MappedView, NamedMutex, struct } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';

const Point = struct('point', { x: i32, y: i32 });
const folder = mkdtempSync(join(tmpdir(), 'mapfile-wrong-'));
after(() => rmSync(folder, { recursive: true }));

/** A value that the types refuse. */
const wrong = (value: unknown): never => value as never;

describe('Wrong use of MapFile', () => {
  it('what is no codec is refused wherever one is taken, and nothing is left', () => {
    const name = uniqueName();
    const noCodec = {
      name: 'TypeError',
      message: /^Cannot use this as a codec in .*, pass a struct or another codec$/,
    };
    for (const codec of [undefined, null, {}, 5]) {
      assert.throws(() => MapFile.create(name, wrong(codec)), noCodec);
      assert.throws(() => MapFile.openOrCreate(name, wrong(codec)), noCodec);
      assert.throws(() => MapFile.createFile(join(folder, 'none'), wrong(codec)), noCodec);
      assert.throws(() => MapFile.over(new ArrayBuffer(64), wrong(codec)), noCodec);
    }
    assert.equal(MapFile.exists(name), false);
    const view = MappedView.create(name, 64);
    assert.throws(() => MapFile.open(name, wrong({})), noCodec);
    view.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('update() wants a function', async () => {
    const file = MapFile.create(uniqueName(), Point);
    const noFunction = { name: 'TypeError', message: /^Cannot update map .* with 5: pass a function$/ };
    assert.throws(() => file.updateSync(wrong(5)), noFunction);
    await assert.rejects(file.update(wrong(5)), noFunction);
    assert.equal(file.version, 0);
    file.close();
  });

  it('a signal that is none is refused, not met by a timer later', async () => {
    const name = uniqueName();
    const noSignal = { name: 'TypeError', message: 'Cannot use 3 as signal: pass an AbortSignal' };
    const options = { signal: wrong(3), timeoutMs: 1 };
    await assert.rejects(MapFile.waitFor(name, Point, options), noSignal);
    const file = MapFile.create(name, Point);
    const over = MapFile.over(new ArrayBuffer(8), Point);
    const mutex = NamedMutex.create(uniqueName());
    assert.throws(() => file.changes(options), noSignal);
    await assert.rejects(
      file.update(() => 1, options),
      noSignal,
    );
    await assert.rejects(over.readLocked(options), noSignal);
    await assert.rejects(mutex.lock(options), noSignal);
    mutex.close();
    over.close();
    file.close();
  });

  it('a time that is none is refused', async () => {
    const over = MapFile.over(new ArrayBuffer(8), Point);
    const times: [timeoutMs: number, shown: string][] = [
      [-1, '-1'],
      [Number.NaN, 'NaN'],
      [wrong('x'), '"x"'],
      [wrong(null), 'null'],
    ];
    for (const [timeoutMs, shown] of times) {
      const noTime = {
        name: 'RangeError',
        message: `Cannot wait ${shown} ms: timeoutMs must be a number of 0 or more`,
      };
      await assert.rejects(MapFile.waitFor(uniqueName(), Point, { timeoutMs }), noTime);
      await assert.rejects(over.readLocked({ timeoutMs }), noTime);
      assert.throws(() => over.readLockedSync({ timeoutMs }), noTime);
    }
    over.close();
  });

  it('a guard that is none is refused', () => {
    for (const guard of ['x', 5, { seq: 'x' }, null]) {
      assert.throws(() => MapFile.over(new ArrayBuffer(8), Point, { guard: wrong(guard) }), {
        name: 'TypeError',
        message: /^Cannot use this as a guard: .*, pass sequence, /,
      });
    }
  });

  it('a file in a folder that does not exist: the error names the path that was given', () => {
    const path = join(folder, 'nowhere', 'point');
    assert.throws(() => MapFile.createFile(path, Point), {
      code: 'ERR_NAME_NOT_FOUND',
      message: `Cannot create file "${path}": its folder does not exist, make that first`,
    });
  });
});
