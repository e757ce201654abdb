/** Has a name with known contents open until it is killed: `keeper.ts NAME create|open`. */
import { MappedView } from '../../../src/memory/mapped-view.ts';

const [name, how] = process.argv.slice(2);
const view =
  how === 'create'
    ? MappedView.create(name!, 4096, { initial: new Uint8Array(4096).fill(0xee) })
    : MappedView.open(name!, { access: 'readwrite' });
process.send!({ type: 'holding' });
setInterval(() => view.byteLength, 1000);
