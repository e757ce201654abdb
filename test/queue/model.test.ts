import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Delivery, QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { World } from '../support/participants.ts';

type Bytes = Uint8Array;
type Raw = RingQueue<Bytes, Bytes, Bytes>;

interface Entry {
  readonly seq: number;
  readonly bytes: Bytes;
  state: 'claimed' | 'ready' | 'delivered';
  by?: Actor;
  redelivered: boolean;
}

interface Actor {
  queue: Raw;
  participants: ReturnType<World['spawn']>;
  slots: { entry: Entry; slot: NonNullable<ReturnType<Raw['tryClaim']>> }[];
  deliveries: { entry: Entry; delivery: Delivery<Bytes, Bytes> }[];
}

const ACTORS = 3;
const MAX = 40;

/** The queue as a plain array, in the order of the claims. */
class Model {
  readonly world = new World();
  readonly memory: ArrayBuffer;
  readonly actors: Actor[] = [];
  readonly entries: Entry[] = [];
  received = 0;
  #seq = 0;
  readonly shape: QueueShape;

  constructor(shape: QueueShape) {
    this.shape = shape;
    this.memory = new ArrayBuffer(RingQueue.byteLength(MAX, shape));
    for (let i = 0; i < ACTORS; i++) this.actors.push(this.join());
  }

  join(): Actor {
    const participants = this.world.spawn();
    const queue = RingQueue.openOrCreate(this.memory, MAX, { ...this.shape, participants, patrolMs: 0 });
    return { queue, participants, slots: [], deliveries: [] };
  }

  bytes(length: number): Bytes {
    this.#seq += 1;
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#seq * 31 + i;
    return bytes;
  }

  send(actor: Actor, length: number): void {
    const bytes = this.bytes(length);
    const sent = actor.queue.trySend(bytes);
    assert.ok(sent || this.entries.length > 0, 'an empty queue refuses a message');
    if (sent) this.entries.push({ seq: this.#seq, bytes, state: 'ready', redelivered: false });
  }

  claim(actor: Actor, length: number): void {
    const slot = actor.queue.tryClaim(length);
    if (!slot) return;
    const entry: Entry = { seq: this.#seq, bytes: this.bytes(length), state: 'claimed', by: actor, redelivered: false };
    this.entries.push(entry);
    actor.slots.push({ entry, slot });
  }

  commit(actor: Actor, keep: number): void {
    const open = actor.slots.shift();
    if (!open) return;
    const length = Math.min(keep, open.entry.bytes.length);
    open.slot.bytes.set(open.entry.bytes);
    open.slot.commit(length);
    Object.assign(open.entry, { state: 'ready', bytes: open.entry.bytes.subarray(0, length) });
  }

  abort(actor: Actor): void {
    const open = actor.slots.pop();
    if (!open) return;
    open.slot.abort();
    this.remove(open.entry);
  }

  /** The oldest that is there, or undefined; a living claim hides what stands behind it. */
  next(): Entry | undefined {
    const first = this.entries.findIndex((entry) => entry.state !== 'delivered');
    return first >= 0 && this.entries[first]!.state === 'ready' ? this.entries[first] : undefined;
  }

  receive(actor: Actor): void {
    const expected = this.next();
    assert.deepEqual(actor.queue.tryReceive(), expected?.bytes);
    if (!expected) return;
    this.remove(expected);
    this.received += 1;
  }

  take(actor: Actor): void {
    const expected = this.next();
    const delivery = actor.queue.tryTake();
    assert.deepEqual(delivery?.value, expected?.bytes);
    if (!expected || !delivery) return;
    assert.equal(delivery.redelivered, expected.redelivered);
    Object.assign(expected, { state: 'delivered', by: actor });
    actor.deliveries.push({ entry: expected, delivery });
  }

  ack(actor: Actor, index: number): void {
    const [open] = actor.deliveries.splice(index % (actor.deliveries.length || 1), 1);
    if (!open) return;
    open.delivery.ack();
    this.remove(open.entry);
    this.received += 1;
  }

  release(actor: Actor): void {
    const open = actor.deliveries.shift();
    if (!open) return;
    open.delivery.release();
    Object.assign(open.entry, { state: 'ready', redelivered: true });
  }

  /** The thread of an actor dies, or its object is closed; another takes its place. */
  leave(index: number, killed: boolean): void {
    const actor = this.actors[index]!;
    for (const { entry } of actor.slots) this.remove(entry);
    for (const { entry } of actor.deliveries) Object.assign(entry, { state: 'ready', redelivered: true });
    if (killed) this.world.kill(actor.participants.self);
    else actor.queue.close();
    this.actors[index] = this.join();
  }

  remove(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
  }

  check(): void {
    const stats = this.actors[0]!.queue.stats();
    const claimed = this.entries.filter((entry) => entry.state === 'claimed').length;
    // What the dead had taken or claimed is found when somebody comes by.
    assert.equal(stats.ready + stats.delivered, this.entries.length - claimed);
    assert.ok(stats.claimed >= claimed);
    assert.equal(stats.received, this.received);
  }

  /** All leave; one comes, gets what is left in order, and finds all the room there was. */
  finish(): void {
    for (let i = 0; i < ACTORS; i++) this.leave(i, i % 2 === 0);
    const last = this.actors[0]!;
    while (this.entries.length > 0) this.receive(last);
    this.receive(last);
    for (let i = 0; i < this.shape.capacity; i++) assert.equal(last.queue.trySend(new Uint8Array(MAX)), true);
  }
}

const operation = fc.record({
  kind: fc.constantFrom(
    'send',
    'send',
    'send',
    'receive',
    'receive',
    'claim',
    'commit',
    'abort',
    'take',
    'ack',
    'release',
    'kill',
    'close',
  ),
  actor: fc.nat(ACTORS - 1),
  n: fc.nat(MAX),
});

describe('RingQueue against a plain array', () => {
  it('agrees after every operation of every random sequence', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(operation, { maxLength: 120 }), (capacity, operations) => {
        const model = new Model({ capacity });
        for (const { kind, actor: index, n } of operations) {
          const actor = model.actors[index]!;
          if (kind === 'send') model.send(actor, n);
          else if (kind === 'receive') model.receive(actor);
          else if (kind === 'claim') model.claim(actor, n);
          else if (kind === 'commit') model.commit(actor, n);
          else if (kind === 'abort') model.abort(actor);
          else if (kind === 'take') model.take(actor);
          else if (kind === 'ack') model.ack(actor, n);
          else if (kind === 'release') model.release(actor);
          else model.leave(index, kind === 'kill');
          model.check();
        }
        model.finish();
      }),
      { numRuns: 400 },
    );
  });
});
