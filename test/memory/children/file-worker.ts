/** A Worker that has the file named in its workerData mapped, until it is told to close it. */
import { parentPort, workerData } from 'node:worker_threads';
import { MappedView } from '../../../src/memory/mapped-view.ts';

const view = MappedView.openFile(workerData as string);
parentPort!.once('message', () => {
  view.close();
  parentPort!.postMessage('closed');
  parentPort!.close();
});
parentPort!.postMessage('mapped');
