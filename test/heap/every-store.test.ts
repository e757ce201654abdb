import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HEADER } from '../../src/heap/heap-layout.ts';
import { type BlockHandle, type Pin, SharedHeap } from '../../src/heap/index.ts';
import { aside, run } from '../support/death.ts';
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
      const memory = new Uint8Array(10_240).fill(0xa5).fill(0, 0, 256).buffer;
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

describe('SharedHeap, killed at every store of a growth that others stand in the way of', () => {
  // Behind the block: one that fits the gap, one that does not and must slide up, and one more.
  it('loses no byte', () => {
    const options = { handles: 20, threads: 3, pins: 2, roots: 0 };
    const sizes = [700, 90, 1900, 40];
    const bytes = sizes.map((size, n) => Uint8Array.from({ length: size }, (_, i) => n * 50 + i * 7));
    const world = new World();
    const memory = new ArrayBuffer(8192);
    const keeper = SharedHeap.create(memory, undefined, { ...options, participants: world.spawn() });
    const hole = keeper.allocate(400);
    const blocks = bytes.map((initial) => keeper.allocate(initial.length, { initial, owner: 'nobody' }));
    keeper.free(hole);
    const rest = keeper.stats().largest - 500;
    keeper.allocate(rest, { owner: 'nobody' });
    const most = 700 + keeper.stats().free;
    const base = new Uint8Array(memory).slice();
    const seen = { old: 0, grown: 0, slides: 0 };
    const check = (where: string) => {
      // First: a pin would wait for ever for a claim that nobody drops.
      const report = keeper.verify();
      assert.ok(report.ok, `${where}: ${report}`);
      const size = keeper.size(blocks[0]!);
      assert.ok(size === 700 || size === most, `${where}: it has ${size} bytes`);
      seen[size === 700 ? 'old' : 'grown'] += 1;
      blocks.forEach((block, n) => {
        const found = new Uint8Array(keeper.size(block));
        keeper.withPin(block, (pin) => pin.copyTo(found));
        assert.deepEqual(found.subarray(0, sizes[n]!), bytes[n], `${where}: block ${n}`);
        assert.ok(
          found.subarray(sizes[n]!).every((byte) => byte === 0),
          `${where}: what was added is zero`,
        );
      });
    };
    for (let dieAt = 1; ; dieAt++) {
      const participants = world.spawn();
      const { died } = run(() => {
        const heap = SharedHeap.open(memory, { participants });
        heap.reallocate(blocks[0]!, most);
        heap.close();
      }, dieAt);
      if (!died) break;
      world.kill(participants.self);
      const words = new Int32Array(memory);
      if (words[HEADER.sliding] !== 0 && words[HEADER.slideTarget]! > words[HEADER.slideSource]!) seen.slides += 1;
      const wreck = new Uint8Array(memory).slice();
      for (let again = 1; ; again++) {
        const heir = world.spawn();
        const recovery = run(() => SharedHeap.open(memory, { participants: heir }).close(), again);
        if (recovery.died) world.kill(heir.self);
        check(`died at store ${dieAt}, its heir at ${again}`);
        new Uint8Array(memory).set(wreck);
        if (!recovery.died || dieAt % 7 !== 0) break;
      }
      new Uint8Array(memory).set(base);
    }
    check('alive');
    assert.equal(keeper.size(blocks[0]!), most);
    assert.ok(seen.old > 100 && seen.grown > 10 && seen.slides > 10, JSON.stringify(seen));
  });
});

describe('SharedHeap, pinned at every store of another', () => {
  const options = { handles: 20, threads: 3, pins: 2, roots: 0 };
  const bytes = Uint8Array.from({ length: 500 }, (_, i) => i * 7);
  const deeds: Record<string, (heap: SharedHeap, block: BlockHandle) => void> = {
    compact: (heap) => void heap.compact(),
    free: (heap, block) => void heap.tryFree(block),
    'reallocate, longer': (heap, block) => heap.reallocate(block, 900),
    'reallocate, shorter': (heap, block) => heap.reallocate(block, 200),
  };
  for (const [what, deed] of Object.entries(deeds)) {
    it(`holds the block from then on, or waits: ${what}`, (t) => {
      const world = new World();
      const memory = new ArrayBuffer(16_384);
      // The pinning one must not wait here; the compactor's rest, because the other waited, is none.
      world.meanwhile = ({ who }) => {
        if (who === 2) throw new Error('Participant 2 would sleep for ever');
      };
      const [mine, theirs] = [1, 2].map(() =>
        SharedHeap.openOrCreate(memory, undefined, { ...options, participants: world.spawn() }),
      ) as [SharedHeap, SharedHeap];
      const gap = mine.allocate(40);
      const block = mine.allocate(500, { initial: bytes });
      mine.allocate(100);
      mine.free(gap);
      // The base must know that this pin word is in use: the heap object does from now on.
      theirs.pin(block).unpin();
      const base = new Uint8Array(memory).slice();
      const outcomes = { held: 0, waited: 0, gone: 0 };
      for (let at = 1; ; at++) {
        let met = false;
        let pin: Pin | undefined;
        const look = () => {
          const seen = new Uint8Array(200);
          pin!.copyTo(seen);
          assert.deepEqual(seen, bytes.slice(0, 200), `${what}: pinned at store ${at}, then torn`);
        };
        run(
          () => {
            try {
              deed(mine, block);
            } catch (error) {
              if ((error as { code?: string }).code !== 'ERR_BUSY') throw error;
            }
          },
          at,
          () => {
            met = true;
            aside(() => {
              try {
                pin = theirs.pin(block);
                look();
                outcomes.held += 1;
              } catch (error) {
                const { code, message } = error as { code?: string; message: string };
                if (code === 'ERR_STALE_HANDLE') outcomes.gone += 1;
                else if (/sleep for ever/.test(message)) outcomes.waited += 1;
                else throw error;
              }
            });
            return 'live';
          },
        );
        if (!met) break;
        if (pin) {
          assert.ok(mine.has(block), `${what}: pinned at store ${at}, then freed`);
          look();
          pin.unpin();
        }
        assert.equal(mine.verify().ok, true, `${what}: pinned at store ${at}`);
        new Uint8Array(memory).set(base);
      }
      t.diagnostic(JSON.stringify(outcomes));
      assert.ok(outcomes.held > 0 && outcomes.waited > 0, 'both were seen');
    });
  }
});
