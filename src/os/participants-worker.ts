/**
 * The programs of the waiting workers, as text: a Worker cannot start from a `.ts` file everywhere. Between two sleeps there
 * is JavaScript, or the worker could not be terminated; a sleep lasts 100 ms at most, because process exit waits for it.
 */

const LOOP = `
const { workerData, parentPort } = require('node:worker_threads');
const koffi = require(workerData.koffi);
const { flags } = workerData;
function posted() { return Atomics.exchange(flags, 1, 1) !== 0; }
`;

/** Sleeps on a futex word. */
export const FUTEX_WORKER: string = `${LOOP}
const futex = koffi.load(null).func('long syscall(long n, uintptr_t a, int op, uint32_t v, const void *t, uintptr_t b, uint32_t c)');
const bell = new Int32Array(koffi.view(workerData.address, 4));
const slice = new BigInt64Array([0n, 100000000n]);
let seen = workerData.seen;
while (Atomics.load(flags, 0) === 0) {
  const now = Atomics.load(bell, 0);
  if (now !== seen) {
    seen = now;
    if (!posted()) parentPort.postMessage(0);
  }
  futex(workerData.futex, workerData.address, 0, now >>> 0, slice, 0, 0);
}
`;

/** Sleeps on a Windows event, by its handle: handles belong to the process. */
export const EVENT_WORKER: string = `${LOOP}
const wait = koffi.load('kernel32.dll').func('uint32_t __stdcall WaitForSingleObject(void *handle, uint32_t ms)');
while (Atomics.load(flags, 0) === 0) {
  if (wait(workerData.event, 100) === 0 && !posted()) parentPort.postMessage(0);
}
`;
