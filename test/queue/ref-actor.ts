/** Waits twice, the first time without keeping the process alive: ends with 0 once the second wait has its message. */
import { RingQueue } from '../../src/queue/index.ts';

const queue = RingQueue.create(new ArrayBuffer(4096), 8, { capacity: 4 });
const [first, second] = process.argv.slice(2).map((ref) => ({ ref: ref === 'ref' }));
process.disconnect();
process.once('beforeExit', () => process.exit(3));

void queue.receive(first);
void queue.receive(second).then(() => process.exit(0));
// Runs only if something else keeps the process alive.
setTimeout(() => {
  queue.trySend(new Uint8Array(8));
  queue.trySend(new Uint8Array(8));
}, 100).unref();
