import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MappedView } from '../../src/index.ts';
import { uniqueName } from '../support/names.ts';
import { assertHoldsNoMore, held, namesLeft } from '../support/resources.ts';

// Uncollected garbage is no leak.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const ROUNDS = 60_000;
const MIB = 2 ** 20;

describe(`${ROUNDS} rounds of create() and close()`, () => {
  it('leave descriptors and mappings flat, and memory when the loop yields', async () => {
    const name = uniqueName('rounds');
    const rounds = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const view = MappedView.create(name, 64);
        view.dataView().setInt32(0, i);
        view.close();
        if (i % 500 === 0) await turn();
      }
      // What was opened for good (native functions, the compiler's threads) is open now.
      await turn();
      collect();
    };
    // The compiler settles after some 15,000 rounds.
    await rounds(20_000);
    const [before, rss, heap] = [held(), process.memoryUsage.rss(), process.memoryUsage().heapUsed];
    await rounds(ROUNDS);
    assertHoldsNoMore(before);
    // The engine sizes its heap by some 20 MiB up and down; one page a round would be 234 MiB.
    const grown = process.memoryUsage.rss() - rss;
    assert.ok(grown < 48 * MIB, `${(grown / MIB).toFixed(1)} MiB more`);
    const kept = process.memoryUsage().heapUsed - heap;
    assert.ok(kept < 4 * MIB, `${(kept / MIB).toFixed(1)} MiB more on the heap`);
    assert.deepEqual(namesLeft(name), []);
  });
});
