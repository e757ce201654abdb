/** The other processes and threads of bench/sync.ts. */
import { connect } from 'node:net';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { MappedView } from '../src/memory/index.ts';
import { AutoResetEvent, Mutex } from '../src/sync/index.ts';

/** The lock of the MDN page on Atomics: 0 free, 1 taken, 2 taken and somebody waits. */
export class AtomicsLock {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  lock(): void {
    let seen = Atomics.compareExchange(this.#words, 0, 0, 1);
    while (seen !== 0) {
      if (seen === 2 || Atomics.compareExchange(this.#words, 0, 1, 2) !== 0) Atomics.wait(this.#words, 0, 2);
      seen = Atomics.compareExchange(this.#words, 0, 0, 2);
    }
  }

  unlock(): void {
    if (Atomics.sub(this.#words, 0, 1) === 1) return;
    Atomics.store(this.#words, 0, 0);
    Atomics.notify(this.#words, 0, 1);
  }
}

export interface Contention {
  readonly pairs: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** Locks and unlocks for `ms`, with a little work inside and outside; how long each lock took, in microseconds. */
export function contend(lock: () => () => void, ms: number): Contention {
  const times: number[] = [];
  let pairs = 0;
  let work = 0;
  const end = performance.now() + ms;
  while (performance.now() < end) {
    for (let i = 0; i < 20; i++) {
      const start = performance.now();
      const unlock = lock();
      times.push(performance.now() - start);
      for (let j = 0; j < 100; j++) work += j;
      unlock();
      for (let j = 0; j < 100; j++) work -= j;
    }
    pairs += 20;
  }
  times.sort((a, b) => a - b);
  const at = (q: number) => times[Math.min(times.length - 1, Math.floor(times.length * q))]! * 1000 + work * 0;
  return { pairs, p50: at(0.5), p99: at(0.99), worst: at(1) };
}

/** A view of everything under that name, as our primitives take it. */
export function memoryOf(name: string): MappedView<'readwrite'> {
  return MappedView.openOrCreate(name, 4096);
}

async function role(): Promise<void> {
  const [what, name, ms] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
  const post = (message: unknown): void => {
    if (isMainThread) process.send!(message);
    else parentPort!.postMessage(message);
  };
  const next = () => new Promise((resolve) => (isMainThread ? process : parentPort!).once('message', resolve));
  switch (what) {
    case 'mutex': {
      const mutex = new Mutex(memoryOf(name!), 0);
      post('ready');
      await next();
      const unlock = () => mutex.unlock();
      const result = contend(() => {
        mutex.lockSync();
        return unlock;
      }, Number(ms));
      post(result);
      break;
    }
    case 'atomics': {
      const [, words] = workerData as unknown as [string, Int32Array, string];
      const lock = new AtomicsLock(words);
      post('ready');
      await next();
      const unlock = () => lock.unlock();
      post(
        contend(
          () => {
            lock.lock();
            return unlock;
          },
          Number((workerData as string[])[2]),
        ),
      );
      break;
    }
    case 'sync echo':
    case 'async echo': {
      const view = memoryOf(name!);
      const [ping, pong] = [new AutoResetEvent(view, 0), new AutoResetEvent(view, 64)];
      post('ready');
      for (let i = 0; i < Number(ms); i++) {
        if (what === 'sync echo') ping.waitSync();
        else await ping.wait();
        pong.set();
      }
      break;
    }
    case 'ipc echo':
      process.on('message', (m) => (m === 'end' ? process.disconnect() : process.send!(m)));
      post('ready');
      return;
    case 'socket echo': {
      const socket = connect(name!);
      socket.setNoDelay(true);
      socket.on('data', (data) => socket.write(data));
      post('ready');
      return;
    }
  }
  if (isMainThread) process.disconnect?.();
}

const started = process.argv[1]?.includes('sync-roles') || !isMainThread;
if (started) void role();
