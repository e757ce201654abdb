import '../support/death.ts';
import '../support/replay.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mutant } from '../support/mutant.ts';
import { everyDeath, everyInterleaving } from './cell-harness.ts';

describe('The cell', () => {
  // Values of more than 64 bytes are copied in bulk, each copy with stores before, in the middle and at the end.
  for (const [byteLength, program] of [
    [4, [1, -2, 3, 4]],
    [9, [1, -2, 3, 4]],
    [80, [1, -2]],
  ] as const) {
    it(`of ${byteLength} bytes: death at every store leaves a whole value and a lock that the next one takes`, (t) => {
      const { visited, wrong } = everyDeath(byteLength, [1, -2, 3], [4]);
      t.diagnostic(`${visited} pairs of deaths`);
      assert.deepEqual(wrong, []);
    });

    it(`of ${byteLength} bytes: no interleaving of a reader with updates tears, loses or mixes a value`, (t) => {
      const { visited, wrong } = everyInterleaving(byteLength, program);
      t.diagnostic(`${visited} interleavings`);
      assert.deepEqual(wrong, []);
    });
  }

  it('no interleaving of a reader with a death at any store and the recovery tears a value', (t) => {
    let visited = 0;
    for (let dieAt = 1; dieAt < 25; dieAt++) {
      const found = everyInterleaving(8, [1, 2], {}, dieAt, [3]);
      visited += found.visited;
      assert.deepEqual(found.wrong, []);
    }
    t.diagnostic(`${visited} interleavings`);
  });
});

const WRITER = new URL('../../src/mapfile/cell-writer.ts', import.meta.url);
const READER = new URL('../../src/mapfile/cell-reader.ts', import.meta.url);
type WriterModule = typeof import('../../src/mapfile/cell-writer.ts');
type ReaderModule = typeof import('../../src/mapfile/cell-reader.ts');

/** Planted bugs: what each changes, and which of the passes must see it. */
const WRITER_MUTANTS: readonly [name: string, edits: [string | RegExp, string][]][] = [
  ['the undo copy is left out', [[/copyBytes\(this\.#undo\[slot\], this\.#data, .*\n/, '']]],
  [
    'the attempt is published before the undo copy',
    [
      [/( {4}copyBytes\(this\.#undo\[slot\], this\.#data, .*\n)/, ''],
      [
        /( {4}Atomics\.load\(this\.#words, SEQUENCE \/ 4\);\n)/,
        '$1    copyBytes(this.#undo[slot], this.#data, this.#byteLength);\n',
      ],
    ],
  ],
  [
    'the struct is changed before the attempt is published',
    [[/( {4}copyBytes\(this\.#undo\[slot\], this\.#data, .*\n)/, '$1    fn(argument);\n']],
  ],
  ['there is one undo copy', [[/const slot = undoSlot\(sequence\);/g, 'const slot = 0;']]],
  ['the undo version is left out', [[/control\.setFloat64\(UNDO_VERSION.*\n/, '']]],
  [
    'the version grows before the attempt',
    [
      [/(control\.setFloat64\()VERSION, version \+ 1, true\);\n/, ''],
      [/( {4}\/\/ ORDER: seq_cst; the undo copy above)/, '    control.setFloat64(VERSION, version + 1, true);\n$1'],
    ],
  ],
  [
    'an undone attempt gives its number back',
    [[/(restored struct is whole.*\n.*)\(sequence \+ 1\)/, '$1(sequence - 1)']],
  ],
  ['an undo restores nothing', [[/if \(!this\.#undone\) copyBytes.*\n/, '']]],
  [
    'an undo is committed before it is made',
    [
      [
        /( {2}#restore\(sequence: number\): void \{\n)/,
        '$1    Atomics.store(this.#words, SEQUENCE / 4, (sequence + 1) | 0);\n',
      ],
    ],
  ],
  ['an undo leaves the version', [[/this\.#control\.setFloat64\(VERSION, version, true\);/, '']]],
  [
    'the next writer does not look for a half-done update',
    [[/if \(\(sequence & 1\) !== 0\) sequence = this\.#recover\(sequence\);/, '']],
  ],
];

const READER_MUTANTS: readonly [name: string, edits: [string | RegExp, string][]][] = [
  ['the reader does not look again', [['this.#age(before) > lifetime', 'this.#age(before) < 0']]],
  ['the reader allows a struct one step', [['lifetime = 0;', 'lifetime = 1;']]],
  [
    'the reader allows an undo copy one step too many',
    [['lifetime = UNDO_LIFETIME;', 'lifetime = UNDO_LIFETIME + 1;']],
  ],
  ['the reader takes the struct during an update', [['if ((before & 1) === 0)', 'if (before >= 0)']]],
  ['the reader takes the other undo copy', [['const slot = undoSlot(before);', 'const slot = undoSlot(before + 2);']]],
];

describe('The harness sees', () => {
  const judge = (code: Parameters<typeof everyDeath>[3]) => ({
    deaths: everyDeath(9, [1, -2, 3], [4], code).wrong.length,
    interleavings: everyInterleaving(9, [1, -2, 3, 4], code).wrong.length,
  });

  for (const [name, edits] of WRITER_MUTANTS) {
    it(name, async (t) => {
      const { CellWriter } = await mutant<WriterModule>(WRITER, edits);
      const seen = judge({ Writer: CellWriter });
      t.diagnostic(`${seen.deaths} deaths and ${seen.interleavings} interleavings go wrong`);
      assert.ok(seen.deaths + seen.interleavings > 0);
    });
  }

  for (const [name, edits] of READER_MUTANTS) {
    it(name, async (t) => {
      const { CellReader } = await mutant<ReaderModule>(READER, edits);
      const seen = judge({ Reader: CellReader });
      t.diagnostic(`${seen.deaths} deaths and ${seen.interleavings} interleavings go wrong`);
      assert.ok(seen.deaths + seen.interleavings > 0);
    });
  }
});
