/** Dies by SIGKILL at the given store of what it is told to do. */
import { run } from '../../support/death.ts';
import { Ledger, MapFile, post } from '../ledger.ts';

const [name, deed, dieAt] = process.argv.slice(2);
const file = deed === 'create' ? undefined : MapFile.open(name!, Ledger, { access: 'readwrite' });
// Joined, mapped and compiled before the stores are counted.
file?.updateSync(post);
const { died, points } = run(() => {
  if (file) file.updateSync(post);
  else MapFile.create(name!, Ledger, { initial: post });
}, Number(dieAt));
// From that store on nothing has been stored any more; now the kernel learns of it.
process.send!({ type: 'done', died, points }, () => process.kill(process.pid, 'SIGKILL'));
