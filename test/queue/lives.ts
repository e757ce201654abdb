/**
 * What an actor may do with a queue until it dies, and what must be true for those who come after. Import it after
 * `test/support/death.ts`. The queue is a parameter, because the mutants are judged by the same lives.
 */
import assert from 'node:assert/strict';
import type { ParticipantId } from '../../src/base/participants.ts';
import type { Delivery, QueueShape, RingQueue as RealQueue } from '../../src/queue/index.ts';
import { aside } from '../support/death.ts';
import { World } from '../support/participants.ts';

export type Module = { RingQueue: typeof RealQueue };
type Bytes = Uint8Array;
type Raw = RealQueue<Bytes, Bytes, Bytes>;
type Taken = Delivery<Bytes, Bytes>;

const MAX = 32;

/** Message number `seq`: its length and every byte follow from the number. */
export function message(seq: number): Uint8Array {
  const bytes = new Uint8Array(4 + ((seq * 11) % (MAX - 3)));
  for (let i = 0; i < 4; i++) bytes[i] = (seq >> (8 * i)) & 0xff;
  for (let i = 4; i < bytes.length; i++) bytes[i] = (seq * 7 + i) & 0xff;
  return bytes;
}

export function seqOf(bytes: Uint8Array): number {
  const seq = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  assert.deepEqual(Buffer.from(bytes), Buffer.from(message(seq)), `message ${seq} is torn`);
  return seq;
}

/** One queue, an actor A that will die, and what the test knows of every message. */
export class Life {
  readonly world = new World();
  readonly memory: ArrayBuffer;
  readonly shape: QueueShape;
  readonly a: Raw;
  readonly aId: ParticipantId;
  /** Somebody else who acts beside A, where the shape allows. */
  readonly b: Raw | undefined;
  readonly #module: Module;
  readonly #patrolMs: number;
  #nextSeq = 1;
  /** Committed for certain and not yet given to anybody for good. */
  readonly inside = new Set<number>();
  /** May be inside or not: A died on its way in or out. */
  readonly doubtful = new Set<number>();
  /** Taken by A, and neither acknowledged nor released. */
  readonly held = new Map<Taken, number>();
  /** Gone for good: whoever sees one of these has got it twice. */
  readonly gone = new Set<number>();
  /** Has been handed out before. */
  readonly seen = new Set<number>();
  readonly heldByB: Taken[] = [];
  endBegun = false;
  #drained = false;

  constructor(module: Module, shape: QueueShape, offset: number) {
    this.#module = module;
    this.shape = shape;
    // The holders of older deliveries are looked at always, or only by the idle.
    this.#patrolMs = offset % 2 === 0 ? 0 : 1e9;
    this.memory = new ArrayBuffer(module.RingQueue.byteLength(MAX, shape));
    const first = this.world.spawn();
    const queue = module.RingQueue.create(this.memory, MAX, { ...shape, participants: first });
    // Every script is begun everywhere in the ring.
    for (let i = 0; i < offset; i++) {
      queue.trySend(new Uint8Array(i % 9));
      queue.tryReceive();
    }
    queue.close();
    const a = this.world.spawn();
    this.aId = a.self;
    this.a = this.join(a);
    const many = shape.producers !== 1 && shape.consumers !== 1;
    this.b = many ? this.join(this.world.spawn()) : undefined;
  }

  join(participants = this.world.spawn()): Raw {
    return this.#module.RingQueue.open(this.memory, undefined, { participants, patrolMs: this.#patrolMs });
  }

  send(): boolean {
    const seq = this.#nextSeq++;
    this.doubtful.add(seq);
    const sent = this.a.trySend(message(seq));
    this.doubtful.delete(seq);
    if (sent) this.inside.add(seq);
    return sent;
  }

  /** B sends, receives, takes: no points. Its name stays behind in the records that it claims. */
  bSend(): void {
    const { b } = this;
    if (!b) return;
    aside(() => {
      const seq = this.#nextSeq++;
      const bytes = message(seq);
      const slot = b.tryClaim(bytes.length);
      if (!slot) return;
      slot.bytes.set(bytes);
      slot.commit();
      this.inside.add(seq);
    });
  }

