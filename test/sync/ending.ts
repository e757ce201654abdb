/** A process that ends in the way its argument says while promises wait; prints when it starts to end. */
import { Worker } from 'node:worker_threads';
import { AutoResetEvent } from '../../src/sync/index.ts';

const way = process.argv[2];
const memory = new ArrayBuffer(64);
const event = new AutoResetEvent(memory, 0);
const wait = (ref: boolean) => void event.wait({ ref }).catch(() => {});
const ending = () => console.log(JSON.stringify({ ending: Date.now() }));

/** The waiting thread runs. */
const running = () => new Promise((resolve) => setTimeout(resolve, 150));

switch (way) {
  case 'natural exit, waits without ref':
    wait(false);
    await running();
    ending();
    break;
  case 'natural exit, the last wait is over':
    wait(true);
    await running();
    event.set();
    ending();
    break;
  case 'process.exit':
    wait(true);
    await running();
    ending();
    process.exit(0);
    break;
  case 'a throw':
    wait(true);
    await running();
    ending();
    throw new Error('thrown for the test');
  case 'worker.terminate':
  case 'worker.terminate, nested': {
    const nested = way.endsWith('nested');
    const strips = Boolean((process.features as { typescript?: unknown }).typescript);
    const load = `import(${JSON.stringify(new URL('./waiting.ts', import.meta.url).href)})`;
    const source = strips ? load : `import('tsx/esm/api').then(({ register }) => { register(); return ${load}; })`;
    const worker = new Worker(source, { eval: true, workerData: { nested } });
    await new Promise((resolve) => worker.once('message', resolve));
    await running();
    ending();
    await worker.terminate();
    break;
  }
  default:
    throw new Error(`no such way: ${way}`);
}
