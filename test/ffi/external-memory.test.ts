import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { detach, MAX_VIEW_LENGTH, viewOf } from '../../src/ffi/external-memory.ts';
import type { Address } from '../../src/ffi/koffi.ts';
import { MappedView } from '../../src/memory/mapped-view.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';
import { startWorker } from '../support/workers.ts';

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

  it('is detached by each of several threads that do so for the first time at once', async () => {
    const threads = 4;
    const times = 25;
    const start = new Int32Array(new SharedArrayBuffer(4 * times));
    const workers = Array.from({ length: threads }, () =>
      startWorker(new URL('./children/first-detach.ts', import.meta.url), { start, threads, times }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  it('is detached also where a polyfill stands that only copies', async () => {
    const own = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'transfer');
    const value = function transfer(this: ArrayBuffer): ArrayBuffer {
      return this.slice(0);
    };
    Object.defineProperty(ArrayBuffer.prototype, 'transfer', { value, configurable: true, writable: true });
    try {
      // As if for the first time.
      const fresh = (await import(`../../src/ffi/external-memory.ts?${'polyfill'}`)) as { detach: typeof detach };
      const buffer = new ArrayBuffer(8);
      assert.equal(fresh.detach(buffer), true);
      assert.equal(buffer.byteLength, 0);
    } finally {
      if (own) Object.defineProperty(ArrayBuffer.prototype, 'transfer', own);
      else Reflect.deleteProperty(ArrayBuffer.prototype, 'transfer');
    }
  });

  it('throws where it is used after it was detached', () => {
    const buffer = new ArrayBuffer(8);
    const words = new Int32Array(buffer);
    const view = new DataView(buffer);
    assert.equal(detach(buffer), true);
    assert.equal(detach(buffer), false);
    assert.deepEqual([buffer.byteLength, words.length], [0, 0]);
    assert.throws(() => Atomics.load(words, 0), TypeError);
    assert.throws(() => view.getInt32(0), TypeError);
  });

  it('refuses lengths that would abort the process, before any call', () => {
    for (const bad of [-1, 1.5, Number.NaN, MAX_VIEW_LENGTH + 1]) {
      if (!Number.isSafeInteger(bad) || bad < 0 || bad > MAX_VIEW_LENGTH) {
        assert.throws(() => viewOf(0n as Address, bad), RangeError);
      }
    }
  });
});
