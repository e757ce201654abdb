/** A Worker that holds the map named in its workerData. */
import { parentPort, workerData } from 'node:worker_threads';
import { MappedView } from '../../../src/memory/mapped-view.ts';

const view = MappedView.open(workerData as string);
parentPort!.postMessage(view.byteLength);
setInterval(() => {}, 1000);
