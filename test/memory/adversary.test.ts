/** What a program can do to us through the public API alone. Surviving is the assertion: a crash ends this file. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { array, atomic, i32, MappedView, struct, u32 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { namesLeft } from '../support/resources.ts';
import { startWorker } from '../support/workers.ts';

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

describe('a file under two views', () => {
  it('does not shrink: a touch behind its end would kill the process', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mapfile-adversary-'));
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.alloc(100_000, 1));
    const one = MappedView.openFile(path, { access: 'readwrite' });
    const other = MappedView.openFile(path, { byteOffset: 90_000 });
    assert.throws(() => one.resize(10), { code: 'ERR_BUSY' });
    assert.deepEqual([statSync(path).size, one.byteLength, one.bytes()[99_999]], [100_000, 100_000, 1]);
    assert.equal(other.dataView().getUint8(0), 1);
    other.close();
    one.resize(10);
    assert.deepEqual([statSync(path).size, one.bytes().length], [10, 10]);
    one.resize(20);
    one.close();
    rmSync(folder, { recursive: true });
  });

  it('does not shrink below the view of another thread either', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mapfile-adversary-'));
    const path = join(folder, 'file');
    writeFileSync(path, Buffer.alloc(100_000, 1));
    const view = MappedView.openFile(path, { access: 'readwrite' });
    const worker = startWorker(new URL('./children/file-worker.ts', import.meta.url), path);
    try {
      await once(worker, 'message');
      assert.throws(() => view.resize(10), { code: 'ERR_BUSY' });
      assert.deepEqual([statSync(path).size, view.bytes()[99_999]], [100_000, 1]);
      worker.postMessage('close');
      await once(worker, 'message');
      view.resize(10);
      assert.deepEqual([statSync(path).size, view.bytes().length], [10, 10]);
      view.close();
    } finally {
      await worker.terminate();
    }
    rmSync(folder, { recursive: true });
  });
});

describe('a view for reading', () => {
  it('stays one, whatever its properties are told', () => {
    const view = MappedView.create(uniqueName(), 64);
    const reader = MappedView.open(view.name) as MappedView as MappedView<'readwrite'>;
    assert.throws(() => Object.assign(reader, { access: 'readwrite' }), TypeError);
    Object.defineProperty(reader, 'access', { value: 'readwrite' });
    for (const write of [
      () => reader.bytes(),
      () => reader.typedArray(Int32Array),
      () => reader.fill(1),
      () => reader.copyFrom(new Uint8Array(8)),
      () => reader.write(i32, 0, 1),
      () => reader.live(array(i32, 4)).fill(1),
      () => reader.live(array(i32, 4)).set([1, 2]),
      () => reader.live(struct('cell', { n: atomic(u32) })).n.store(1),
      () => reader.live(struct('cell', { n: atomic(u32) })).n.compareExchange(5, 6),
      () => reader.dataView().setInt8(0, 1),
      () => new Uint8Array(reader.dataView().buffer)[0],
    ]) {
      try {
        write();
      } catch (error) {
        assert.ok(error instanceof TypeError, `${error}`);
      }
    }
    assert.ok(view.toBytes().every((byte) => byte === 0));
    reader.close();
    view.close();
  });
});

describe('code of the user that runs inside of ours', () => {
  it('may close the view at any point', () => {
    const closers: ((view: MappedView<'readwrite'>, now: () => number) => unknown)[] = [
      (view, now) => view.fill(1, getter('byteOffset', now)),
      (view, now) => view.toBytes(getter('byteLength', now)),
      (view, now) => view.flushSync(getter('byteOffset', now)),
      (view, now) => view.advise(getter('byteOffset', now), 'normal'),
      (view, now) => view.copyFrom(new Uint8Array(8), getter('otherOffset', now)),
      (view, now) => view.copyTo(new Uint8Array(8), getter('byteLength', now)),
      (view, now) => view.bytes().fill({ valueOf: now } as never),
      (view, now) => view.bytes().copyWithin(1, { valueOf: now } as never),
      (view, now) => view.bytes().sort(() => now()),
      (view, now) =>
        view.bytes().set({
          length: 3,
          0: 1,
          get 1() {
            return now();
          },
          2: 3,
        } as never),
      (view, now) => view.typedArray(Int32Array).map(now),
      (view, now) => view.bytes().slice({ valueOf: now } as never),
      (view, now) => view.bytes().indexOf(0, { valueOf: now } as never),
      (view, now) => Atomics.store(view.typedArray(Int32Array), 0, { valueOf: now } as never),
      (view, now) => Atomics.compareExchange(view.typedArray(Int32Array), 0, 0, { valueOf: now } as never),
      (view, now) => view.dataView().setInt32(0, { valueOf: now } as never),
      (view, now) => view.dataView().getInt32({ valueOf: now } as never),
      (view, now) =>
        view.write(struct('pair', { a: i32, b: i32 }), 0, {
          a: 1,
          get b() {
            return now();
          },
        }),
      (view, now) =>
        view.live(struct('pair', { a: i32, b: i32 })).assign({
          a: 1,
          get b() {
            return now();
          },
        }),
      (view, now) => view.write(array(i32, 4), 0, Object.defineProperty([1, 2, 3, 4], 2, { get: now }) as number[]),
      (view, now) =>
        MappedView.create(uniqueName(), 8, {
          initial: view,
          get access() {
            now();
            return 'readwrite' as const;
          },
        }).close(),
    ];
    for (const use of closers) {
      const view = MappedView.create(uniqueName(), 4096);
      let calls = 0;
      try {
        use(view, () => {
          calls++;
          view.close();
          return 1;
        });
      } catch (error) {
        assert.ok(error instanceof TypeError || error instanceof RangeError, `${use}: ${error}`);
      }
      assert.ok(calls > 0, `${use} never came by`);
      view.close();
      assert.equal(MappedView.exists(view.name), false);
    }
  });
});

function getter(key: string, get: () => number): object {
  return Object.defineProperty({}, key, { get, enumerable: true });
}
