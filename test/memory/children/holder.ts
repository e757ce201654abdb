/** Opens or makes the map that the first argument names and holds it; how it ends is the second argument's affair. */
import { MappedView } from '../../../src/memory/mapped-view.ts';
import { Segment } from '../../../src/memory/segment.ts';
import { startWorker } from '../../support/processes.ts';

const [name = '', manner = 'wait'] = process.argv.slice(2);

if (manner === 'die-filling' || manner === 'die-filling-once') {
  Segment.create(name, {
    byteLength: 24,
    once: manner === 'die-filling-once',
    initialise: () => {
      process.kill(process.pid, 'SIGKILL');
    },
  });
}

if (manner === 'worker') {
  const first = MappedView.create(name, 4096);
  const worker = startWorker(new URL('./worker.ts', import.meta.url), name);
  worker.once('message', async () => {
    first.close();
    await worker.terminate();
    process.send!({ type: 'terminated', exists: MappedView.exists(name) });
  });
} else {
  hold();
}

function hold(): void {
  const view = MappedView.openOrCreate(name, 4096);
  console.log(`holding ${process.pid}`);
  process.send?.({ type: 'holding', created: view.created });

  if (manner === 'throw') throw new Error('on purpose');
  if (manner === 'exit') process.exit(0);
  if (manner === 'wait') setInterval(() => {}, 1000);
  else process.disconnect?.();
}
