/** Uses one of everything that has a name; `hold`: until it is killed, `leave`: and closes. */
import { i32, MapFile, MappedView, struct } from '../../../src/index.ts';
import { NamedMutex } from '../../../src/sync/index.ts';

const Counter = struct('counter', { value: i32 });
const view = MappedView.openOrCreate('everybody-view', 100);
const object = MapFile.openOrCreate('everybody-object', Counter, { initial: () => ({ value: 1 }) });
const mutex = NamedMutex.openOrCreate('everybody-mutex');
await object.update((counter) => {
  counter.value += 1;
});
const guard = process.argv[2] === 'hold' ? mutex.tryLock() : await mutex.lock();
if (process.argv[2] === 'hold') {
  process.send!({ type: 'using' });
  setInterval(() => view.byteLength, 1000);
} else {
  guard?.unlock();
  mutex.close();
  object.close();
  view.close();
  process.disconnect();
}
