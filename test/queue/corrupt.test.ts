import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { array, type Codec, u8 } from '../../src/codec/index.ts';
import type { Delivery, QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import {
  CLAIMED,
  COMMITTED,
  DELIVERED,
  DONE,
  FILLED,
  HEADER,
  HEADER_BYTES,
  REDELIVERED,
  recordBytes,
} from '../../src/queue/queue-layout.ts';
import { World } from '../support/participants.ts';

type Queue = RingQueue<unknown, unknown, unknown>;

/** What stands around the queue, and never in a message. */
const BESIDE = 0xee;
const MARGIN = 512;
const SPOILT = [
  ...[HEADER.tail, HEADER.headSeen, HEADER.head, HEADER.tailSeen, HEADER.next, HEADER.stage, HEADER.received],
  ...[HEADER.returned, HEADER.producersLock, HEADER.consumersLock],
];
const CODES = ['ERR_CORRUPT', 'ERR_BUSY', 'ERR_ENDED', 'ERR_ALREADY_OWNER', 'ERR_NOT_OWNER', 'ERR_TIMEOUT'];

interface Step {
  readonly kind: string;
  readonly actor: number;
  readonly n: number;
  readonly spoils: boolean;
  readonly place: number;
  readonly junk: number;
}

/** Two who use a queue that lies amid other memory, while something else writes into it. */
class Spoilt {
  readonly #around: Uint8Array;
  readonly #words: Int32Array;
  readonly #queues: Queue[];
  readonly #shape: QueueShape;
  readonly #max: number;
  readonly #isFixed: boolean;
  readonly #slots: NonNullable<ReturnType<Queue['tryClaim']>>[] = [];
  readonly #deliveries: Delivery<unknown, unknown>[] = [];
  #isGateSpoilt = false;

  constructor(isFixed: boolean, max: number, shape: QueueShape) {
    this.#isFixed = isFixed;
    this.#max = max;
    this.#shape = shape;
    const messages = (isFixed ? array(u8, max) : max) as Codec<unknown>;
    const byteLength = RingQueue.byteLength(messages, shape);
    this.#around = new Uint8Array(MARGIN + byteLength + MARGIN).fill(BESIDE);
    this.#around.fill(0, MARGIN, MARGIN + byteLength);
    this.#words = new Int32Array(this.#around.buffer, MARGIN, byteLength / 4);
    const memory = new DataView(this.#around.buffer, MARGIN);
    const world = new World();
    this.#queues = [world.spawn(), world.spawn()].map((participants) =>
      RingQueue.openOrCreate(memory, messages, { ...shape, participants, patrolMs: 0 }),
    );
  }

  step(step: Step): void {
    if (step.spoils) this.#spoil(step);
    let got: unknown;
    try {
      got = this.#do(step);
    } catch (error) {
      assert.ok(CODES.includes((error as { code: string }).code), String((error as Error).stack));
    }
    this.#check(got);
  }

  #spoil({ place, junk }: Step): void {
    // Of the words in the ring, those where a record begins matter most.
    const ring = this.#words.byteLength - HEADER_BYTES;
    const unit = place % 3 === 0 ? 4 : recordBytes(this.#max);
    const offset = SPOILT[place] ?? HEADER_BYTES + ((place * unit) % ring);
    this.#words[offset / 4] = junk;
    // It would pass for something that was read elsewhere.
    if (new Uint8Array(this.#words.buffer, MARGIN + offset, 4).includes(BESIDE)) this.#words[offset / 4] = 0;
    if (offset === HEADER.producersLock || offset === HEADER.consumersLock) this.#isGateSpoilt = true;
  }

  #do({ kind, actor, n }: Step): unknown {
    const queue = this.#queues[actor]!;
    const bytes = this.#isFixed ? undefined : n % (this.#max + 1);
    switch (kind) {
      case 'send':
        return queue.trySend(this.#isFixed ? Array(this.#max).fill(7) : new Uint8Array(bytes!).fill(7));
      case 'receive':
        return queue.tryReceive();
      case 'receive into': {
        const target = new Uint8Array(this.#max);
        queue.tryReceiveInto(target);
        return target;
      }
      case 'claim': {
        const slot = queue.tryClaim(bytes);
        slot?.bytes.fill(7);
        if (slot) this.#slots.push(slot);
        return slot?.bytes;
      }
      case 'commit': {
        const slot = this.#slots.pop();
        return slot?.commit(this.#isFixed ? undefined : n % (slot.byteLength + 1));
      }
      case 'abort':
        return this.#slots.shift()?.abort();
      case 'take': {
        const delivery = queue.tryTake();
        if (!delivery) return undefined;
        this.#deliveries.push(delivery);
        assert.ok(delivery.byteLength <= this.#max && (!this.#isFixed || delivery.byteLength === this.#max));
        return delivery.value;
      }
      case 'ack':
        return this.#deliveries.pop()?.ack();
      case 'release':
        return this.#deliveries.shift()?.release();
      case 'end':
        return n === 0 && queue.end({ timeoutMs: 0 });
      case 'cancel':
        return n === 0 && queue.cancel({ timeoutMs: 0 })[0];
      default:
        return this.#isGateSpoilt || queue.stats();
    }
  }

  #check(got: unknown): void {
    const end = this.#around.length - MARGIN;
    for (let i = 0; i < MARGIN; i++) {
      assert.equal(this.#around[i], BESIDE, 'something was written before the queue');
      assert.equal(this.#around[end + i], BESIDE, 'something was written behind the queue');
    }
    if (got instanceof Uint8Array || Array.isArray(got)) {
      assert.ok(!got.includes(BESIDE), 'something was read beside the queue');
    }
    if (this.#isGateSpoilt) return;
    for (const [lock, ends] of [
      [HEADER.producersLock, this.#shape.producers],
      [HEADER.consumersLock, this.#shape.consumers],
    ] as const) {
      assert.ok(ends === 1 || this.#words[lock / 4] === 0, 'a gate stays held');
    }
  }
}

const KINDS = [
  ...['send', 'send', 'receive', 'receive', 'receive into', 'claim', 'commit', 'abort', 'take', 'take', 'ack'],
  ...['release', 'end', 'cancel', 'stats'],
];

const mark = fc
  .tuple(fc.constantFrom(0, CLAIMED, FILLED, COMMITTED, COMMITTED | REDELIVERED, DELIVERED, DONE), fc.nat(256))
  .map(([state, bytes]) => state | bytes);

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...KINDS),
  actor: fc.nat(1),
  n: fc.oneof(fc.constant(0), fc.nat(200)),
  spoils: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  place: fc.nat(60),
  junk: fc.oneof(
    fc.constantFrom(0, 1, -1, 8, -8, 2, 0x7fff_ffff, -0x8000_0000),
    fc.nat(256).map((n) => 8 * n),
    mark,
    fc.integer(),
  ),
});

const shape = fc.record(
  { capacity: fc.integer({ min: 1, max: 4 }), producers: fc.constant(1 as const), consumers: fc.constant(1 as const) },
  { requiredKeys: ['capacity'] },
);

describe('RingQueue in memory that something else writes into', () => {
  it('works or says so, touches nothing beside itself, and leaves its gates', () => {
    const property = fc.property(
      fc.boolean(),
      fc.constantFrom(1, 12, 200),
      shape,
      fc.array(step, { minLength: 10, maxLength: 60 }),
      (isFixed, max, shape, steps) => {
        const queue = new Spoilt(isFixed, max, shape as QueueShape);
        for (const one of steps) queue.step(one);
      },
    );
    fc.assert(property, { numRuns: 4000 });
  });
});
