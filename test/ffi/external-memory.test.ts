import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { detach, MAX_VIEW_LENGTH, viewOf } from '../../src/ffi/external-memory.ts';
import type { Address } from '../../src/ffi/koffi.ts';
import { MappedView } from '../../src/memory/mapped-view.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';

after(killAll);

const ADDS = 200_000;

describe('external memory', () => {
  it('is shared by Atomics as exactly as a SharedArrayBuffer: no addition of three processes is lost', async () => {
    const view = MappedView.create(uniqueName(), 64);
    try {
      const words = view.typedArray(Int32Array);
      const children = [0, 1].map(() =>
        start('./children/adder.ts', { from: import.meta.url, args: [view.name, String(ADDS)] }),
      );
      await Promise.all(children.map((child) => child.next('ready')));
      // All start at one store.
      Atomics.store(words, 1, 1);
      for (let i = 0; i < ADDS; i++) Atomics.add(words, 0, 1);
      await Promise.all(children.map((child) => child.next('added')));
      assert.equal(Atomics.load(words, 0), 3 * ADDS);
    } finally {
      view.close();
    }
  });

  it('is detached also after the collector has dropped the code that does it', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let i = 0; i < 3; i++) {
      // Old code goes with the collections that find it unused.
      for (let j = 0; j < 20; j++) collect();
      const buffer = new ArrayBuffer(8);
      const words = new Int32Array(buffer);
      detach(buffer);
      assert.deepEqual([buffer.byteLength, words.length], [0, 0]);
      assert.throws(() => Atomics.load(words, 0), TypeError);
    }
  });

  it('leaves no natives syntax behind', () => {
    detach(new ArrayBuffer(8));
    assert.throws(() => runInNewContext('%ArrayBufferDetach(1)'), { name: 'SyntaxError' });
  });

  it('refuses lengths that would abort the process, before any call', () => {
    for (const bad of [-1, 1.5, Number.NaN, MAX_VIEW_LENGTH + 1]) {
      if (!Number.isSafeInteger(bad) || bad < 0 || bad > MAX_VIEW_LENGTH) {
        assert.throws(() => viewOf(0n as Address, bad), RangeError);
      }
    }
  });
});
