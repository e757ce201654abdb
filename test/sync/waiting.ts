/** A Worker in which a promise waits; if `nested`, in a Worker of its own. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { AutoResetEvent } from '../../src/sync/index.ts';

if ((workerData as { nested: boolean }).nested) {
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  const load = `import(${JSON.stringify(import.meta.url)})`;
  const source = strips ? load : `import('tsx/esm/api').then(({ register }) => { register(); return ${load}; })`;
  const worker = new Worker(source, { eval: true, workerData: { nested: false } });
  worker.once('message', () => parentPort!.postMessage('waits'));
} else {
  void new AutoResetEvent(new ArrayBuffer(4)).wait();
  parentPort!.postMessage('waits');
}
