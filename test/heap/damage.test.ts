import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryRange } from '../../src/base/memory.ts';
import { BIN_WORDS } from '../../src/heap/bins-layout.ts';
import { ENTRY, ENTRY_WORDS } from '../../src/heap/handle-layout.ts';
import { HEADER, HEADER_WORDS } from '../../src/heap/heap-layout.ts';
import { heapWords, readGeometry } from '../../src/heap/heap-memory.ts';
import { SharedHeap } from '../../src/heap/index.ts';
import { World } from '../support/participants.ts';
import { codeOf, world } from './world.ts';

describe('SharedHeap over damaged memory', () => {
  it('says what in its header nobody else could open', () => {
    const { memory, join } = world();
    const { heap } = join();
    const words = new Int32Array(memory);
    for (const name of ['magic', 'version', 'units', 'handles', 'participants', 'pins', 'roots', 'salt'] as const) {
      words[HEADER[name]]! ^= 4;
      const { ok, problems } = heap.verify();
      assert.equal(ok, false, name);
      assert.match(problems[0]!, new RegExp(`The header says ${name} `));
      words[HEADER[name]]! ^= 4;
    }
    assert.equal(heap.verify().ok, true);
  });

  it('never reaches outside when its memory is garbage', () => {
    const people = new World();
    let state = 99;
    const roll = (sides: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % sides;
    };
    const refusals = new Set<string>();
    for (let round = 0; round < 400; round++) {
      const memory = new ArrayBuffer(12_288);
      const options = { handles: 30, threads: 2, pins: 2, roots: 2 };
      const heap = SharedHeap.create(memory, undefined, { ...options, participants: people.spawn() });
      const blocks = Array.from({ length: 12 }, () => heap.allocate(1 + roll(300)));
      for (let i = 0; i < 12; i += 3) heap.free(blocks[i]!);
      const words = new Int32Array(memory);
      for (let n = 0; n < 6; n++) {
        const word = HEADER.sliding + roll(words.length - HEADER.sliding);
        words[word] = roll(3) === 0 ? roll(2 ** 31) - 2 ** 30 : roll(1000);
      }
      for (let n = 0; n < 30; n++) {
        const block = blocks[roll(12)]!;
        const act = [
          () => heap.allocate(1 + roll(400)),
          () => heap.free(block),
          () => heap.reallocate(block, 1 + roll(400)),
          () => heap.withPin(block, (pin) => pin.fill(1)),
          () => heap.compact(),
          () => heap.stats(),
        ][roll(6)]!;
        const code = codeOf(act);
        if (code !== 'nothing') refusals.add(code);
        if (n % 5 === 0) heap.verify();
      }
    }
    const known = [
      'ERR_CORRUPT',
      'ERR_STALE_HANDLE',
      'ERR_INVALID_HANDLE',
      'ERR_OUT_OF_MEMORY',
      'ERR_TABLE_FULL',
      'ERR_BUSY',
    ];
    assert.deepEqual(
      [...refusals].filter((code) => !known.includes(code)),
      [],
    );
    assert.equal(refusals.has('ERR_CORRUPT'), true);
  });

  it('reports what recovery stumbles over, instead of throwing it', () => {
    const { join, memory } = world(16_384, { handles: 20, threads: 2, pins: 2, roots: 1 });
    const { heap } = join();
    const blocks = [1, 2, 3].map((n) => heap.allocate(100 * n));
    heap.free(blocks[0]!);
    const { handleTable } = readGeometry(heapWords(memoryRange(memory)));
    const words = new Int32Array(memory);
    const word = handleTable + 2 * ENTRY_WORDS + ENTRY.offset;
    const unit = words[word]!;
    for (const [bad, sentence] of [
      [505_800_196, /Handle 2 leads out of the block area, to unit 505800196/],
      [words[word + ENTRY_WORDS]!, /Recovery gives up, .*: the block of handle \d overlaps the one before it/],
    ] as const) {
      words[word] = bad;
      words[HEADER.dirty] = 1;
      assert.throws(() => heap.compact(), { code: 'ERR_CORRUPT' });
      for (let times = 0; times < 2; times++) {
        const report = heap.verify();
        assert.equal(report.ok, false);
        assert.match(report.toString(), sentence);
      }
    }
    words[word] = unit;
    words[HEADER.sliding] = 19;
    words[HEADER.dirty] = 1;
    assert.equal(heap.verify().ok, false);
    words[HEADER.sliding] = 0;
    assert.deepEqual(heap.verify().problems, [], 'it is whole once the bytes are right again');
  });

  it('says what is wrong with a damaged heap, and mends what is only cache', () => {
    const { join, memory } = world(16_384, { handles: 20, threads: 2, pins: 2, roots: 1 });
    const { heap } = join();
    const blocks = [1, 2, 3].map(() => heap.allocate(100));
    heap.free(blocks[1]!);
    const words = new Int32Array(memory);
    words[HEADER.freeUnits]! += 7;
    const report = heap.verify();
    assert.equal(report.ok, false);
    assert.match(report.toString(), /problems.*\n {2}- \d+ free units are counted/);
    words.fill(0x7777, HEADER_WORDS, HEADER_WORDS + BIN_WORDS);
    assert.equal(
      codeOf(() => heap.allocate(100)),
      'ERR_CORRUPT',
    );
    heap.free(heap.allocate(100));
    assert.deepEqual(heap.verify().problems, [], 'the next one rebuilds the cache');
  });
});
