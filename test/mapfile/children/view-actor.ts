/** A process that does what it is told to an object inside a view that it shares. */
import { MappedView } from '../../../src/index.ts';
import type { Message } from '../../support/processes.ts';
import { Ledger, ledgerHolds, MapFile, post } from '../ledger.ts';

const say = (message: Message) => process.send!(message);
const view = MappedView.open(process.argv[2]!, { access: 'readwrite' });
const part = view.subview(Number(process.argv[3]));

const deeds: Record<string, (order: Message) => unknown> = {
  /** Races for the making, with a first value of count 1. */
  race: () => {
    const file = MapFile.openOrCreate(part, Ledger, { initial: post });
    return { created: file.created, holds: ledgerHolds(file.read()), count: file.read().count };
  },
  /** Adds 1 so many times. */
  increment({ times }) {
    const file = MapFile.open(part, Ledger);
    for (let i = 0; i < (times as number); i++) file.updateSync(post);
    file.close();
  },
  /** Dies inside the making. */
  fall() {
    MapFile.create(part, Ledger, {
      initial: (live) => {
        live.count = 77;
        process.kill(process.pid, 'SIGKILL');
        for (;;);
      },
    });
  },
  leave() {
    view.close();
    process.disconnect();
  },
};

process.on('message', async (order: Message) => {
  const answer = await deeds[order.type]!(order);
  if (process.connected) say({ ...(answer as object), type: 'done' });
});
say({ type: 'ready' });
