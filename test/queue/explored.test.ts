import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { u32 } from '../../src/codec/index.ts';
import type { QueueShape } from '../../src/queue/index.ts';
import * as real from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { type Actor, type Explored, explore, type Model } from '../support/explorer.ts';
import { mutantFolder } from '../support/mutant.ts';
import { World } from '../support/participants.ts';

type Numbers = RingQueue<number, unknown, number>;
type Module = { RingQueue: typeof RingQueue };
type Role = (queue: Numbers, actor: Actor) => void;

const send =
  (...values: number[]): Role =>
  (queue, actor) => {
    for (const value of values) {
      actor.note(`sends ${value}`);
      queue.sendSync(value);
      actor.note(`sent ${value}`);
    }
  };
const receive =
  (count: number): Role =>
  (queue, actor) => {
    for (let i = 0; i < count; i++) actor.note(`got ${queue.receiveSync()}`);
  };
const take =
  (count: number): Role =>
  (queue, actor) => {
    for (let i = 0; i < count; i++) {
      const delivery = queue.takeSync();
      actor.note(`got ${delivery!.value}${delivery!.redelivered ? ' again' : ''}`);
      delivery!.ack();
    }
  };
/** By a claim that others see before there is a message. */
const claim =
  (value: number, settle: 'commit' | 'abort' = 'commit'): Role =>
  (queue, actor) => {
    const slot = queue.tryClaim();
    if (!slot) return;
    (slot.live as { value: number }).value = value;
    actor.note(`sends ${value}`);
    slot[settle]();
    if (settle === 'commit') actor.note(`sent ${value}`);
  };
const twoClaims: Role = (queue, actor) => {
  const [first, second] = [queue.tryClaim()!, queue.tryClaim()!];
  actor.note('sends 0');
  first.commit();
  second.abort();
};
const secondOfTwo: Role = (queue, actor) => {
  const [first, second] = [queue.tryClaim(), queue.tryClaim()];
  actor.note('sends 0');
  first?.abort();
  second?.commit();
  if (second) actor.note('sent 0');
};
/** Without sleeping: fewer orders. */
const tryTake: Role = (queue, actor) => {
  const delivery = queue.tryTake();
  if (!delivery) return;
  actor.note(`got ${delivery.value}${delivery.redelivered ? ' again' : ''}`);
  delivery.ack();
};
const tryBoth: Role = (queue, actor) => {
  if (queue.trySend(9)) actor.note('sent 9');
  const value = queue.tryReceive();
  if (value !== undefined) actor.note(`got ${value}`);
};

const trySend =
  (value: number): Role =>
  (queue, actor) => {
    actor.note(`sends ${value}`);
    if (queue.trySend(value)) actor.note(`sent ${value}`);
  };

interface Scene {
  readonly shape: QueueShape;
  readonly roles: readonly Role[];
  readonly deaths?: number;
  readonly mortal?: (actor: number) => boolean;
  /** Whether those who remain may rightly wait for ever. */
  readonly mayStarve?: boolean;
  readonly prefill?: readonly number[];
  readonly atEnd?: (model: Model) => void;
}

/** Every order of the atomic operations of these roles; and every death, if asked. */
function play(module: Module, scene: Scene): Explored {
  const { shape, roles, prefill = [] } = scene;
  return explore({
    byteLength: RingQueue.byteLength(u32, shape),
    initial(memory) {
      const queue = RingQueue.create(memory, u32, { ...shape, participants: new World(900).spawn() });
      for (const value of prefill) queue.trySend(value);
      queue.close();
    },
    actors: roles.map((role) => (actor: Actor, memory: ArrayBuffer) => {
      role(module.RingQueue.open(memory, u32, { participants: actor, patrolMs: 0 }) as Numbers, actor);
      // One more step: whoever is done may die as well.
      if (scene.deaths) actor.note('leaves');
    }),
    deaths: scene.deaths ?? 0,
    ...(scene.mortal && { mortal: scene.mortal }),
    mayStarve: scene.mayStarve ?? false,
    check: (model) => check(model, prefill),
    atEnd: (model) => scene.atEnd?.(model),
    maxStates: 600_000,
  });
}

