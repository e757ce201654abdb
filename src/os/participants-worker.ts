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

/**
 * Sleeps on a Windows event, by a handle of its own: that of the thread it serves is closed when that one ends, and its value
 * may be another object's by then.
 */
export const EVENT_WORKER: string = `${LOOP}
const kernel32 = koffi.load('kernel32.dll');
const open = kernel32.func('void *__stdcall OpenEventW(uint32_t access, int inherit, const char16_t *name)');
const wait = kernel32.func('uint32_t __stdcall WaitForSingleObject(void *handle, uint32_t ms)');
const close = kernel32.func('int __stdcall CloseHandle(void *handle)');
const SYNCHRONIZE = 0x100000;
const event = open(SYNCHRONIZE, 0, workerData.name);
if (!event && Atomics.load(flags, 0) === 0) throw new Error('Cannot open ' + workerData.name);
while (Atomics.load(flags, 0) === 0) {
  if (wait(event, 100) === 0 && !posted()) parentPort.postMessage(0);
}
if (event) close(event);
`;

/** Takes whichever of up to 63 armed handles it can, and says so. Commands come by messages, after a ring of its event. */
export const HANDLES_WORKER: string = `${LOOP}
const { receiveMessageOnPort } = require('node:worker_threads');
const kernel32 = koffi.load('kernel32.dll');
const wait = kernel32.func('uint32_t __stdcall WaitForMultipleObjects(uint32_t n, const void *handles, int all, uint32_t ms)');
const armed = new Map();
const list = () => {
  const handles = [workerData.event, ...armed.keys()];
  return workerData.is32bit ? Uint32Array.from(handles, Number) : BigUint64Array.from(handles);
};
let handles = list();
while (Atomics.load(flags, 0) === 0) {
  for (let next = receiveMessageOnPort(parentPort); next; next = receiveMessageOnPort(parentPort)) {
    const { arm, disarm, serial } = next.message;
    if (arm !== undefined) armed.set(arm, serial);
    else {
      armed.delete(disarm);
      parentPort.postMessage({ disarmed: disarm });
    }
    handles = list();
  }
  const answer = wait(handles.length, handles, 0, 100);
  // WAIT_ABANDONED_0 is 0x80; the event of our own is the first.
  const index = answer >= 0x80 && answer < 0xc0 ? answer - 0x80 : answer;
  if (index === 0 || index >= handles.length) continue;
  const taken = BigInt(handles[index]);
  parentPort.postMessage({ taken, serial: armed.get(taken) });
  armed.delete(taken);
  handles = list();
}
`;

/** Sleeps on a ulock word (macOS). */
export const ULOCK_WORKER: string = `${LOOP}
const wait = koffi.load(null).func('int __ulock_wait(uint32_t operation, uintptr_t addr, uint64_t value, uint32_t timeout)');
const bell = new Int32Array(koffi.view(workerData.address, 4));
let seen = workerData.seen;
while (Atomics.load(flags, 0) === 0) {
  const now = Atomics.load(bell, 0);
  if (now !== seen) {
    seen = now;
    if (!posted()) parentPort.postMessage(0);
  }
  wait(3, workerData.address, now >>> 0, 100000);
}
`;
