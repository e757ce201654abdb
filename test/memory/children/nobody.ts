/** Becomes another user and tries the maps that the arguments name: `nobody.ts PRIVATE SHARED STALE FILE`. */
import { MappedView } from '../../../src/index.ts';
import { uniqueName } from '../../support/names.ts';
import { held } from '../../support/resources.ts';

const [own, shared, stale, file] = process.argv.slice(2) as [string, string, string, string];
const mine = uniqueName();
process.setgid!(65534);
process.setgroups!([65534]);
process.setuid!(65534);

function told(attempt: () => unknown): object {
  try {
    return { value: attempt() };
  } catch (error) {
    const { code, errno, syscall, message, context } = error as Error & Record<string, unknown>;
    return { code, errno, syscall, message, context };
  }
}

told(() => MappedView.open(own));
const before = held();
const answers = {
  open: told(() => MappedView.open(own)),
  write: told(() => MappedView.open(own, { access: 'readwrite' })),
  create: told(() => MappedView.create(own, 8)),
  openOrCreate: told(() => MappedView.openOrCreate(own, 8)),
  exists: told(() => MappedView.exists(own)),
  unlink: told(() => MappedView.unlink(own)),
  file: told(() => MappedView.openFile(file)),
  write_file: told(() => MappedView.openFile(file, { access: 'readwrite' })),
  shared: told(() => {
    const view = MappedView.open(shared, { access: 'readwrite' });
    view.bytes()[0] = 9;
    view.close();
    return view.foreign;
  }),
  stale: told(() => MappedView.open(stale)),
  stale_exists: told(() => MappedView.exists(stale)),
};
const now = held();
const view = MappedView.create(mine, 8, { initial: new Uint8Array([4]) });
process.send!({ type: 'tried', answers, before, now, mine });
process.once('message', () => {
  view.close();
  process.disconnect();
});
