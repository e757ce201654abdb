/** Uses what makes files on POSIX, in a process that may do what its flags say; a Worker does the same. */
import { once } from 'node:events';
import { join } from 'node:path';
import { isMainThread, workerData } from 'node:worker_threads';
import { MapFile, MappedView, Mutex, struct, u32 } from '../../../src/index.ts';
import { startWorker } from '../../support/workers.ts';

const [name, folder] = isMainThread ? process.argv.slice(2) : (workerData as string[]);

const file = MapFile.create(`${name}`, struct('one', { count: u32 }));
await file.update((one) => {
  one.count = 7;
});
file.close();

// A promise that waits listens to a bell.
const memory = new SharedArrayBuffer(Mutex.byteLength);
const held = new Mutex(memory).lockSync();
const waiting = new Mutex(memory).lock({ sameThread: 'wait' });
held.unlock();
(await waiting).unlock();

MappedView.createFile(join(folder!, isMainThread ? 'main' : 'worker'), 4096).close();

if (isMainThread) {
  const [code] = await once(startWorker(new URL(import.meta.url), [`${name}-worker`, folder]), 'exit');
  process.exitCode = code as number;
}
