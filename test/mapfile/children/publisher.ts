/** A program that knows nothing of MapFile: writes its block over and over, with its marks around, as native programs do. */
import { MappedView, mutexOf, NamedMutex } from '../telemetry.ts';

const [name, guard] = process.argv.slice(2);
const view = MappedView.open(name!, { access: 'readwrite' });
const words = view.typedArray(Int32Array);
const mutex = guard === 'mutex' ? NamedMutex.open(mutexOf(name!)) : undefined;
const [SEQUENCE, BEGIN, END, BUSY, VALUES] = [0, 1, 2, 3, 4];

let stop = false;
process.once('message', () => {
  stop = true;
});

function publish(n: number): void {
  Atomics.add(words, SEQUENCE!, 1);
  Atomics.add(words, BEGIN!, 1);
  Atomics.store(words, BUSY!, 1);
  for (let i = VALUES!; i < VALUES! + 250; i++) words[i] = n;
  Atomics.store(words, BUSY!, 0);
  Atomics.add(words, END!, 1);
  Atomics.add(words, SEQUENCE!, 1);
}

process.send!({ type: 'publishing' });
for (let n = 1; !stop; n++) {
  const held = mutex?.lockSync();
  publish(n);
  held?.unlock();
  // A publisher rests between two frames.
  for (let i = 0; i < 300; i++) Atomics.load(words, 0);
  if (n % 1000 === 0) await new Promise(setImmediate);
}
mutex?.close();
view.close();
process.disconnect();
