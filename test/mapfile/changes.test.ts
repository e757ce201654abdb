import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { i32, MapFile, struct, u32 } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { killAll, start } from '../support/processes.ts';

after(killAll);

const Pair = struct('pair', { n: i32, twice: i32 });

const open = () => {
  const name = uniqueName();
  const writer = MapFile.create(name, Pair);
  const reader = MapFile.open(name, Pair);
  const close = () => {
    reader.close();
    writer.close();
  };
  const set = (n: number) => writer.updateSync((p) => p.assign({ n, twice: 2 * n }));
  return { name, writer, reader, set, close };
};

/** Lets what is pending go to sleep. */
const soon = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('MapFile.changes()', () => {
  it('gives the value of now, then each later one; the latest wins', async () => {
    const { reader, set, close } = open();
    const changes = reader.changes();
    assert.deepEqual((await changes.next()).value, { n: 0, twice: 0 });
    set(1);
    set(2);
    set(3);
    assert.deepEqual((await changes.next()).value, { n: 3, twice: 6 });
    const pending = changes.next();
    await soon();
    set(4);
    assert.deepEqual((await pending).value, { n: 4, twice: 8 });
    close();
  });

  it('initial: false begins with the first change after the call', async () => {
    const { reader, set, close } = open();
    const late = reader.changes({ initial: false });
    set(1);
    assert.deepEqual((await late.next()).value, { n: 1, twice: 2 });
    close();
  });

  it('ends on close(), on return() and on break', async () => {
    const { reader, set, close } = open();
    const pending = reader.changes({ initial: false }).next();
    const returned = reader.changes({ initial: false });
    const cut = returned.next();
    await returned.return?.();
    assert.deepEqual(await cut, { done: true, value: undefined });
    for await (const value of reader.changes()) {
      assert.equal(value.n, 0);
      break;
    }
    set(1);
    assert.deepEqual((await pending).value, { n: 1, twice: 2 });
    const last = reader.changes({ initial: false }).next();
    close();
    assert.deepEqual(await last, { done: true, value: undefined });
  });

  it('many share one listener of their signal, and leave none', async () => {
    const { reader, close } = open();
    const { signal } = new AbortController();
    const all = Array.from({ length: 20 }, () => reader.changes({ signal }));
    assert.equal(getEventListeners(signal, 'abort').length, 1);
    for (const changes of all) await changes.return?.();
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    close();
  });

  it('throws AbortError when the signal fires, also before the first value', async () => {
    const { reader, close } = open();
    const abort = new AbortController();
    const pending = reader.changes({ signal: abort.signal, initial: false }).next();
    abort.abort('enough');
    await assert.rejects(pending, { name: 'AbortError', cause: 'enough' });
    await assert.rejects(reader.changes({ signal: abort.signal }).next(), { name: 'AbortError' });
    close();
  });

  it('an update that is undone is no change', async () => {
    const { reader, writer, set, close } = open();
    const changes = reader.changes({ initial: false });
    const pending = changes.next();
    assert.throws(() =>
      writer.updateSync((p) => {
        p.n = 9;
        throw new RangeError('undo');
      }),
    );
    await soon();
    set(5);
    assert.deepEqual((await pending).value, { n: 5, twice: 10 });
    close();
  });

  it('several next() calls wait in line', async () => {
    const { reader, set, close } = open();
    const changes = reader.changes({ initial: false });
    const [first, second] = [changes.next(), changes.next()];
    set(1);
    assert.equal((await first).value?.n, 1);
    set(2);
    assert.equal((await second).value?.n, 2);
    close();
  });

  it('intervalMs notices direct writes too', async () => {
    const { reader, writer, close } = open();
    const changes = reader.changes({ intervalMs: 1 });
    await changes.next();
    const pending = changes.next();
    writer.get().n = 77;
    assert.equal((await pending).value?.n, 77);
    assert.throws(() => reader.changes({ intervalMs: -1 }), RangeError);
    close();
  });

  it('follows foreign memory by its counter, or by its bytes', async () => {
    const Telemetry = struct('telemetry', { tick: u32, speed: u32 });
    const memory = new Uint32Array(2);
    const guarded = MapFile.over(memory, Telemetry, { guard: { sequence: 'tick' } }).changes({ intervalMs: 1 });
    const bare = MapFile.over(memory, Telemetry).changes({ intervalMs: 1 });
    assert.equal((await guarded.next()).value?.tick, 0);
    assert.equal((await bare.next()).value?.tick, 0);
    const pending = guarded.next();
    const byBytes = bare.next();
    memory[0] = 1;
    memory[1] = 50;
    assert.equal((await byBytes).value?.speed, 50);
    await soon();
    memory[0] = 2;
    assert.deepEqual((await pending).value, { tick: 2, speed: 50 });
    await guarded.return?.();
    await bare.return?.();
  });

  it('skips what is not valid until it is again', async () => {
    const Block = struct('block', { signature: u32, n: u32 });
    const memory = new Uint32Array(2);
    const file = MapFile.over(memory, Block, { valid: (b) => b.signature === 1 });
    const pending = file.changes({ intervalMs: 1 }).next();
    await soon();
    memory[1] = 8;
    memory[0] = 1;
    assert.deepEqual((await pending).value, { signature: 1, n: 8 });
    file.close();
  });

  it('is heard in another process, and a pending one keeps nobody alive with ref: false', async () => {
    const { name, set, close } = open();
    const listener = start('./children/listener.ts', { from: import.meta.url, args: [name] });
    await listener.next('ready');
    for (let n = 1; n <= 20; n++) {
      const at = performance.timeOrigin + performance.now();
      set(n);
      const heard = await listener.next<{ value: { n: number; twice: number }; at: number }>('value');
      assert.deepEqual(heard.value, { n, twice: 2 * n });
      assert.ok(heard.at >= at - 5);
    }
    listener.send({ type: 'idle' });
    assert.equal((await listener.ended).code, 0);
    close();
  });

  it('a file that may only be read is polled', async (t) => {
    const path = join(tmpdir(), uniqueName());
    t.after(() => rmSync(path, { force: true }));
    const writer = MapFile.createFile(path, Pair);
    const reader = MapFile.openFile(path, Pair);
    const changes = reader.changes({ initial: false });
    const pending = changes.next();
    writer.updateSync((p) => p.assign({ n: 3, twice: 6 }));
    assert.equal((await pending).value?.n, 3);
    reader.close();
    writer.close();
  });
});
