import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { History, type Tally } from './every-store.ts';

const HISTORIES = Number(process.env.MAPFILE_HISTORIES ?? 8);
const OPERATIONS = Number(process.env.MAPFILE_OPERATIONS ?? 60);
/** Every so-many-th death is followed by one at every store of its recovery. */
const AGAIN = Number(process.env.MAPFILE_AGAIN ?? 97);

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
});
