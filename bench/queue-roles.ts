/**
 * The receiving process of each contender in bench/queue.ts: `queue-roles.ts <role> <name> …`. It receives until its input
 * ends, and sleeps between the rounds, so that it is in nobody's way.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { RingQueue } from '../src/queue/index.ts';
import { SpscRing } from './queue-spsc.ts';

const [role, name = '', other = ''] = process.argv.slice(2);
const tell = (message: unknown) => new Promise<void>((resolve) => process.send!(message, () => resolve()));
const told = async () => (await once(process, 'message'))[0] as number | 'end';

const roles: Record<string, () => void | Promise<void>> = {
  /** Answers each `mark` with how many came before it. */
  ipc() {
    let count = 0;
    process.on('message', (message: unknown) => {
      if (message === 'mark') {
        void tell(count);
        count = 0;
      } else count += 1;
    });
    process.once('disconnect', () => process.exit());
    void tell('ready');
  },

  echo() {
    process.on('message', (message) => process.send!(message as object));
    void tell('ready');
  },

  /** Answers a byte that is not 7 with how many messages came before it. */
  socket() {
    let bytes = 0;
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        if (chunk.at(-1) === 7) return;
        socket.write(String(Math.floor(bytes / 1024)));
        bytes = 0;
      });
      socket.on('end', () => {
        socket.end();
        server.close();
      });
    });
    server.listen(name, () => void tell('ready'));
    process.once('disconnect', () => process.exit());
  },

  /** It can only spin, so it is told when. */
  async spsc() {
    const ring = new SpscRing(name, false);
    const target = new Uint8Array(1024);
    await tell('ready');
    while ((await told()) !== 'end') {
      let count = 0;
      while (ring.pop(target) !== 1) count += 1;
      await tell(count);
    }
    ring.close();
  },

  async into() {
    const queue = RingQueue.open(name);
    const target = new Uint8Array(1024);
    await tell('ready');
    while (queue.receiveIntoSync(target) !== undefined);
    queue.close();
  },

  async try() {
    const queue = RingQueue.open(name);
    await tell('ready');
    while (queue.tryReceive() !== undefined || queue.receiveSync() !== undefined);
    queue.close();
  },

  async sync() {
    const queue = RingQueue.open(name);
    await tell('ready');
    while (queue.receiveSync() !== undefined);
    queue.close();
  },

  async take() {
    const queue = RingQueue.open(name);
    await tell('ready');
    let sum = 0;
    for (let delivery = queue.takeSync(); delivery; delivery = queue.takeSync()) {
      sum ^= delivery.live[0]!;
      delivery.ack();
    }
    if (sum < 0) console.log(sum);
    queue.close();
  },

  async iterate() {
    const queue = RingQueue.open(name);
    await tell('ready');
    for await (const message of queue) if (message.length === 0) break;
    queue.close();
  },

  /** A producer that is told how long to send. */
  async produce() {
    const queue = RingQueue.open(name);
    const message = new Uint8Array(1024).fill(7);
    await tell('ready');
    for (let ms = await told(); ms !== 'end'; ms = await told()) {
      const until = performance.now() + ms;
      while (performance.now() < until) for (let i = 0; i < 64; i++) queue.sendSync(message);
      await tell('sent');
    }
    queue.close();
  },

  /** It can only spin, so it is told when. */
  async pongSpin() {
    const [from, to] = [RingQueue.open(name), RingQueue.open(other)];
    await tell('ready');
    while ((await told()) !== 'end') {
      for (let length = 8; length > 0; ) {
        const message = from.tryReceive();
        if (!message) continue;
        length = message.length;
        while (!to.trySend(message));
      }
    }
    from.close();
    to.close();
  },

  async pongSync() {
    const [from, to] = [RingQueue.open(name), RingQueue.open(other)];
    await tell('ready');
    for (let message = from.receiveSync(); message; message = from.receiveSync()) to.sendSync(message);
    from.close();
    to.close();
  },

  async pongAsync() {
    const [from, to] = [RingQueue.open(name), RingQueue.open(other)];
    await tell('ready');
    for await (const message of from) await to.send(message);
    from.close();
    to.close();
  },
};

await roles[role!]!();
if (!['ipc', 'echo', 'socket'].includes(role!)) process.disconnect();
