/** What the other process does in bench/queue.ts: `queue-roles.ts <role> <name> …`. Each role ends when its input ends. */
import { createServer } from 'node:net';
import { RingQueue } from '../src/queue/index.ts';
import { SpscRing } from './queue-spsc.ts';

const [role, name = '', other = ''] = process.argv.slice(2);
const tell = (message: unknown) => new Promise<void>((resolve) => process.send!(message, () => resolve()));

type Role = () => void | Promise<void>;

/** Counts what it receives, until a message of one byte or the end of the queue. */
const roles: Record<string, Role> = {
  ipc() {
    let count = 0;
    process.on('message', (message: unknown) => {
      if (message !== 'end') count += 1;
      else void tell(count).then(() => process.disconnect());
    });
    void tell('ready');
  },

  echo() {
    process.on('message', (message) => process.send!(message as object));
    void tell('ready');
  },

  socket() {
    let bytes = 0;
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        bytes += chunk.length;
      });
      socket.on('end', () => {
        server.close();
        void tell(Math.floor(bytes / 1024)).then(() => process.disconnect());
      });
    });
    server.listen(name, () => void tell('ready'));
  },

  async spsc() {
    const ring = new SpscRing(name, false);
    const target = new Uint8Array(1024);
    await tell('ready');
    let count = 0;
    while (ring.pop(target) !== 1) count += 1;
    await tell(count);
    ring.close();
    process.disconnect();
  },

  async into() {
    const queue = RingQueue.open(name);
    const target = new Uint8Array(1024);
    await tell('ready');
    let count = 0;
    for (;;) {
      if (queue.tryReceiveInto(target) !== undefined) count += 1;
      else if (queue.receiveSync() === undefined) break;
      else count += 1;
    }
    await tell(count);
    queue.close();
    process.disconnect();
  },

  async sync() {
    const queue = RingQueue.open(name);
    await tell('ready');
    let count = 0;
    while (queue.receiveSync() !== undefined) count += 1;
    await tell(count);
    queue.close();
    process.disconnect();
  },

  async take() {
    const queue = RingQueue.open(name);
    await tell('ready');
    let [count, sum] = [0, 0];
    for (let delivery = queue.takeSync(); delivery; delivery = queue.takeSync()) {
      sum += delivery.live[0]!;
      delivery.ack();
      count += 1;
    }
    await tell(count + (sum < 0 ? 1 : 0));
    queue.close();
    process.disconnect();
  },

  async iterate() {
    const queue = RingQueue.open(name);
    await tell('ready');
    let count = 0;
    for await (const message of queue) count += message.length > 0 ? 1 : 0;
    await tell(count);
    queue.close();
    process.disconnect();
  },

  /** A producer that the parent stops by ending the queue. */
  async produce() {
    const queue = RingQueue.open(name);
    const message = new Uint8Array(1024).fill(7);
    await tell('ready');
    try {
      for (;;) queue.sendSync(message);
    } catch {
      await tell(0);
    }
    queue.close();
    process.disconnect();
  },

  async pongSpin() {
    const [from, to] = [RingQueue.open(name), RingQueue.open(other)];
    await tell('ready');
    for (;;) {
      const message = from.tryReceive();
      if (message) while (!to.trySend(message));
      else if (from.ended) break;
    }
    from.close();
    to.close();
    process.disconnect();
  },

  async pongSync() {
    const [from, to] = [RingQueue.open(name), RingQueue.open(other)];
    await tell('ready');
    for (let message = from.receiveSync(); message; message = from.receiveSync()) to.sendSync(message);
    from.close();
    to.close();
    process.disconnect();
  },

  async pongAsync() {
    const [from, to] = [RingQueue.open(name), RingQueue.open(other)];
    await tell('ready');
    for await (const message of from) await to.send(message);
    from.close();
    to.close();
    process.disconnect();
  },
};

await roles[role!]!();
