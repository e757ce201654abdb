/** A process that does what it is told to one shared object. */
import type { Message } from '../../support/processes.ts';
import { Ledger, ledgerHolds, MapFile, post } from '../ledger.ts';

const say = (message: Message) => process.send!(message);
const open = () => MapFile.open(process.argv[2]!, Ledger, { access: 'readwrite' });

const deeds: Record<string, (order: Message) => unknown> = {
  /** Adds 1 so many times, in the blocking form or by Promise. */
  async increment({ times, sync }) {
    const file = open();
    for (let i = 0; i < (times as number); i++) {
      if (sync) file.updateSync(post);
      else await file.update(post);
    }
    file.close();
  },
  /** Updates until it is killed, or told to stop. */
  async swing({ slow }) {
    const file = open();
    let stop = false;
    process.once('message', () => {
      stop = true;
    });
    say({ type: 'swinging' });
    while (!stop) {
      for (let i = 0; i < (slow ? 50 : 1000); i++) file.updateSync(slow ? postSlowly : post);
      await new Promise(setImmediate);
    }
    file.close();
  },
  /** Reads so often, and counts what is torn. */
  check({ times }) {
    const file = MapFile.open(process.argv[2]!, Ledger);
    let torn = 0;
    let versions = 0;
    let last = -1;
    for (let i = 0; i < (times as number); i++) {
      const value = file.read();
      if (!ledgerHolds(value) || value.count < last) torn += 1;
      if (value.count !== last) versions += 1;
      last = value.count;
    }
    file.close();
    return { torn, versions };
  },
  /** Races for the creation. */
  async race() {
    const file = MapFile.openOrCreate(process.argv[2]!, Ledger, { initial: post });
    const answer = { created: file.created, value: file.read() };
    process.once('message', () => {
      file.close();
      process.disconnect();
    });
    return answer;
  },
  /** Opens or creates, and closes, until it is killed. */
  churn() {
    say({ type: 'churning' });
    for (;;) MapFile.openOrCreate(process.argv[2]!, Ledger, { initial: post }).close();
  },
};

function postSlowly(live: Parameters<typeof post>[0]): void {
  live.count += 1;
  for (let i = 0; i < 20_000; i++) live.cells[i % 4]! += 1;
  live.count -= 1;
  post(live);
}

process.once('message', async (order: Message) => {
  const answer = await deeds[order.type]!(order);
  say({ ...(answer as object), type: 'done' });
  if (order.type !== 'race') process.disconnect();
});
say({ type: 'ready' });