  bTake(): void {
    const { b } = this;
    if (!b) return;
    aside(() => {
      const delivery = b.tryTake();
      if (delivery) this.heldByB.push(delivery);
    });
  }

  bAck(): void {
    aside(() => {
      const delivery = this.heldByB.pop();
      if (!delivery) return;
      this.leave(seqOf(delivery.value));
      delivery.ack();
    });
  }

  /** A claims, and answers how to settle the claim. */
  claim(byteLength = MAX): { commit(): void; abort(): void } | undefined {
    const seq = this.#nextSeq++;
    const bytes = message(seq);
    const slot = this.a.tryClaim(Math.max(byteLength, bytes.length));
    if (!slot) return undefined;
    return {
      commit: () => {
        slot.bytes.set(bytes);
        this.doubtful.add(seq);
        slot.commit(bytes.length);
        this.doubtful.delete(seq);
        this.inside.add(seq);
      },
      abort: () => slot.abort(),
    };
  }

  receive(): void {
    // Any one message may go down with A: which, only the memory knows.
    this.receiving = true;
    const bytes = this.a.tryReceive();
    this.receiving = false;
    if (bytes) this.leave(seqOf(bytes));
  }
  receiving = false;
  taking = false;

  take(): Taken | undefined {
    this.taking = true;
    const delivery = this.a.tryTake();
    this.taking = false;
    if (!delivery) return undefined;
    const seq = aside(() => seqOf(delivery.value));
    assert.equal(delivery.redelivered, this.seen.has(seq), `message ${seq} is marked wrongly`);
    this.seen.add(seq);
    this.held.set(delivery, seq);
    return delivery;
  }

  ack(delivery = this.held.keys().next().value): void {
    if (!delivery) return;
    const seq = this.held.get(delivery)!;
    this.inside.delete(seq);
    this.doubtful.add(seq);
    this.held.delete(delivery);
    delivery.ack();
    this.doubtful.delete(seq);
    this.gone.add(seq);
  }

  release(delivery = this.held.keys().next().value): void {
    if (!delivery) return;
    delivery.release();
    this.held.delete(delivery);
  }

  end(): void {
    this.endBegun = true;
    this.a.end();
  }

  leave(seq: number): void {
    assert.ok(!this.gone.has(seq), `message ${seq} is delivered twice`);
    assert.ok(this.inside.delete(seq) || this.doubtful.delete(seq), `message ${seq} was never sent`);
    this.gone.add(seq);
  }

  /** A is dead. Somebody else, who has just come or was there before, finds everything in order. */
  aftermath(fillFirst: boolean, newcomer: boolean): void {
    this.world.kill(this.aId);
    const c = newcomer || !this.b ? this.join() : this.b;
    const ended = c.ended;
    assert.ok(!ended || this.endBegun);
    if (fillFirst && !ended) this.#fill(c);
    for (const delivery of this.heldByB.splice(0)) {
      this.leave(seqOf(delivery.value));
      delivery.ack();
    }
    const [byA, released] = [new Set(this.held.values()), this.seen];
    let last = 0;
    for (let turn = 0; ; turn++) {
      const delivery = turn % 3 === 0 ? undefined : c.tryTake();
      const bytes = delivery ? delivery.value : turn % 3 === 0 ? c.tryReceive() : undefined;
      if (!bytes) break;
      const seq = seqOf(bytes);
      if (byA.has(seq) && delivery) assert.ok(delivery.redelivered, `message ${seq} is not marked as redelivered`);
      if (!byA.has(seq) && !released.has(seq) && !this.doubtful.has(seq)) {
        // One may have been marked as delivered without having been handed out.
        if (seq < last && this.taking) this.taking = false;
        else assert.ok(seq > last, `message ${seq} comes after ${last}`);
        last = Math.max(last, seq);
      }
      this.leave(seq);
      delivery?.ack();
    }
    assert.ok(this.inside.size <= (this.receiving ? 1 : 0), `lost: ${[...this.inside]}`);
    this.inside.clear();
    this.doubtful.clear();
    this.#drained = true;
    if (ended) {
      assert.throws(() => c.trySend(message(1)), { code: 'ERR_ENDED' });
    } else {
      // Nothing is stuck: the whole ring can be used twice over.
      for (let round = 0; round < 2; round++) {
        this.#fill(c);
        for (const seq of [...this.inside]) {
          const bytes = c.tryReceive();
          assert.ok(bytes, `message ${seq} is stuck`);
          assert.equal(seqOf(bytes), seq);
          this.leave(seq);
        }
        assert.equal(c.tryReceive(), undefined);
      }
    }
    const stats = c.stats();
    assert.equal(stats.claimed + stats.delivered + stats.ready, 0);
    if (!ended) assert.equal(stats.usedBytes, 0);
    c.close();
  }

