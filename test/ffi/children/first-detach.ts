/** A worker thread that takes buffers away as if for the first time, again and again, together with others. */
import { parentPort, workerData } from 'node:worker_threads';

const { start, threads, times } = workerData as { start: Int32Array; threads: number; times: number };
for (let i = 0; i < times; i++) {
  const { detach } = (await import(`../../../src/ffi/external-memory.ts?time=${i}`)) as {
    detach: (buffer: ArrayBuffer) => boolean;
  };
  // All go on together: whoever comes last wakes the others.
  if (Atomics.add(start, i, 1) === threads - 1) {
    Atomics.add(start, i, 1);
    Atomics.notify(start, i);
  }
  let come = Atomics.load(start, i);
  for (; come <= threads; come = Atomics.load(start, i)) {
    if (Atomics.wait(start, i, come, 10_000) === 'timed-out') throw new Error('another thread has not come');
  }
  const buffer = new ArrayBuffer(8);
  detach(buffer);
  if (buffer.byteLength !== 0) throw new Error('not detached');
}
parentPort!.postMessage('done');
