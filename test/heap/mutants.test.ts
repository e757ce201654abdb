/**
 * Proof that the harness sees: each of these bugs, planted into a copy of the sources, makes it fail. docs/robustness.md
 * lists them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

interface Mutant {
  readonly bug: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const MUTANTS: Mutant[] = [
  {
    bug: 'a move commits before it has copied',
    file: 'mover.ts',
    from: 'this.copy(source, target, units);\n      this.#table.moveTo(index, target);',
    to: 'this.#table.moveTo(index, target);\n      this.copy(source, target, units);',
  },
  {
    bug: 'a slide does not store how far it has come',
    file: 'mover.ts',
    from: 'Atomics.store(words, HEADER.slideDone, done);',
    to: '',
  },
  {
    bug: 'a slide goes in chunks longer than the gap',
    file: 'mover.ts',
    from: 'const chunk = Math.min(way, units - done);',
    to: 'const chunk = Math.min(way * 2, units - done);',
  },
  {
    bug: 'a slide stores its progress before the chunk',
    file: 'mover.ts',
    from: 'this.copy(source + at, target + at, chunk);\n      done += chunk;\n',
    to: 'done += chunk;\n      Atomics.store(words, HEADER.slideDone, done);\n      this.copy(source + at, target + at, chunk);\n',
  },
  {
    bug: 'a slide up begins at the front',
    file: 'mover.ts',
    from: 'const at = target < source ? done : units - done - chunk;',
    to: 'const at = done;',
  },
  {
    bug: 'recovery forgets the slide under way',
    file: 'heap-core.ts',
    from: 'this.#mover.complete();',
    to: 'Atomics.store(memory.words, HEADER.sliding, 0);',
  },
  { bug: 'recovery trusts the cache', file: 'heap-core.ts', from: 'rebuild(memory, this.table, this.area);', to: '' },
  {
    bug: 'a take-over is not repaired',
    file: 'heap-core.ts',
    from: 'const state = this.#lock.acquireSync();\n    if (state === 2 ||',
    to: 'const state = this.#lock.acquireSync();\n    if (',
  },
  {
    bug: 'an allocation is published before its size',
    file: 'handle-table.ts',
    from: 'memory.put(entry + SIZE, byteLength);\n    memory.put(entry + OWNER, owner);',
    to: 'memory.put(entry + STATE, memory.words[entry + STATE]! + 1);\n    memory.put(entry + SIZE, byteLength);\n    memory.put(entry + OWNER, owner);\n    memory.put(entry + STATE, memory.words[entry + STATE]! - 1);',
  },
  {
    bug: 'a parked block is live again before it has an owner',
    file: 'quick-blocks.ts',
    from: 'memory.put(entry + OWNER, owner);',
    to: 'memory.put(entry + STATE, (state + 1) | 0);\n    memory.put(entry + OWNER, owner);',
  },
  {
    bug: 'a quick free asks nobody for pins',
    file: 'quick-blocks.ts',
    from: 'if (link === 0 || this.#pins.claim(index) !== 0) return false;',
    to: 'if (link === 0) return false;',
  },
  {
    bug: 'a block is joined with its neighbours before it is freed',
    file: 'heap-core.ts',
    from: 'table.close(index);\n    if (!table.isRetired(index)) table.give(index);\n    this.area.release(unit, units);',
    to: 'this.area.release(unit, units);\n    table.close(index);\n    if (!table.isRetired(index)) table.give(index);',
  },
  {
    bug: 'a shrink writes tags into bytes that are still the block',
    file: 'heap-core.ts',
    from: 'if (wanted > now) area.resize(unit, now, wanted);',
    to: 'if (wanted !== now) area.resize(unit, now, wanted), (now = wanted);',
  },
  {
    bug: 'a growth is committed before the new bytes are zero',
    file: 'heap-core.ts',
    from: 'this.#clear(unit, table.byteLength(index), byteLength);\n    table.setByteLength(index, byteLength);',
    to: 'const old = table.byteLength(index);\n    table.setByteLength(index, byteLength);\n    this.#clear(unit, old, byteLength);',
  },
  {
    bug: 'the compactor does not look for pins',
    file: 'compactor.ts',
    from: 'for (const free = this.#pins.firstPinned(train); train',
    to: 'for (const free = train.length; train',
  },
  {
    bug: 'blocks that move together are committed before they are copied',
    file: 'compactor.ts',
    from: 'this.#mover.copy(source, target, units);\n      for (let n = 0, unit = target; n < train.length; n++) {\n        table.land(train[n]!, unit);\n        unit += memory.words[unit * UNIT_WORDS + TAG_UNITS]!;\n      }',
    to: 'for (let n = 0, unit = target; n < train.length; n++) {\n        table.land(train[n]!, unit);\n        unit += table.units(train[n]!);\n      }\n      this.#mover.copy(source, target, units);',
  },
  {
    bug: 'a root is changed in the slot that is in force',
    file: 'root-directory.ts',
    from: 'state === ROOT_STATE.slotA ? ROOT_STATE.slotB : ROOT_STATE.slotA;',
    to: 'ROOT_STATE.slotA;',
  },
  {
    bug: 'recovery trusts the lists of roots',
    file: 'heap-core.ts',
    from: 'this.roots.index.rebuild();',
    to: '',
  },
  {
    bug: 'a root is in force before its name is written',
    file: 'root-directory.ts',
    from: 'memory.put(at + ROOT.nameBytes, name.byteLength);',
    to: 'Atomics.store(words, at + ROOT.state, next);\n      memory.put(at + ROOT.nameBytes, name.byteLength);',
  },
  {
    bug: 'a pin does not look for a claim',
    file: 'quick-blocks.ts',
    from: 'const unit = Atomics.load(words, entry + OFFSET);',
    to: 'const unit = Atomics.load(words, entry + OFFSET) & ~CLAIMED;',
  },
  {
    bug: 'a free drops its claim before it commits',
    file: 'quick-blocks.ts',
    from: '// ORDER: plain, as HandleTable.close().',
    to: 'memory.put(entry + OFFSET, words[entry + OFFSET]! & ~CLAIMED);',
  },
  {
    bug: 'a block is parked before it is freed',
    file: 'quick-blocks.ts',
    from: '// ORDER: plain, as HandleTable.close().',
    to: 'memory.put(entry + OWNER, others);\n    memory.put(BIN_PARKED + units, link);',
  },
  {
    bug: 'recovery leaves blocks parked',
    file: 'free-bins.ts',
    from: 'BIN_SUMMARY + BIN_WORDS);',
    to: 'BIN.parked);',
  },
  {
    bug: 'recovery leaves blocks claimed',
    file: 'mover.ts',
    from: 'if (table.isClaimed(index)) table.unclaim(index);',
    to: '',
  },
  {
    bug: 'blocks have no owner',
    file: 'handle-table.ts',
    from: 'memory.put(entry + OWNER, owner);',
    to: 'memory.put(entry + OWNER, owner * 0);',
  },
];

/** Runs the harness over a copy of the sources; what it found wrong, `''` if nothing. */
function harness(copy: string): string {
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  const log = join(copy, 'harness.log');
  const output = openSync(log, 'w');
  const { status } = spawnSync(
    process.execPath,
    [...(strips ? [] : ['--import', 'tsx']), '--test', join(copy, 'test', 'heap', 'every-store.test.ts')],
    {
      cwd: root,
      stdio: ['ignore', output, output],
      timeout: 240_000,
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        NODE_TEST_CONTEXT: undefined,
        MAPFILE_HISTORIES: '4',
        MAPFILE_AGAIN: '211',
      },
    },
  );
  closeSync(output);
  const found = /^.*(?:died at store|AssertionError|MapFileError).*$/m.exec(readFileSync(log, 'utf8'));
  assert.equal(status === 0, found === null, 'it fails by finding something');
  return found?.[0].trim() ?? '';
}

describe('the harness that kills the heap at every store', () => {
  let copy = '';

  before(() => {
    // Inside the package, so that the copy finds its dependencies.
    copy = mkdtempSync(join(root, '.mutants-'));
    for (const part of ['src', 'test/heap', 'test/support'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
  });

  after(() => rmSync(copy, { recursive: true, force: true }));

  it('passes the sources as they are', () => assert.equal(harness(copy), ''));

  for (const { bug, file, from, to } of MUTANTS) {
    it(`fails when ${bug}`, (t) => {
      const path = join(copy, 'src', 'heap', file);
      const source = readFileSync(path, 'utf8');
      assert.equal(source.split(from).length, 2, `the place of the bug stands once in ${file}`);
      writeFileSync(path, source.replace(from, to));
      try {
        const found = harness(copy);
        assert.notEqual(found, '');
        t.diagnostic(found);
      } finally {
        writeFileSync(path, source);
      }
    });
  }
});
