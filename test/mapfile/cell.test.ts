import '../support/death.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { model, readValue } from './cell-model.ts';

const LENGTHS = [1, 9, 64, 80];

describe('CellWriter and CellReader', () => {
  for (const byteLength of LENGTHS) {
    it(`an update of ${byteLength} bytes is seen once it is done, with the next version`, () => {
      const cell = model(byteLength);
      const { writer } = cell.writer();
      const reader = cell.reader();
      assert.deepEqual(readValue(reader, byteLength), { value: 0, version: 0 });
      for (let v = 1; v < 8; v++) {
        const answer = writer.updateSync(() => {
          cell.store(v);
          assert.deepEqual(readValue(reader, byteLength), { value: v - 1, version: v - 1 });
          assert.equal(reader.version, v - 1);
          return v * 10;
        }, undefined);
        assert.equal(answer, v * 10);
        assert.deepEqual(readValue(reader, byteLength), { value: v, version: v });
        assert.equal(reader.version, v);
      }
    });
  }

  it('an update that throws is undone, keeps its version, and frees the lock', async () => {
    const cell = model(9);
    const { writer } = cell.writer();
    const other = cell.writer().writer;
    writer.updateSync(cell.store, 1);
    const failure = new Error('no');
    const fail = () => {
      cell.store(2);
      throw failure;
    };
    assert.throws(() => writer.updateSync(fail, undefined), failure);
    assert.deepEqual(readValue(cell.reader(), 9), { value: 1, version: 1 });
    await assert.rejects(writer.update(fail, undefined), failure);
    assert.deepEqual(readValue(cell.reader(), 9), { value: 1, version: 1 });
    other.updateSync(cell.store, 3);
    assert.deepEqual(readValue(cell.reader(), 9), { value: 3, version: 2 });
  });

  it('an update that returns a Promise or another thenable is undone with a TypeError', async () => {
    const cell = model(9);
    const { writer } = cell.writer();
    const thenable = Object.fromEntries([['then', () => undefined]]);
    for (const result of [Promise.resolve(), thenable]) {
      const fn = () => {
        cell.store(2);
        return result;
      };
      assert.throws(() => writer.updateSync(fn, undefined), { name: 'TypeError', message: /returned a Promise/ });
      await assert.rejects(writer.update(fn, undefined), { name: 'TypeError', message: /nothing was changed/ });
      assert.deepEqual(readValue(cell.reader(), 9), { value: 0, version: 0 });
    }
  });

  it('a nested update is a TypeError in every form, and the outer one goes on', async () => {
    const cell = model(9);
    const { writer, participants } = cell.writer();
    const sibling = new (writer.constructor as new (...args: unknown[]) => typeof writer)(
      cell.cell,
      participants,
      'map "test"',
    );
    const nested: Promise<unknown>[] = [];
    writer.updateSync(() => {
      for (const inner of [writer, sibling]) {
        assert.throws(() => inner.updateSync(cell.store, 5), { name: 'TypeError', message: /inside an update of it/ });
        nested.push(inner.update(cell.store, 5));
      }
      cell.store(4);
    }, undefined);
    for (const promise of nested)
      await assert.rejects(promise, { name: 'TypeError', message: /inside an update of it/ });
    assert.deepEqual(readValue(cell.reader(), 9), { value: 4, version: 1 });
  });

  it('update() has run its function before it returns when nobody else updates', async () => {
    const cell = model(9);
    const { writer } = cell.writer();
    const promise = writer.update(cell.store, 7);
    assert.deepEqual(readValue(cell.reader(), 9), { value: 7, version: 1 });
    await promise;
  });

  it('update() waits for another thread, while tasks of the own thread do not disturb each other', async () => {
    const cell = model(9);
    const a = cell.writer().writer;
    const b = cell.writer().writer;
    const order: string[] = [];
    let waiting: Promise<void>[] = [];
    a.updateSync(() => {
      waiting = [1, 2, 3].map((i) => b.update(() => void order.push(`b${i}`), undefined));
      order.push('a');
    }, undefined);
    await Promise.all(waiting);
    assert.equal(order[0], 'a');
    assert.deepEqual(order.slice(1).sort(), ['b1', 'b2', 'b3']);
    assert.equal(cell.reader().version, 4);
  });

  it('update() with an aborted signal or a passed time changes nothing', async () => {
    const cell = model(9);
    const a = cell.writer().writer;
    const b = cell.writer().writer;
    await assert.rejects(b.update(cell.store, 5, { signal: AbortSignal.abort('why') }), {
      name: 'AbortError',
      cause: 'why',
    });
    let late: Promise<unknown> | undefined;
    a.updateSync(() => {
      late = b.update(cell.store, 5, { timeoutMs: 0 });
      assert.throws(() => b.updateSync(cell.store, 5, { timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
    }, undefined);
    await assert.rejects(late!, { code: 'ERR_TIMEOUT' });
    assert.deepEqual(readValue(cell.reader(), 9), { value: 0, version: 1 });
  });

  it('the sequence survives its overflow', () => {
    const cell = model(9);
    const sequence = new Int32Array(cell.memory, 16 + 4, 1);
    sequence[0] = 0x7fff_fffc;
    const { writer } = cell.writer();
    const reader = cell.reader();
    for (let v = 1; v < 8; v++) {
      writer.updateSync(() => {
        cell.store(v);
        assert.deepEqual(readValue(reader, 9), { value: v - 1, version: v - 1 });
      }, undefined);
      assert.deepEqual(readValue(reader, 9), { value: v, version: v });
    }
    assert.equal(sequence[0], (0x7fff_fffc + 14) | 0);
  });

  it('an undo leaves the kept bytes as others have made them meanwhile', () => {
    const cell = model(64);
    const kept = [
      { byteOffset: 60, byteLength: 4 },
      { byteOffset: 8, byteLength: 4 },
    ];
    const { writer } = cell.writer(kept);
    const counter = new Int32Array(cell.memory, 8, 1);
    const last = new Int32Array(cell.memory, 60, 1);
    const fail = () => {
      cell.store(3);
      counter[0] = 41;
      Atomics.add(counter, 0, 1);
      last[0] = 7;
      throw new Error('no');
    };
    assert.throws(() => writer.updateSync(fail, undefined));
    assert.equal(counter[0], 42);
    assert.equal(last[0], 7);
    counter[0] = 0;
    last[0] = 0;
    assert.deepEqual(readValue(cell.reader(), 64), { value: 0, version: 0 });
    const all = cell.writer([{ byteOffset: 0, byteLength: 64 }]).writer;
    assert.throws(() => all.updateSync(fail, undefined));
    assert.equal(cell.cell.data.dataView.getUint8(0), 48);
  });
});
