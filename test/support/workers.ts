/** Worker threads that run a TypeScript file of the tests, also where Node cannot start one by itself. */
import { Worker } from 'node:worker_threads';

export function startWorker(file: URL, workerData: unknown): Worker {
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  const load = `import(${JSON.stringify(file.href)})`;
  const source = strips ? load : `import('tsx/esm/api').then(({ register }) => { register(); return ${load}; })`;
  return new Worker(source, { eval: true, workerData, execArgv: [] });
}
