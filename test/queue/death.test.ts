import '../support/death.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QueueShape } from '../../src/queue/index.ts';
import * as queue from '../../src/queue/index.ts';
import { run } from '../support/death.ts';
import { mutantFolder } from '../support/mutant.ts';
import { Life, type Module, SCRIPTS } from './lives.ts';

const SHAPES: QueueShape[] = [
  { capacity: 3 },
  { capacity: 3, producers: 1 },
  { capacity: 3, consumers: 1 },
  { capacity: 3, producers: 1, consumers: 1 },
];

/** Runs a script once per store, and dies there. Answers how many deaths there were. */
function dieEverywhere(module: Module, shape: QueueShape, script: (life: Life) => void, offsets: number): number {
  let deaths = 0;
  for (let offset = 0; offset < offsets; offset++) {
    for (let dieAt = 1; ; dieAt++) {
      const life = new Life(module, shape, offset);
      const { died } = run(() => script(life), dieAt);
      try {
        life.aftermath(dieAt % 2 === 0, dieAt % 3 !== 0);
      } catch (error) {
        throw new Error(`offset ${offset}, death at store ${dieAt}: ${(error as Error).message}`, { cause: error });
      }
      if (!died) break;
      deaths += 1;
    }
  }
  return deaths;
}

describe('RingQueue when a participant dies', () => {
  let deaths = 0;
  for (const shape of SHAPES) {
    for (const [name, script] of Object.entries(SCRIPTS)) {
      it(`at any store: ${name}, ${JSON.stringify(shape)}`, () => {
        deaths += dieEverywhere(queue, shape, script, 10);
      });
    }
  }

  it('has died often enough', (t) => {
    t.diagnostic(`${deaths} deaths`);
    assert.ok(deaths >= 20_000, `${deaths}`);
  });
});

const QUEUE = new URL('../../src/queue/', import.meta.url);

/** Bugs that one might really write, each in the file where one would write it. */
const MUTANTS: readonly (readonly [name: string, file: string, edits: [string | RegExp, string][]])[] = [
  [
    'the claim is published before its record says whose it is',
    'producer-end.ts',
    [
      [
        / {8}(this\.#ring\.setOwner[^\n]*\n) {8}(this\.#ring\.writeMark\(at, CLAIMED[^\n]*\n) {8}(this\.#moveTail\(\);\n)/,
        '$3$1$2',
      ],
    ],
  ],
  [
    'a message sent at once moves the tail before its record is whole',
    'producer-end.ts',
    [
      [
        / {4}(this\.#ring\.writeMark\(at, COMMITTED[^\n]*\n) {4}return (this\.#moveTail\(\);\n)/,
        'const asleep = $2$1return asleep;',
      ],
    ],
  ],
  [
    'the end of a shrunk claim is marked after the commit',
    'slot.ts',
    [
      [' if (byteLength !== this.#byteLength) this.#shrink(byteLength);', ''],
      [
        'this.#core.publish(this.#at, byteLength);',
        'this.#core.publish(this.#at, byteLength);\n    if (byteLength !== this.#byteLength) this.#shrink(byteLength);',
      ],
    ],
  ],
  [
    'a delivery names its consumer after it says that it is one',
    'consumer-end.ts',
    [
      [
        / {4}ring\.setOwner\(at, ring\.self\);\n( {4}ring\.setMark\(at, DELIVERED[^\n]*\n)/,
        '$1    ring.setOwner(at, ring.self);\n',
      ],
    ],
  ],
  [
    'a quick delivery names its consumer after it says that it is one',
    'quick-receive.ts',
    [
      ['    dataView.setInt32(at + RECORD.owner, this.#ring.self, true);\n', ''],
      [
        'Atomics.store(this.#words, at / 4, DELIVERED | this.foundBytes);\n',
        'Atomics.store(this.#words, at / 4, DELIVERED | this.foundBytes);\n    dataView.setInt32(at + RECORD.owner, this.#ring.self, true);\n',
      ],
    ],
  ],
  [
    'a quick end of a delivery takes those before it with it',
    'quick-receive.ts',
    [['if (head === position && ', 'if (']],
  ],
  [
    'a quick claim is published before its record says whose it is',
    'quick-send.ts',
    [
      [
        / {4}(ring\.setOwner[^\n]*\n) {4}(ring\.writeMark\(at, CLAIMED[^\n]*\n) {4}(this\.#moveTailAndLeave\(\);\n)/,
        '    $3    $1    $2',
      ],
    ],
  ],
  [
    'dead claims stay',
    'consumer-end.ts',
    [
      [
        'if (owner === ring.self || ring.participants.isAlive(owner))',
        'if (state < 0 || owner === ring.self || ring.participants.isAlive(owner))',
      ],
    ],
  ],
  [
    'dead deliveries are taken to be done',
    'consumer-end.ts',
    [
      [
        /case DELIVERED:\n {8}return at;/,
        'case DELIVERED:\n        ring.setMark(at, DONE | bytes);\n        return NOTHING;',
      ],
    ],
  ],
  ['a delivery that is taken over is not marked', 'consumer-end.ts', [[' || (mark & STATE_MASK) === DELIVERED;', ';']]],
  [
    'what was left behind before `next` is never looked at again',
    'consumer-end.ts',
    [
      ['    if (performance.now() - this.#patrolled >= this.#patrolMs) return this.#scan(this.#head);\n', ''],
      ['return found > 0 ? found : this.#scan(this.#head);', 'return found;'],
    ],
  ],
  [
    '`next` is believed even when it lies behind the head',
    'consumer-end.ts',
    [['> ring.used(head, tail) ? head : next;', '> ring.used(head, tail) && false ? head : next;']],
  ],
  [
    'a full ring does not look for the dead',
    'receiving-end.ts',
    [['if (!this.#headIsDone() ||', 'if (consumers || !this.#headIsDone() ||']],
  ],
];

describe('The deaths above', () => {
  for (const [name, file, edits] of MUTANTS) {
    it(`would show if ${name}`, async () => {
      const changed = await mutantFolder<Module>(QUEUE, file, edits);
      assert.throws(() => {
        for (const shape of SHAPES)
          for (const script of Object.values(SCRIPTS)) dieEverywhere(changed, shape, script, 4);
      });
    });
  }
});
