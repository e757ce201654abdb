import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type Codec, u32 } from '../../src/codec/index.ts';
import type { Delivery, QueueShape, RingQueue } from '../../src/queue/index.ts';
import * as real from '../../src/queue/index.ts';
import { HEADER, HEADER_BYTES } from '../../src/queue/queue-layout.ts';
import { changedFolder, type Edits } from '../support/mutant.ts';
import { World } from '../support/participants.ts';

type Queue = RingQueue<unknown, unknown, unknown>;
type Module = { RingQueue: typeof RingQueue };
type Shape = Omit<QueueShape, 'capacity'>;

const ACTORS = 3;
const MAX = 40;

interface Actor {
  readonly queue: Queue;
  readonly participants: ReturnType<World['spawn']>;
  readonly slots: NonNullable<ReturnType<Queue['tryClaim']>>[];
  readonly deliveries: Delivery<unknown, unknown>[];
}

interface Operation {
  readonly kind: string;
  readonly actor: number;
  readonly n: number;
}

/** One queue and those who use it, each by a module of its own. Twins go through the same, and say what they saw. */
class Twin {
  readonly #world = new World();
  readonly #memory: ArrayBuffer;
  readonly #words: Int32Array;
  readonly #actors: Actor[];
  readonly #modules: readonly Module[];
  readonly #isFixed: boolean;
  readonly #open: (module: Module, participants: Actor['participants']) => Queue;
  #seq = 0;

  constructor(modules: readonly Module[], isFixed: boolean, shape: QueueShape, offset: number) {
    this.#modules = modules;
    this.#isFixed = isFixed;
    const messages = (isFixed ? u32 : MAX) as Codec<unknown>;
    const memory = new ArrayBuffer(real.RingQueue.byteLength(messages, shape));
    this.#memory = memory;
    this.#words = new Int32Array(memory);
    this.#open = (module, participants) =>
      module.RingQueue.openOrCreate(memory, messages, { ...shape, participants, patrolMs: 0 });
    this.#actors = modules.map((module) => this.#join(module));
    // Begun anywhere in the ring.
    const position = (8 * offset) % (2 * (memory.byteLength - HEADER_BYTES));
    for (const place of [HEADER.head, HEADER.tail, HEADER.headSeen, HEADER.tailSeen, HEADER.next]) {
      this.#words[place / 4] = position;
    }
  }

  /** What the caller saw of it. */
  do({ kind, actor, n }: Operation): unknown {
    const before = this.#world.rings;
    let saw: unknown;
    try {
      saw = this.#do(kind, actor, n);
    } catch (error) {
      saw = (error as { code?: string }).code ?? error;
    }
    return { saw, rings: this.#world.rings - before };
  }

  /** Every byte, but for where the receivers last saw the tail: that only saves work. */
  get state(): Uint8Array {
    const memory = this.#memory.slice(0);
    new DataView(memory).setInt32(HEADER.tailSeen, 0);
    return new Uint8Array(memory);
  }

  #join(module: Module): Actor {
    const participants = this.#world.spawn();
    return { queue: this.#open(module, participants), participants, slots: [], deliveries: [] };
  }

  #message(length: number): unknown {
    const seq = ++this.#seq;
    return this.#isFixed ? seq : new Uint8Array(length).map((_, i) => seq * 31 + i);
  }

