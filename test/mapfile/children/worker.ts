/** A worker thread that updates the ledger of a name. */
import { parentPort, workerData } from 'node:worker_threads';
import { Ledger, MapFile, post } from '../ledger.ts';

const { name, times, stuck } = workerData as { name: string; times: number; stuck: boolean };
const file = MapFile.open(name, Ledger, { access: 'readwrite' });
if (stuck) {
  file.updateSync((live) => {
    live.count = 999;
    parentPort!.postMessage('inside');
    // Until it is terminated.
    for (;;);
  });
}
for (let i = 0; i < times; i++) {
  if (i % 2) file.updateSync(post);
  else await file.update(post);
}
file.close();
parentPort!.postMessage('done');
