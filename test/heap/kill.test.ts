/**
 * Real processes, really killed. `MAPFILE_STRESS_SECONDS=60` makes both tests last that long; they take a few seconds
 * otherwise.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type BlockHandle, SharedHeap } from '../../src/heap/index.ts';
import { uniqueName } from '../support/names.ts';
import { type Child, killAll, start } from '../support/processes.ts';
import { COUNT, firstWrong, Ledger, STATE } from './ledger.ts';

const SECONDS = Number(process.env.MAPFILE_STRESS_SECONDS ?? 0);
const HEAP_BYTES = 1 << 20;
const ENTRIES = 240;

/** Processes that get ready while another one works. */
const SPARES = 3;

async function go(child: Child): Promise<void> {
  await child.next('ready');
  child.send({ type: 'go' });
}

class Town {
  readonly heap: SharedHeap;
  readonly ledger: Ledger;
  readonly #names = [uniqueName('heap'), uniqueName('ledger')] as const;

  constructor() {
    this.heap = SharedHeap.create(this.#names[0], HEAP_BYTES, { handles: 600, threads: 12 });
    this.ledger = Ledger.create(this.#names[1], ENTRIES);
  }

  spawn(role: 'churner' | 'compactor', first: number, entries: number, seed: number, dieAt = 0): Child {
    const args = [role, ...this.#names, first, entries, seed, dieAt].map(String);
    return start('./citizen.ts', { from: import.meta.url, args });
  }

  /** Settles what somebody who is dead was about, and checks every block of his. */
  bury(first: number, entries: number): void {
    for (let number = first; number < first + entries; number++) {
      const { state, handle } = this.ledger.read(number);
      if (state === STATE.stable) this.check(number);
      if (state !== STATE.inFlight) continue;
      if (handle !== 0 && this.heap.has(handle)) this.#free(handle);
      this.ledger.state(number, STATE.empty);
    }
    this.heap.reclaim();
  }

  /** A living one may look at it just now. */
  #free(handle: BlockHandle): void {
    while (!this.heap.tryFree(handle));
  }

  check(number: number): void {
    const { handle, valid, key } = this.ledger.read(number);
    assert.ok(this.heap.has(handle), `entry ${number}: block ${handle} is lost`);
    this.heap.withPin(handle, (pin) => {
      const seen = new Uint8Array(pin.byteLength);
      pin.copyTo(seen);
      assert.ok(seen.length >= valid, `entry ${number}: ${seen.length} bytes are left of ${valid}`);
      assert.equal(firstWrong(seen, key, valid), -1, `entry ${number}: bytes are lost`);
    });
  }

  /** With nobody at work: every block is known, every byte there, every invariant holds. */
  checkAll(): void {
    const report = this.heap.verify();
    assert.ok(report.ok, String(report));
    let stable = 0;
    for (let number = 0; number < ENTRIES; number++) {
      if (this.ledger.read(number).state !== STATE.stable) continue;
      this.check(number);
      stable += 1;
    }
    assert.equal(this.heap.stats().blocks, stable, 'no block has leaked');
  }

  close(): void {
    this.heap.close();
    this.ledger.close();
  }
}

describe('SharedHeap between processes', () => {
  after(killAll);

  it('is whole after every kill -9 at a store', async (t) => {
    const town = new Town();
    const kills = SECONDS > 0 ? 320 : 8;
    let seed = 4711;
    const spare: Child[] = [];
    for (let kill = 0; kill < kills; kill++) {
      while (spare.length < Math.min(SPARES, kills - kill)) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        spare.push(town.spawn('churner', 0, ENTRIES, seed | 1, 1 + (seed % 4000)));
      }
      const child = spare.shift()!;
      await go(child);
      const { signal, code, stderr } = await child.ended;
      assert.ok(
        signal === 'SIGKILL' || (signal === null && code === 1 && stderr === ''),
        `${signal} ${code} ${stderr}`,
      );
      town.bury(0, ENTRIES);
      town.checkAll();
    }
    const { recoveries, moves, blocks } = town.heap.stats();
    t.diagnostic(`${kills} kills, ${recoveries} of them in the lock, ${moves} moves, ${blocks} blocks at the end`);
    assert.equal(town.ledger.count(COUNT.torn, 0), 0);
    town.close();
  });

  for (const churners of [2, 4]) {
    it(`tears no read of ${churners} processes while one compacts and others are killed`, async (t) => {
      const town = new Town();
      const share = ENTRIES / churners;
      const started = performance.now();
      const seconds = Math.max(3, SECONDS / 2);
      // So long at least, and until there was something to see; the second bound is a watchdog.
      const goesOn = () => {
        const passed = (performance.now() - started) / 1000;
        return passed < seconds || (town.ledger.count(COUNT.operations, 0) < 500 && passed < seconds + 60);
      };
      let kills = 0;
      const compactor = town.spawn('compactor', 0, 1, 1);
      await go(compactor);
      const churner = async (number: number) => {
        while (goesOn()) {
          const child = town.spawn('churner', number * share, share, (kills + 1) * 7919 + number);
          await go(child);
          const ended = await Promise.race([child.ended, delay(50 + ((kills * 37 + number * 151) % 400))]);
          assert.equal(ended?.stderr ?? '', '', 'nobody ends by itself');
          await child.kill();
          kills += 1;
          town.bury(number * share, share);
        }
      };
      await Promise.all(Array.from({ length: churners }, (_, number) => churner(number)));
      town.ledger.count(COUNT.stop);
      assert.equal((await compactor.ended).stderr, '');
      town.checkAll();
      const { recoveries, moves } = town.heap.stats();
      const of = (which: number) => town.ledger.count(which, 0).toLocaleString('en');
      t.diagnostic(
        `${kills} kills, ${recoveries} in the lock; ${of(COUNT.operations)} operations, ${of(COUNT.reads)} reads, ` +
          `${moves.toLocaleString('en')} moves, ${of(COUNT.torn)} torn`,
      );
      assert.equal(town.ledger.count(COUNT.torn, 0), 0);
      assert.ok(town.ledger.count(COUNT.reads, 0) > 0 && moves > 0, 'there was something to see');
      town.close();
    });
  }
});
