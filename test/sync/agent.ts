/**
 * The other process (or Worker) of the sync tests: does what it is told by messages `{ id, op, kind, at, … }` and answers
 * `{ id, … }`. Arguments: the name of the shared memory and its length.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { currentParticipants } from '../../src/os/current-participants.ts';
import type { Guard } from '../../src/sync/index.ts';
import { sharedMemory } from '../support/shared-memory.ts';
import { KIND_BYTES, kinds } from './kinds.ts';

interface Message {
  id: number;
  op: string;
  kind: string;
  at: number;
  timeoutMs?: number;
}

const [name, byteLength] = isMainThread
  ? [process.argv[2]!, Number(process.argv[3])]
  : (workerData as [string, number]);
const memory = sharedMemory(name, byteLength);
const held: Guard[] = [];
const answer = (message: object): void => {
  if (isMainThread) process.send!(message);
  else parentPort!.postMessage(message);
};

async function run({ id, op, kind, at, timeoutMs }: Message): Promise<void> {
  const options = timeoutMs === undefined ? {} : { timeoutMs };
  switch (op) {
    case 'hello':
      return answer({ id, self: currentParticipants().self, pid: process.pid });
    case 'hold':
      held.push(kinds[kind]!.holder(memory, at).acquireSync(options));
      return answer({ id });
    case 'hold all':
      for (const [i, one] of Object.values(kinds).entries())
        held.push(one.holder(memory, at + i * KIND_BYTES).acquireSync());
      return answer({ id });
    case 'release':
      held.pop()!.unlock();
      return answer({ id });
    case 'acquireSync': {
      answer({ id, waiting: true });
      const guard = kinds[kind]!.waiter(memory, at).acquireSync(options);
      const now = performance.timeOrigin + performance.now();
      guard.unlock();
      return answer({ id, ownerDied: guard.ownerDied, now });
    }
    case 'acquire': {
      const pending = kinds[kind]!.waiter(memory, at).acquire(options);
      answer({ id, waiting: true });
      const guard = await pending;
      const now = performance.timeOrigin + performance.now();
      guard.unlock();
      return answer({ id, ownerDied: guard.ownerDied, now });
    }
    case 'loop':
      answer({ id });
      setImmediate(() => loop(at));
      return;
    case 'exit':
      process.exit(3);
      break;
    case 'throw':
      setImmediate(() => {
        throw new Error('thrown for the test');
      });
      return;
    case 'disconnect':
      if (isMainThread) process.disconnect();
      else parentPort!.close();
      return;
    case 'hold in a worker that ends':
      return holdInWorker(id, at);
  }
}

/** Takes and releases each primitive without end: whoever kills this process does so between any two stores. */
function loop(at: number): never {
  const all = Object.values(kinds).map(({ holder }, i) => holder(memory, at + i * KIND_BYTES));
  for (;;) for (const primitive of all) primitive.acquireSync().unlock();
}

/** A Worker of this process takes everything and is terminated; this process lives on. */
async function holdInWorker(id: number, at: number): Promise<void> {
  const worker = new Worker(workerSource(), { eval: true, workerData: [name, byteLength], execArgv: process.execArgv });
  worker.postMessage({ id: 0, op: 'hold all', kind: '', at } satisfies Message);
  await new Promise((resolve) => worker.once('message', resolve));
  answer({ id, waiting: true });
  await worker.terminate();
  answer({ id, now: performance.timeOrigin + performance.now() });
}

function workerSource(): string {
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  const load = `import(${JSON.stringify(import.meta.url)})`;
  return strips ? load : `import('tsx/esm/api').then(({ register }) => { register(); return ${load}; })`;
}

const failed = (id: number) => (error: unknown) =>
  answer({ id, error: String(error), code: (error as { code?: string }).code });
const receive = (message: Message) => void run(message).catch(failed(message.id));
if (isMainThread) process.on('message', receive);
else parentPort!.on('message', receive);
