import { Worker } from 'node:worker_threads';
import type { Hearing } from './registry.ts';

/** Words that the environment and its waiting thread share. */
const FLAG = { stop: 0, posted: 1 } as const;

/** How to start a waiting worker. */
export interface WorkerRecipe {
  readonly source: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Wakes the worker, so that it sees that it is to end. */
  readonly wake: () => void;
}

/**
 * Listens by a thread that sleeps on the bell and tells the event loop by a message, where a loop cannot sleep on a bell
 * itself. It is never what keeps the loop alive, it sleeps in native slices of 100 ms with JavaScript in between, so that it
 * can be terminated.
 *
 * @param failed the worker has come to nothing
 */
export function listenByWorker({ source, data, wake }: WorkerRecipe, heard: () => void, failed: () => void): Hearing {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  // Without our options: a loader that the program brought would only make the start slower.
  const options = { eval: true, execArgv: [], env: {}, workerData: { ...data, flags }, stdout: false };
  const worker = new Worker(source, { ...options, name: 'mapfile' });
  worker.on('message', () => {
    Atomics.store(flags, FLAG.posted, 0);
    heard();
  });
  worker.on('error', failed);
  worker.unref(); // last: a listener makes it count again
  return {
    close: () => {
      Atomics.store(flags, FLAG.stop, 1);
      // It sleeps on the bell; without a ring it would notice within 100 ms.
      wake();
    },
  };
}