function check({ notes }: Model, prefill: readonly number[]): void {
  const seen = new Set<string>();
  for (const note of notes) {
    const got = /got (\S+)( again)?/.exec(note);
    if (!got) continue;
    const value = Number(got[1]);
    assert.ok(
      prefill.includes(value) || value === 9 || notes.some((n) => n.endsWith(`sends ${value}`)),
      `${value} was never sent`,
    );
    assert.ok(got[2] || !seen.has(got[1]!), `${value} is delivered twice: ${notes.join(', ')}`);
    seen.add(got[1]!);
  }
}

/** What was sent has been got, or is found by somebody who comes when all are gone: once, unless its taker is dead. */
function kept(model: Model): void {
  const { words, notes, dead } = model;
  const queue = RingQueue.open(words.slice().buffer, u32, { participants: new World(900).spawn() });
  const left: number[] = [];
  for (let value = queue.tryReceive(); value !== undefined; value = queue.tryReceive()) left.push(value);
  for (const note of notes) {
    const sent = /sent (\d+)/.exec(note);
    if (!sent) continue;
    const value = Number(sent[1]);
    const takers = notes.flatMap((n) => (n.includes(`:got ${value}`) ? [Number(n.split(':')[0])] : []));
    const copies = left.filter((one) => one === value).length;
    assert.ok(takers.length + copies > 0, `${value} is lost: ${notes.join(', ')}`);
    if (takers.length > 0 && takers.every((taker) => !dead.has(taker))) {
      assert.equal(copies, 0, `${value} is got and left behind: ${notes.join(', ')}`);
    }
  }
}

const SCENES: Record<string, Scene> = {
  'a sender and a receiver that wait for each other': {
    shape: { capacity: 1 },
    roles: [send(1), receive(2)],
    prefill: [7],
  },
  'the same, one of each': {
    shape: { capacity: 1, producers: 1, consumers: 1 },
    roles: [send(1), receive(2)],
    prefill: [7],
  },
  'two senders and one room': { shape: { capacity: 1 }, roles: [send(1), send(2)], mayStarve: true },
  'two receivers, one message each': { shape: { capacity: 2 }, roles: [receive(1), receive(1)], prefill: [1, 2] },
  'two that send and receive': { shape: { capacity: 2 }, roles: [tryBoth, tryBoth], prefill: [1] },
  'a sender that dies before a receiver': {
    shape: { capacity: 1 },
    roles: [send(1), take(1)],
    deaths: 1,
    mortal: (actor) => actor === 0,
    mayStarve: true,
    atEnd: ({ notes }) => assert.ok(!notes.includes('0:sent 1') || notes.includes('1:got 1'), notes.join(', ')),
  },
  'a claim, settled or not by one who dies, before a receiver': {
    shape: { capacity: 1 },
    roles: [claim(1), tryTake],
    deaths: 1,
    mortal: (actor) => actor === 0,
    atEnd: kept,
  },
  'a claim behind an aborted one, and a sender in need of room': {
    shape: { capacity: 2 },
    roles: [secondOfTwo, trySend(2)],
    deaths: 1,
    mortal: (actor) => actor === 0,
    atEnd: kept,
  },
  'a claim, and a receiver that waits for it': { shape: { capacity: 1 }, roles: [claim(1), receive(1)] },
  'two claims, settled the other way round, and a receiver that waits': {
    shape: { capacity: 2 },
    roles: [twoClaims, receive(1)],
  },
  'a consumer that dies before another': {
    shape: { capacity: 1 },
    roles: [tryTake, tryTake],
    deaths: 1,
    prefill: [1],
    mayStarve: true,
    atEnd: kept,
  },
};

describe('RingQueue in every order of its atomic operations', () => {
  for (const [name, scene] of Object.entries(SCENES)) {
    it(name, { timeout: 120_000 }, (t) => {
      const { states, ends, deepest } = play(real, scene);
      t.diagnostic(`${states} states, ${ends} ends, ${deepest} deep`);
      assert.ok(states > 50);
    });
  }
});