  #fill(queue: Raw): void {
    const before = this.inside.size;
    for (;;) {
      const seq = this.#nextSeq++;
      if (!queue.trySend(message(seq))) break;
      this.inside.add(seq);
    }
    // What was aborted in a queue for one consumer is freed by that one.
    const all = before === 0 && this.doubtful.size === 0 && (this.shape.consumers !== 1 || this.#drained);
    if (all) assert.ok(this.inside.size >= this.shape.capacity, 'room is lost');
  }
}

/** What A does; it may die at every store of it. */
export const SCRIPTS: Record<string, (life: Life) => void> = {
  'send and receive in turn': (life) => {
    for (let i = 0; i < 6; i++) {
      life.send();
      life.send();
      life.receive();
    }
  },
  'fill, and drain': (life) => {
    while (life.send());
    for (let i = 0; i < 6; i++) life.receive();
    while (life.send());
  },
  'claim, shrink, commit, abort': (life) => {
    for (let i = 0; i < 3; i++) {
      life.claim()?.commit();
      life.claim(16)?.abort();
      life.bSend();
      life.receive();
      life.claim()?.commit();
      life.receive();
    }
  },
  'die with an open claim while others go on behind it': (life) => {
    const claim = life.claim();
    life.bSend();
    life.bSend();
    life.bTake();
    claim?.commit();
    life.send();
    life.bTake();
    life.bAck();
    life.take();
  },
  'full of the aborted': (life) => {
    for (let i = 0; i < 6; i++) life.claim()?.abort();
    while (life.send());
    life.receive();
    life.receive();
  },
  'take, acknowledge out of order, release': (life) => {
    for (let i = 0; i < 4; i++) life.send();
    const [first, second, third] = [life.take(), life.take(), life.take()];
    life.ack(second);
    life.release(first);
    life.take();
    life.ack(third);
    life.receive();
    life.ack();
  },
  'take beside others': (life) => {
    for (let i = 0; i < 4; i++) life.send();
    life.bTake();
    life.take();
    life.bTake();
    life.receive();
    life.bAck();
    life.ack();
    life.send();
    life.bAck();
    life.receive();
  },
  'receive beside one who has looked for the dead': (life) => {
    for (let i = 0; i < 4; i++) life.send();
    life.bTake();
    life.bTake();
    life.bAck();
    life.bAck();
    life.receive();
    life.receive();
  },
  'take what others had sent': (life) => {
    for (let i = 0; i < 3; i++) life.bSend();
    life.take();
    life.take();
    life.ack();
    life.bSend();
    life.receive();
    life.take();
  },
  'full of deliveries': (life) => {
    while (life.send());
    for (let i = 0; i < 4; i++) life.take();
    life.ack();
    life.send();
    life.ack();
    life.send();
  },
  'send and end': (life) => {
    life.send();
    life.take();
    life.end();
    life.receive();
    life.ack();
  },
  'take over what the dead had taken': (life) => {
    if (!life.b) return;
    life.send();
    life.send();
    life.send();
    aside(() => {
      const participants = life.world.spawn();
      const dying = life.join(participants);
      for (const delivery of [dying.tryTake(), dying.tryTake()]) life.seen.add(seqOf(delivery!.value));
      life.world.kill(participants.self);
    });
    life.take();
    life.bSend();
    life.receive();
    life.ack();
    life.receive();
  },
  'skip what the dead had claimed': (life) => {
    if (!life.b) return;
    aside(() => {
      const participants = life.world.spawn();
      const dying = life.join(participants);
      for (let i = 0; i < 3; i++) dying.tryClaim(MAX);
      life.world.kill(participants.self);
    });
    while (life.send());
    life.receive();
    life.receive();
    life.take();
    life.send();
  },
};
