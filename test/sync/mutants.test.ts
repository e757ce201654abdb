import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { explore } from '../support/explorer.ts';
import { type Module, scenarios } from './scenarios.ts';

const source = new URL('../../src/sync/', import.meta.url);

/** The whole of src/sync with one bug planted; the floors below are the real ones. */
async function mutated(file: string, search: string, replacement: string): Promise<Module> {
  const folder = mkdtempSync(join(tmpdir(), 'mapfile-mutant-'));
  try {
    cpSync(fileURLToPath(source), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const name of readdirSync(folder).filter((n) => n.endsWith('.ts'))) {
      let text = readFileSync(join(folder, name), 'utf8');
      if (name === file) {
        assert.ok(text.includes(search), `the mutation finds nothing to change in ${file}: ${search}`);
        text = text.replace(search, replacement);
      }
      text = text.replace(/from '(\.\.\/[^']+)'/g, (_, path: string) => `from '${new URL(path, source).href}'`);
      writeFileSync(join(folder, name), text);
    }
    return (await import(pathToFileURL(join(folder, 'index.ts')).href)) as Module;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const mutants: readonly (readonly [what: string, file: string, search: string, replacement: string, seenBy: RegExp])[] =
  [
    ['a release that does not ring', 'lock-word.ts', 'this.#participants.ring(this.#target.key);', '', /^Mutex/],
    [
      'a waiter that does not set its bit',
      'lock-word.ts',
      'const before = Atomics.compareExchange(this.#words, 0, seen, seen | WAITERS);',
      'const before = seen;',
      /^Mutex/,
    ],
    ['a death that is not told', 'lock-word.ts', 'return owner === 0 ? 1 : 2;', 'return 1;', /^Mutex, 2/],
    [
      'a take-over from the living',
      'lock-word.ts',
      'if (owner !== 0 && this.#participants.isAlive(owner as ParticipantId)) return 0;',
      '',
      /^Mutex/,
    ],
    [
      'a take-over by a bare store',
      'lock-word.ts',
      'const before = Atomics.compareExchange(words, 0, seen, self | (seen & WAITERS));',
      'Atomics.store(words, 0, self | (seen & WAITERS)); const before = seen;',
      /^Mutex, 3/,
    ],
    [
      'a depth that survives its owner',
      'mutex.ts',
      'this.#setState(this.#kind | ticket);',
      'this.#setState((this.#state() & ~0xfffff) | ticket);',
      /^recursive/,
    ],
    [
      'an acquisition without a number of its own',
      'tickets.ts',
      'this.#last = this.#last === TICKET_MASK ? 1 : this.#last + 1;',
      'this.#last = 1;',
      /^Mutex, a guard/,
    ],
    [
      'a guard that does not look at its number',
      'mutex.ts',
      'if (ticketOf(this.#state()) !== ticket && this.#lock.isMine)',
      'if (ticket < 0)',
      /^Mutex, a guard/,
    ],
    [
      'a permit’s guard that does not look at its number',
      'semaphore.ts',
      'if (mine && Atomics.load(this.#words, ticketIndex(permit)) !== ticket)',
      'if (!mine)',
      /^Semaphore, a guard/,
    ],
    [
      'a writer’s guard that does not look at its number',
      'rw-lock.ts',
      'if (mine !== 0 && mine !== ticket) throw laterAcquisition(this.#writeSide',
      'if (mine === 0) throw laterAcquisition(this.#writeSide',
      /^RwLock, a writer’s guard/,
    ],
    [
      'a reader’s guard that does not look at its number',
      'rw-lock.ts',
      'if (mine !== 0 && mine !== ticket) throw laterAcquisition(this.#readSide',
      'if (mine === 0) throw laterAcquisition(this.#readSide',
      /^RwLock, a reader’s guard/,
    ],
    [
      'a condition that knows its mutex by the object',
      'guard.ts',
      'return this.#state === HELD && sameThread',
      'return this.#lock === lock && sameThread',
      /^Condition, one waits/,
    ],
    [
      'a wait that ends as another acquisition',
      'mutex.ts',
      'this.#setState(before);',
      'this.#begin(state);',
      /^Condition, one waits/,
    ],
    [
      'a reader that does not look for a writer after it took its place',
      'rw-lock.ts',
      'if ((now & OWNER_MASK) === 0) {',
      'if (now !== -1) {',
      /^RwLock, reader/,
    ],
    [
      'a blocking nested reader that gives way',
      'rw-lock.ts',
      'if (since !== undefined && this.#givingWay.to(this.#liveWriter, since)) return 0;',
      'if (this.#givingWay.to(this.#liveWriter, Number.POSITIVE_INFINITY)) return 0;',
      /^RwLock, nested/,
    ],
    [
      'a writer that does not wait for readers',
      'rw-lock-writer.ts',
      '!this.#drained(self, thorough)',
      'false',
      /^RwLock, reader/,
    ],
    [
      'a dead writer that seems to have written nothing',
      'rw-lock-writer.ts',
      'return Atomics.load(words, TICKET_INDEX) !== 0;',
      'return false;',
      /^RwLock, (two writers|reader)/,
    ],
    [
      'a writer that is taken for one before it is in',
      'rw-lock-writer.ts',
      'Atomics.store(words, TICKET_INDEX, ticket);',
      '',
      /^RwLock, two writers/,
    ],
    [
      'a reader that leaves in silence',
      'rw-lock.ts',
      'if (Atomics.load(this.#words, DRAIN_INDEX) === 0) return;',
      'return;',
      /^RwLock, reader/,
    ],
    [
      'a dead writer that readers forget',
      'rw-lock.ts',
      'const left = brokenBy(words) ? ABANDONED : 0;',
      'const left = 0;',
      /^RwLock, reader/,
    ],
    ['a waiter that does not look again', 'semaphore.ts', 'return this.available === 0;', 'return true;', /^Semaphore/],
    [
      'a permit given back before anybody is looked for',
      'semaphore.ts',
      'if (Atomics.compareExchange(this.#words, permitIndex(permit), self, 0) !== self) throw this.#notOwner();\n    this.#next = permit;\n    if (Atomics.load(this.#words, WAITERS_INDEX) === 0) return;',
      'const w = Atomics.load(this.#words, WAITERS_INDEX); Atomics.store(this.#words, permitIndex(permit), 0); if (w === 0) return;',
      /^Semaphore/,
    ],
    [
      'a release that does not ring',
      'counting-semaphore.ts',
      '(seen & WAITERS) !== 0) this',
      'seen === 1) this',
      /^Counting/,
    ],
    [
      'a signal taken by a bare store',
      'auto-reset-event.ts',
      'const before = Atomics.compareExchange(this.#words, 0, seen, seen & ~SET);',
      'Atomics.store(this.#words, 0, seen & ~SET); const before = seen;',
      /^AutoReset/,
    ],
    [
      'turns that are not counted',
      'manual-reset-event.ts',
      '((seen + ONE_TURN) & TURNS_MASK) | SET',
      '(seen & TURNS_MASK) | SET',
      /^ManualReset/,
    ],
    ['a notification in silence', 'condition.ts', 'this.#participants.ring(this.#keyOf(place));', '', /^Condition/],
    ['a notification that dies with its waiter', 'condition.ts', '|| this.#passedOn(place)', '', /^Condition, of two/],
  ];

describe('the explorer sees', () => {
  for (const [what, file, search, replacement, seenBy] of mutants) {
    it(`${what} (${file})`, async () => {
      const all = Object.entries(scenarios(await mutated(file, search, replacement)));
      const seen = all.some(([name, exploration]) => {
        if (!seenBy.test(name)) return false;
        try {
          explore(exploration);
          return false;
        } catch {
          return true;
        }
      });
      assert.ok(seen, 'the mutant lives');
    });
  }
});
