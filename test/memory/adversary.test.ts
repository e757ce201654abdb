/** What a program can do to us through the public API alone. Surviving is the assertion: a crash ends this file. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MappedView } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { namesLeft } from '../support/resources.ts';

type Transferable = ArrayBuffer & { transfer?(byteLength?: number): ArrayBuffer };

describe('bytes that transfer() has moved away', () => {
  const skip = 'transfer' in ArrayBuffer.prototype ? false : 'this Node has no ArrayBuffer.prototype.transfer';

  for (const byteLength of [undefined, 4096, 100, 0]) {
    it(`do not keep close() from letting go, and stay readable (transfer(${byteLength ?? ''}))`, { skip }, () => {
      const name = uniqueName();
      const view = MappedView.create(name, 4096);
      view.fill(7);
      const moved = (view.bytes().buffer as Transferable).transfer!(byteLength);
      assert.throws(() => view.bytes(), TypeError);
      assert.throws(() => view.fill(1), TypeError);
      view.close();
      assert.deepEqual([view.closed, MappedView.exists(name)], [true, false]);
      assert.deepEqual(namesLeft(name), []);
      assert.ok(new Uint8Array(moved).every((byte) => byte === 7));
      new Uint8Array(moved).fill(8);
    });
  }

  it('are refused by structuredClone, or copied', () => {
    const view = MappedView.create(uniqueName(), 4096, { initial: new Uint8Array([5]) });
    const { buffer } = view.bytes();
    let copy: ArrayBuffer | undefined;
    try {
      copy = structuredClone(buffer, { transfer: [buffer] });
    } catch (error) {
      assert.equal((error as Error).name, 'DataCloneError');
    }
    assert.equal(view.bytes()[0], 5);
    view.close();
    if (copy) assert.equal(new Uint8Array(copy)[0], 5);
  });
});
