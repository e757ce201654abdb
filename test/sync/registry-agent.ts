/**
 * Joins the participants of the user in its argument and says its id; `wait` begins a wait that never ends. `terminate` lets a
 * Worker do both and terminates it.
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { currentParticipants } from '../../src/os/current-participants.ts';

const user = process.argv[2]!;
const participants = currentParticipants(Number(user));
const { self } = participants;

const wait = (waits: () => void) => {
  const never = () => {
    setImmediate(waits);
    return true;
  };
  void participants.sleep(1, never, 0x7fff_ffff, undefined, !isMainThread);
};

const terminated = async () => {
  const strips = Boolean((process.features as { typescript?: unknown }).typescript);
  const load = `import(${JSON.stringify(import.meta.url)})`;
  const source = strips ? load : `import('tsx/esm/api').then(({ register }) => { register(); return ${load}; })`;
  const worker = new Worker(source, { eval: true, argv: [user] });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
};

if (!isMainThread) wait(() => parentPort!.postMessage('waits'));
process.on('message', ({ id, op }: { id: number; op: string }) => {
  const answer = () => process.send!({ id, self });
  if (op === 'leave') process.disconnect();
  else if (op === 'wait') wait(answer);
  else if (op === 'terminate') void terminated().then(answer);
  else answer();
});
