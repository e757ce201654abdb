import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { uniqueName } from '../support/names.ts';
import { startWorker } from '../support/workers.ts';
import { Ledger, ledgerHolds, MapFile, post } from './ledger.ts';

const worker = (data: object): Worker => startWorker(new URL('./children/worker.ts', import.meta.url), data);

describe('MapFile between threads', () => {
  it('4 workers and the main thread share one memory, and lose no update', async () => {
    const name = uniqueName();
    const file = MapFile.create(name, Ledger);
    const workers = Array.from({ length: 4 }, () => worker({ name, times: 2000 }));
    const done = workers.map((each) => once(each, 'message'));
    for (let i = 0; i < 500; i++) await file.update(post);
    await Promise.all(done);
    assert.equal(file.read().count, 8500);
    assert.ok(ledgerHolds(file.read()));
    await Promise.all(workers.map((each) => each.terminate()));
    file.close();
  });

  it('a worker that is terminated in an update is undone by the next writer of the same process', async () => {
    const name = uniqueName();
    const file = MapFile.create(name, Ledger, { initial: post });
    const stuck = worker({ name, stuck: true });
    await once(stuck, 'message');
    assert.equal(file.get().count, 999);
    assert.equal(file.read().count, 1);
    await assert.rejects(file.update(post, { timeoutMs: 1 }), { code: 'ERR_TIMEOUT' });
    await stuck.terminate();
    assert.equal(file.read().count, 1);
    await file.update(post);
    assert.equal(file.read().count, 2);
    assert.equal(file.lastRecovery?.recoveries, 1);
    assert.ok(ledgerHolds(file.read()));
    file.close();
  });
});
