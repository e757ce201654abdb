/** A runtime that forbids external memory: koffi.view there would abort the process. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { koffi } from '../../src/ffi/koffi.ts';
import { MapFile, MappedView, struct, u32 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';

const Pair = struct('pair', { a: u32, b: u32 });
const forbidden = { code: 'ERR_NO_LIVE_MEMORY', context: { runtime: 'Electron' } };

describe('in Electron', () => {
  const { versions } = process;
  const { view } = koffi;
  let viewed = 0;

  before(() => {
    Object.defineProperty(process, 'versions', { value: { ...versions, electron: '33.0.0' }, configurable: true });
    koffi.view = (...args) => {
      viewed++;
      return view(...args);
    };
  });

  after(() => {
    Object.defineProperty(process, 'versions', { value: versions, configurable: true });
    koffi.view = view;
  });

  it('memory is made, opened, copied and closed without a look at it in place', () => {
    const name = uniqueName();
    const made = MappedView.create(name, 24, { initial: new Uint8Array([1, 2, 3]) });
    const opened = MappedView.open(name, { access: 'readwrite' });
    assert.deepEqual([made.mapped, opened.mapped, opened.byteLength, opened.foreign], [false, false, 24, false]);
    made.write(Pair, 8, { a: 7, b: 8 });
    assert.deepEqual(opened.read(Pair, 8), { a: 7, b: 8 });
    opened.fill(9, { byteOffset: 20, byteLength: 2 });
    assert.deepEqual([...made.toBytes({ byteOffset: 19, byteLength: 4 })], [0, 9, 9, 0]);
    opened.close();
    made.close();
    assert.equal(MappedView.exists(name), false);
    assert.equal(viewed, 0);
  });

  it('an object that cannot be made or opened there leaves no name', () => {
    const name = uniqueName();
    assert.throws(() => MapFile.create(name, Pair), forbidden);
    assert.equal(MapFile.exists(name), false);
    const made = MappedView.create(name, 8);
    assert.throws(() => MapFile.open(name, Pair), forbidden);
    made.close();
    assert.equal(MappedView.exists(name), false);
  });

  it('what needs live memory says why it is not to be had, and the process goes on', () => {
    const made = MappedView.create(uniqueName(), 24);
    for (const use of [
      () => made.dataView(),
      () => made.bytes(),
      () => made.typedArray(Int32Array),
      () => made.live(Pair),
      () => u32.write(made, 0, 1),
    ]) {
      assert.throws(use, { ...forbidden, message: /^Cannot .*Electron.*, / }, String(use));
    }
    const reader = MappedView.open(made.name);
    assert.throws(() => reader.dataView(), forbidden);
    assert.throws(() => (reader as MappedView as MappedView<'readwrite'>).fill(1), { code: 'ERR_READ_ONLY' });
    reader.close();
    made.close();
    assert.throws(() => made.toBytes(), { code: 'ERR_CLOSED' });
    assert.equal(viewed, 0);
  });
});