  #do(kind: string, index: number, n: number): unknown {
    const { queue, slots, deliveries, participants } = this.#actors[index]!;
    switch (kind) {
      case 'send':
        return queue.trySend(this.#message(n));
      case 'receive':
        return queue.tryReceive();
      case 'receive into': {
        const target = new Uint8Array(n);
        return [queue.tryReceiveInto(target), target];
      }
      case 'claim': {
        const slot = queue.tryClaim(this.#isFixed ? undefined : n);
        if (slot) slots.push(slot);
        return slot?.byteLength;
      }
      case 'commit': {
        const slot = slots.shift();
        slot?.bytes.fill(n);
        return slot?.commit(this.#isFixed ? undefined : Math.min(n, slot.byteLength));
      }
      case 'abort':
        return slots.pop()?.abort();
      case 'take': {
        const delivery = queue.tryTake();
        if (delivery) deliveries.push(delivery);
        return [delivery?.value, delivery?.redelivered, delivery?.byteLength];
      }
      case 'ack':
        return deliveries.splice(n % (deliveries.length || 1), 1)[0]?.ack();
      case 'release':
        return deliveries.shift()?.release();
      case 'a sender sleeps':
        return Atomics.or(this.#words, HEADER.head / 4, 1);
      case 'a receiver sleeps':
        return Atomics.or(this.#words, HEADER.tail / 4, 1);
      case 'end':
        return n === 0 && queue.end();
      case 'cancel':
        return n === 0 && queue.cancel();
      default:
        if (kind === 'die') this.#world.kill(participants.self);
        else queue.close();
        this.#actors[index] = this.#join(this.#modules[index]!);
        return undefined;
    }
  }
}

const KINDS = [
  ...['send', 'send', 'send', 'receive', 'receive', 'receive into', 'claim', 'commit', 'abort', 'take', 'take'],
  ...['ack', 'ack', 'release', 'a sender sleeps', 'a receiver sleeps', 'die', 'close', 'end', 'cancel'],
];

const operation: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom(...KINDS),
  actor: fc.nat(ACTORS - 1),
  n: fc.oneof(fc.nat(MAX), fc.constantFrom(0, MAX)),
});

/** What one does by the quick ways is done by the long ways in the other, beside somebody who goes the other way. */
function compare(quick: Module, long: Module, shape: Shape, numRuns: number): void {
  const ring = fc.record({ isFixed: fc.boolean(), capacity: fc.integer({ min: 1, max: 4 }), offset: fc.nat(80) });
  const property = fc.property(ring, fc.array(operation, { maxLength: 60 }), (ring, operations) => {
    const { isFixed, capacity, offset } = ring;
    const twin = (modules: Module[]) => new Twin(modules, isFixed, { capacity, ...shape }, offset);
    const twins = [twin([quick, long, quick]), twin([long, quick, long])] as const;
    for (const one of operations) {
      assert.deepEqual(twins[0].do(one), twins[1].do(one));
      assert.deepEqual(twins[0].state, twins[1].state);
    }
  });
  fc.assert(property, { numRuns });
}

const SHAPES: Shape[] = [{}, { producers: 1 }, { consumers: 1 }, { producers: 1, consumers: 1 }];

const QUEUE = new URL('../../src/queue/', import.meta.url);

/** Nothing is ever the plain case. */
const LONG: Record<string, Edits> = {
  'quick-send.ts': [['if (words.length === 0 ||', 'if (words.length >= 0 ||']],
  'quick-receive.ts': [
    ['if (words.length === 0 ||', 'if (words.length >= 0 ||'],
    ['if (this.#words.length === 0 ||', 'if (this.#words.length >= 0 ||'],
  ],
};

/** What a quick way might forget. */
const MUTANTS: readonly (readonly [name: string, changes: Record<string, Edits>])[] = [
  [
    'a quick receive forgets how far it has taken',
    { 'quick-receive.ts': [['    this.#dataView.setInt32(HEADER.next, this.#after, true);\n', '']] },
  ],
  [
    'a quick end of a delivery leaves the aborted behind it',
    { 'quick-receive.ts': [[' && !this.#isDoneAt(after)', '']] },
  ],
  [
    'a quick end of a delivery is not counted',
    { 'quick-receive.ts': [['free(head, after);\n      this.#count();\n', 'free(head, after);\n']] },
  ],
  ['a quick send goes on behind the end', { 'quick-send.ts': [['=== STAGE.open', '>= STAGE.open']] }],
  ['a quick send overlooks who sleeps', { 'quick-send.ts': [['return slept;', 'return false;']] }],
];

describe('The quick ways through a queue', () => {
  let long: Module;
  before(async () => {
    long = await changedFolder<Module>(QUEUE, LONG);
  });

  for (const shape of SHAPES) {
    it(`leave every byte as the long ways do, ${JSON.stringify(shape)}`, () => compare(real, long, shape, 600));
  }

  for (const [name, changes] of MUTANTS) {
    it(`would differ if ${name}`, async () => {
      const changed = await changedFolder<Module>(QUEUE, changes);
      assert.throws(() => {
        for (const shape of SHAPES) compare(changed, long, shape, 20_000);
      });
    });
  }
});
