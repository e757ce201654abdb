import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { defineCodec } from '../../src/codec/index.ts';
import type { QueueShape } from '../../src/queue/index.ts';
import { RingQueue } from '../../src/queue/index.ts';
import { uniqueName } from '../support/names.ts';
import { World } from '../support/participants.ts';
import { killAll, start } from '../support/processes.ts';
import { encode, Journal } from './journal.ts';

const SHAPES: QueueShape[] = [{ capacity: 4 }, { capacity: 4, producers: 1, consumers: 1 }];

function rig(shape: QueueShape) {
  const world = new World();
  world.meanwhile = () => {};
  const memory = new ArrayBuffer(RingQueue.byteLength(8, shape));
  return { world, queue: RingQueue.create(memory, 8, { ...shape, participants: world.spawn() }) };
}

for (const shape of SHAPES) {
  describe(`RingQueue at its edges, ${JSON.stringify(shape)}`, () => {
    it('refuses options that cannot be and waits that were given up, also when it need not wait', async () => {
      const { queue } = rig(shape);
      const signal = AbortSignal.abort('why');
      await assert.rejects(queue.send(new Uint8Array(1), { signal }), { name: 'AbortError', cause: 'why' });
      assert.throws(() => queue.sendSync(new Uint8Array(1), { signal }), { name: 'AbortError' });
      await assert.rejects(queue.send(new Uint8Array(1), { timeoutMs: -1 }), RangeError);
      assert.equal(queue.stats().ready, 0);
      await queue.send(new Uint8Array(1), { timeoutMs: 0 });
      await assert.rejects(queue.receive({ signal }), { name: 'AbortError' });
      assert.throws(() => queue.takeSync({ timeoutMs: Number.NaN }), RangeError);
      assert.equal((await queue.receive({ timeoutMs: 0 }))?.length, 1);
      await assert.rejects(queue.receive({ timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
      while (queue.trySend(new Uint8Array(8)));
      assert.throws(() => queue.sendSync(new Uint8Array(1), { timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
    });

    it('receives into memory of the caller, now, later and blocking', async () => {
      const { queue } = rig(shape);
      const target = new Uint8Array(8).fill(9);
      assert.equal(queue.tryReceiveInto(target), undefined);
      assert.throws(() => queue.receiveIntoSync(target, { timeoutMs: 0 }), { code: 'ERR_TIMEOUT' });
      const others = [new Uint8Array(8), new Uint8Array(8)];
      const waiting = others.map((other) => queue.receiveInto(other));
      assert.equal(queue.tryReceiveInto(target), undefined);
      for (const message of [[1], [2, 3], [4, 5, 6], []]) queue.trySend(new Uint8Array(message));
      assert.deepEqual(await Promise.all(waiting), [1, 2]);
      assert.deepEqual(
        others.map((other) => [...other.subarray(0, 3)]),
        [
          [1, 0, 0],
          [2, 3, 0],
        ],
      );
      assert.throws(() => queue.receiveIntoSync(new Uint8Array(2)), /into 2 bytes: the next message has 3/);
      await assert.rejects(queue.receiveInto(new Uint8Array(2)), RangeError);
      assert.equal(queue.receiveIntoSync(target), 3);
      assert.deepEqual([...target], [4, 5, 6, 9, 9, 9, 9, 9]);
      assert.equal(await queue.receiveInto(target, { timeoutMs: 0 }), 0);
      queue.end();
      assert.equal(queue.receiveIntoSync(target), undefined);
      assert.equal(await queue.receiveInto(target), undefined);
    });

    it('messages() ends for good with an error, and with return()', async () => {
      const { queue } = rig(shape);
      for (let i = 0; i < 3; i++) queue.trySend(new Uint8Array([i]));
      const all = queue.messages({ timeoutMs: 0 });
      assert.deepEqual(await all.next(), { done: false, value: new Uint8Array([0]) });
      assert.deepEqual((await all.return?.())?.done, true);
      assert.deepEqual(await all.next(), { done: true, value: undefined });
      const rest: number[] = [];
      const others = queue.messages({ timeoutMs: 0 });
      await assert.rejects(
        async () => {
          for await (const message of others) rest.push(message[0]!);
        },
        { code: 'ERR_TIMEOUT' },
      );
      assert.deepEqual(rest, [1, 2]);
      assert.equal((await others.next()).done, true);
    });

    it('messages() hands out in the order of the calls of next()', async () => {
      const { queue } = rig(shape);
      const all = queue.messages();
      const waiting = [all.next(), all.next()];
      await null;
      queue.trySend(new Uint8Array([1]));
      queue.trySend(new Uint8Array([2]));
      assert.deepEqual(
        (await Promise.all(waiting)).map(({ value }) => value?.[0]),
        [1, 2],
      );
    });

    for (const [kind, signal] of [
      ['messages', undefined],
      ['deliveries', undefined],
      ['messages', new AbortController().signal],
    ] as const) {
      it(`return() ends the next() that wait and lets the ${kind} be${signal ? ', with a signal' : ''}`, async () => {
        const { queue } = rig(shape);
        const earlier = queue.receive();
        const all = queue[kind](signal && { signal });
        const [first, second] = [all.next(), all.next()];
        await null;
        const done = { done: true, value: undefined };
        assert.deepEqual(await all.return?.(), done);
        queue.trySend(new Uint8Array([1]));
        queue.trySend(new Uint8Array([2]));
        assert.deepEqual(await Promise.all([first, second]), [done, done]);
        assert.deepEqual(await earlier, new Uint8Array([1]));

        const more = queue[kind](signal && { signal });
        await more.next();
        const last = more.next();
        await null;
        await more.return?.();
        queue.trySend(new Uint8Array([3]));
        assert.deepEqual(queue.tryReceive(), new Uint8Array([3]));
        assert.deepEqual(await last, done);
      });
    }

    it('a signal still ends messages(), and what waits behind an error ends with it', async () => {
      const { queue } = rig(shape);
      const abort = new AbortController();
      const all = queue.messages({ signal: abort.signal });
      const waiting = [all.next(), all.next()];
      await null;
      abort.abort('why');
      await assert.rejects(waiting[0]!, { name: 'AbortError', cause: 'why' });
      assert.deepEqual(await waiting[1], { done: true, value: undefined });
      await assert.rejects(queue.messages({ signal: abort.signal }).next(), { name: 'AbortError', cause: 'why' });
    });

    it('a delivery is settled once, and a claim', () => {
      const { queue } = rig(shape);
      for (let i = 0; i < 3; i++) queue.trySend(new Uint8Array([i]));
      const [first, second, third] = [queue.tryTake()!, queue.tryTake()!, queue.tryTake()!];
      second.ack();
      for (const again of [() => second.ack(), () => second.release(), () => second.live, () => second.value]) {
        assert.throws(again, { code: 'ERR_CLOSED' });
      }
      first[Symbol.dispose]();
      first[Symbol.dispose]();
      third.ack();
      const again = queue.tryTake()!;
      assert.deepEqual([again.value, again.redelivered], [new Uint8Array([0]), true]);
      again.ack();
      const { received, usedBytes, delivered } = queue.stats();
      assert.deepEqual({ received, usedBytes, delivered }, { received: 3, usedBytes: 0, delivered: 0 });
      const slot = queue.tryClaim(8)!;
      assert.throws(() => slot.commit(9), RangeError);
      slot.commit(0);
      assert.throws(() => slot.abort(), { code: 'ERR_CLOSED' });
      assert.equal(queue.tryReceive()?.length, 0);
    });

    it('close() settles what is open, in whatever order it was opened and settled', () => {
      const { queue, world } = rig(shape);
      for (let i = 0; i < 4; i++) queue.trySend(new Uint8Array([i]));
      const taken = [0, 1, 2, 3].map(() => queue.tryTake()!);
      taken[1]!.ack();
      taken[3]!.ack();
      const { buffer } = taken[0]!.live;
      queue.close();
      const other = RingQueue.open(buffer as ArrayBuffer, undefined, { participants: world.spawn() });
      assert.deepEqual([other.tryReceive()?.[0], other.tryReceive()?.[0], other.tryReceive()], [0, 2, undefined]);
    });

    it('a codec that uses the queue itself loses nothing and spoils nothing', () => {
      const world = new World();
      let inside = false;
      const nested = (use: () => void) => {
        if (inside) return;
        inside = true;
        try {
          use();
        } finally {
          inside = false;
        }
      };
      const got: (number | undefined)[] = [];
      const odd = defineCodec<number>({
        name: 'odd',
        byteLength: 64,
        byteAlignment: 4,
        read(view, at) {
          nested(() => got.push(queue.tryReceive()));
          return view.getUint32(at, true);
        },
        write(view, at, value) {
          view.setUint32(at, value, true);
          if (value === 7) nested(() => queue.trySend(8));
        },
      });
      const memory = new ArrayBuffer(RingQueue.byteLength(odd, shape));
      const queue: RingQueue<number, unknown, number> = RingQueue.create(memory, odd, {
        ...shape,
        participants: world.spawn(),
      });
      queue.trySend(7);
      got.push(queue.tryReceive());
      assert.deepEqual(got, [7, 8]);
    });
  });
}

describe('RingQueue while others are at work', () => {
  after(killAll);

  it('cancel() answers what is there though this object waits for more', async () => {
    const { queue } = rig({ capacity: 4 });
    const waiting = queue.receive();
    await null;
    const slot = queue.tryClaim(1)!;
    queue.trySend(new Uint8Array([2]));
    assert.deepEqual(queue.cancel(), []);
    assert.throws(() => slot.commit(), { code: 'ERR_ENDED' });
    assert.equal(await waiting, undefined);
    assert.equal(queue.tryReceive(), undefined);
    assert.deepEqual(queue.cancel(), [new Uint8Array([2])]);
  });

  it('stats() never fails beside the only consumer of messages of all sizes', { timeout: 120_000 }, async () => {
    const [queueName, journalName] = [uniqueName('queue'), uniqueName('journal')];
    const count = 60_000;
    const queue = RingQueue.create(queueName, 256, { capacity: 64, producers: 1, consumers: 1 });
    const journal = Journal.create(journalName, 1, count);
    const child = start('./stress-actor.ts', { from: import.meta.url, args: ['receive', queueName, journalName, '0'] });
    await child.next('ready');
    for (let seq = 0; seq < count; seq++) {
      queue.sendSync(encode(0, seq));
      if (seq % 8 !== 0) continue;
      const { ready, delivered, claimed, usedBytes, byteLength } = queue.stats();
      assert.ok(ready <= 65 * 32 && delivered === 0 && claimed === 0 && usedBytes <= byteLength);
    }
    queue.end();
    const { code, stderr } = await child.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual([journal.received, journal.violations, queue.stats().received], [count, 0, count]);
    queue.close();
    journal.close();
  });
});

describe('RingQueue with arguments that the types forbid', () => {
  const name = () => uniqueName('queue');
  const bad = <T>(value: T) => value as never;
  const memory = () => new ArrayBuffer(4096);
  const shape = { capacity: 2 };

  it('refuses what is no place, and offers a name', () => {
    for (const where of [undefined, null, 5, Symbol('s')]) {
      const refused = { name: 'TypeError', message: /pass a name, or memory/ };
      assert.throws(() => RingQueue.create(bad(where), 8, shape), refused);
      assert.throws(() => RingQueue.open(bad(where)), refused);
      assert.throws(() => RingQueue.openOrCreate(bad(where), 8, shape), refused);
    }
    assert.throws(() => RingQueue.open(bad({})), TypeError);
  });

  it('refuses what is neither a codec nor a number', () => {
    for (const messages of [undefined, null, '16', {}, [], 8n, { byteLength: 8, fingerprint: '0123456789abcdef' }]) {
      const refused = { name: 'TypeError', message: /Cannot use .* for messages: pass a codec/ };
      assert.throws(() => RingQueue.create(name(), bad(messages), shape), refused);
      assert.throws(() => RingQueue.openOrCreate(memory(), bad(messages), shape), refused);
      assert.throws(() => RingQueue.byteLength(bad(messages), shape), refused);
      if (messages !== undefined) assert.throws(() => RingQueue.open(memory(), bad(messages)), refused);
    }
    for (const bytes of [-1, 1.5, Number.NaN]) assert.throws(() => RingQueue.create(name(), bytes, shape), RangeError);
  });

  it('refuses options that are none, and says what is missing', () => {
    for (const options of [undefined, null, 5, 'x']) {
      const refused = { name: 'TypeError', message: /capacity/ };
      assert.throws(() => RingQueue.create(name(), 8, bad(options)), refused);
      assert.throws(() => RingQueue.openOrCreate(memory(), 8, bad(options)), refused);
      assert.throws(() => RingQueue.byteLength(8, bad(options)), refused);
      if (options !== undefined) assert.throws(() => RingQueue.open(memory(), 8, bad(options)), TypeError);
    }
    const misspelt = { name: 'TypeError', message: /option "producer"/ };
    assert.throws(() => RingQueue.create(name(), 8, bad({ ...shape, producer: 1 })), misspelt);
    assert.throws(() => RingQueue.create(memory(), 8, bad({ ...shape, producer: 1 })), misspelt);
    assert.throws(() => RingQueue.openOrCreate(memory(), 8, bad({ ...shape, producer: 1 })), misspelt);
    assert.throws(() => RingQueue.open(memory(), 8, bad({ producer: 1 })), misspelt);
    for (const capacity of [undefined, '5', 0, Number.NaN, Symbol('s')]) {
      assert.throws(() => RingQueue.create(memory(), 8, { capacity: bad(capacity) }), { name: 'RangeError' });
    }
  });

  it('refuses what is no ownership', () => {
    for (const ownership of [null, 5, {}, { adopt: () => {} }]) {
      const refused = { name: 'TypeError', message: /as ownership: pass the SharedHeap/ };
      assert.throws(() => RingQueue.create(memory(), 8, { ...shape, ownership: bad(ownership) }), refused);
      assert.throws(() => RingQueue.open(memory(), 8, { ownership: bad(ownership) }), refused);
    }
  });

  it('refuses what is no options of a wait, and no signal', async () => {
    const { queue } = rig(SHAPES[0]!);
    const [message, target] = [new Uint8Array(1), new Uint8Array(8)];
    for (const options of [5, 'x', null, { signal: {} }, { signal: 5 }, { timeout: 5 }, { timeoutMS: 5 }]) {
      const later = [
        () => queue.receive(bad(options)),
        () => queue.receiveInto(target, bad(options)),
        () => queue.take(bad(options)),
        () => queue.send(message, bad(options)),
      ];
      for (const wait of later) await assert.rejects(wait(), TypeError);
      const now = [
        () => queue.receiveSync(bad(options)),
        () => queue.receiveIntoSync(target, bad(options)),
        () => queue.takeSync(bad(options)),
        () => queue.sendSync(message, bad(options)),
        () => queue.messages(bad(options)),
        () => queue.deliveries(bad(options)),
      ];
      for (const wait of now) assert.throws(wait, TypeError);
    }
    const misspelt = {
      name: 'TypeError',
      message: /option "timeout": there is none, the options are timeoutMs, signal/,
    };
    await assert.rejects(queue.receive(bad({ timeout: 5 })), misspelt);
    for (const timeoutMs of ['5', Symbol('s'), -1, Number.NaN]) {
      const refused = { name: 'RangeError', message: /Cannot wait ("5"|Symbol\(s\)|-1|NaN) ms/ };
      assert.throws(() => queue.receiveSync({ timeoutMs: bad(timeoutMs) }), refused);
    }
    assert.equal(queue.stats().ready, 0);
  });

  it('refuses what is no target, and bytes that have an owner', async () => {
    const { queue } = rig(SHAPES[0]!);
    queue.trySend(new Uint8Array(1));
    for (const target of [
      undefined,
      null,
      8,
      [],
      new ArrayBuffer(8),
      new DataView(new ArrayBuffer(8)),
      new Int16Array(8),
    ]) {
      const refused = { name: 'TypeError', message: /Cannot receive into .*: pass a Uint8Array/ };
      assert.throws(() => queue.tryReceiveInto(bad(target)), refused);
      assert.throws(() => queue.receiveIntoSync(bad(target)), refused);
      await assert.rejects(queue.receiveInto(bad(target)), refused);
    }
    assert.equal(queue.stats().ready, 1);
    const owned = RingQueue.create(memory(), 8, { ...shape, ownership: { adopt: () => {}, disown: () => {} } });
    const refused = { name: 'TypeError', message: /messages have owners, take or receive/ };
    assert.throws(() => owned.tryReceiveInto(new Uint8Array(8)), refused);
    assert.throws(() => owned.receiveIntoSync(new Uint8Array(8)), refused);
    await assert.rejects(owned.receiveInto(new Uint8Array(8)), refused);
  });

  it('says of what is over what to do, and not that it can be opened', () => {
    const { queue } = rig(SHAPES[0]!);
    const slot = queue.tryClaim(8)!;
    slot.commit();
    const delivery = queue.tryTake()!;
    delivery.ack();
    assert.throws(() => slot.commit(), { code: 'ERR_CLOSED', message: /is committed or aborted, claim another/ });
    assert.throws(() => delivery.ack(), { code: 'ERR_CLOSED', message: /is acknowledged or released, take the next/ });
  });
});
