/** Adds to word 0 of the named map, as often as it is told, as soon as word 1 says so. */
import { MappedView } from '../../../src/memory/mapped-view.ts';

const [name = '', times = '0'] = process.argv.slice(2);
const view = MappedView.open(name, { access: 'readwrite' });
const words = view.typedArray(Int32Array);
process.send!({ type: 'ready' }, () => {
  while (Atomics.load(words, 1) === 0);
  for (let i = 0; i < Number(times); i++) Atomics.add(words, 0, 1);
  view.close();
  process.send!({ type: 'added' });
  process.disconnect();
});