const QUEUE = new URL('../../src/queue/', import.meta.url);
const STALE = '    if (last !== mark) return this.#judge(at, last);\n';
const MUTANTS: readonly (readonly [name: string, scene: string, file: string, edits: [string | RegExp, string][]])[] = [
  [
    'a sleeper looks before it says that it sleeps',
    'a sender and a receiver that wait for each other',
    'wait-line.ts',
    [
      [
        '    Atomics.or(this.#words, this.#word, SLEEP);\n    return !awaited.isReady();',
        '    const wait = !awaited.isReady();\n    Atomics.or(this.#words, this.#word, SLEEP);\n    return wait;',
      ],
    ],
  ],
  [
    'a sender at once looks for sleepers before it moves the tail',
    'a sender and a receiver that wait for each other',
    'producer-end.ts',
    [
      [
        'return (Atomics.add(this.#ring.words, TAIL, this.#next - this.#tail) & SLEEP) !== 0;',
        'const asleep = (Atomics.load(this.#ring.words, TAIL) & SLEEP) !== 0;\n    Atomics.add(this.#ring.words, TAIL, this.#next - this.#tail);\n    return asleep;',
      ],
    ],
  ],
  [
    'a quick sender looks for sleepers before it moves the tail',
    'a sender and a receiver that wait for each other',
    'quick-send.ts',
    [
      [
        'const slept = (Atomics.add(this.#words, TAIL, this.#step) & SLEEP) !== 0;',
        'const slept = (Atomics.load(this.#words, TAIL) & SLEEP) !== 0;\n    Atomics.add(this.#words, TAIL, this.#step);',
      ],
    ],
  ],
  [
    'a quick receiver looks for sleepers before it moves the head',
    'a sender and a receiver that wait for each other',
    'quick-receive.ts',
    [
      [
        'return (Atomics.add(this.#words, HEAD, after - head) & SLEEP) !== 0;',
        'const slept = (Atomics.load(this.#words, HEAD) & SLEEP) !== 0;\n    Atomics.add(this.#words, HEAD, after - head);\n    return slept;',
      ],
    ],
  ],
  [
    'the settler of a claim looks for sleepers before it commits',
    'a claim, and a receiver that waits for it',
    'producer-end.ts',
    [
      [
        / {4}(this\.#ring\.setMark\(at, COMMITTED[^\n]*\n) {4}return ([^\n]*\n)/,
        '    const asleep = $2    $1    return asleep;\n',
      ],
    ],
  ],
  [
    'a claim takes the bit of the sleepers with it',
    'two claims, settled the other way round, and a receiver that waits',
    'quick-send.ts',
    [
      [
        '(Atomics.add(this.#words, TAIL, this.#step) & SLEEP)',
        '(Atomics.exchange(this.#words, TAIL, this.#dataView.getInt32(HEADER.tail, true) + this.#step) & SLEEP)',
      ],
    ],
  ],
  [
    'a claim is judged by what it was before its producer died',
    'a claim, settled or not by one who dies, before a receiver',
    'consumer-end.ts',
    [[STALE, STALE.replace('last !== mark', 'last !== mark && state >= 0')]],
  ],
  [
    'a producer in need of room judges a claim by what it was',
    'a claim behind an aborted one, and a sender in need of room',
    'consumer-end.ts',
    [[STALE, STALE.replace('last !== mark', 'last !== mark && state >= 0')]],
  ],
  [
    'a delivery is judged by what it was before its consumer died',
    'a consumer that dies before another',
    'consumer-end.ts',
    [[STALE, '']],
  ],
  [
    'receivers pass the gate together',
    'two receivers, one message each',
    'gate.ts',
    [
      ['return this.#lock.tryAcquire() !== 0 || this.#tryLong();', 'return true;'],
      ['    this.#lock.release();', ''],
    ],
  ],
];

describe('The orders above', () => {
  for (const [name, scene, file, edits] of MUTANTS) {
    it(`would show if ${name}`, { timeout: 120_000 }, async () => {
      const changed = await mutantFolder<Module>(QUEUE, file, edits);
      assert.throws(() => play(changed, SCENES[scene]!));
    });
  }
});
