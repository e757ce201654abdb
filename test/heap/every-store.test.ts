import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedHeap } from '../../src/heap/index.ts';
import { run } from '../support/death.ts';
import { World } from '../support/participants.ts';
import { History, type Tally } from './every-store.ts';

const HISTORIES = Number(process.env.MAPFILE_HISTORIES ?? 8);
const OPERATIONS = Number(process.env.MAPFILE_OPERATIONS ?? 60);
/** Every so-many-th death is followed by one at every store of its recovery. */
const AGAIN = Number(process.env.MAPFILE_AGAIN ?? 397);

describe('SharedHeap, killed at every store', () => {
  it('is whole, with every byte, whoever died where', (t) => {
    const tally: Tally = { points: 0, recoveries: 0, byOperation: {} };
    for (let seed = 1; seed <= HISTORIES; seed++) {
      new History(seed * 7919, tally).play(OPERATIONS, AGAIN);
    }
    t.diagnostic(`${tally.points} deaths in operations, ${tally.recoveries} in recoveries`);
    t.diagnostic(JSON.stringify(tally.byOperation));
    assert.ok(tally.points > HISTORIES * OPERATIONS * 10, 'the harness sees the stores');
  });

  it('is made by the next one when its maker dies', () => {
    const options = { handles: 20, threads: 2, pins: 2, roots: 1 };
    for (let dieAt = 1; ; dieAt++) {
      const world = new World();
      const memory = new Uint8Array(8192).fill(0xa5).fill(0, 0, 256).buffer;
      const maker = world.spawn();
      const { died } = run(() => void SharedHeap.create(memory, undefined, { ...options, participants: maker }), dieAt);
      if (!died) break;
      world.kill(maker.self);
      const heap = SharedHeap.openOrCreate(memory, undefined, { ...options, participants: world.spawn() });
      assert.ok(heap.verify().ok, `died at store ${dieAt}: ${heap.verify()}`);
      heap.free(heap.allocate(5000));
      heap.close();
    }
  });
});
