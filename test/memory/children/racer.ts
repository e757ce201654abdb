/**
 * One of many that race for names. `open`: opens a batch of names, and holds them until `close`. `churn`: opens and closes
 * one name many times. `mortal`: makes and opens one name until it is killed.
 */
import { randomBytes } from 'node:crypto';
import { MappedView } from '../../../src/memory/mapped-view.ts';
import { whole, wholeContents } from './whole.ts';

type Request =
  | { type: 'open'; names: string[]; start: number }
  | { type: 'close' }
  | { type: 'churn'; name: string; rounds: number }
  | { type: 'mortal'; name: string };

const held: MappedView[] = [];

function open({ names, start }: { names: string[]; start: number }): void {
  const created: string[] = [];
  let broken = 0;
  for (const i of names.keys()) {
    // Each racer starts elsewhere, so that each is sometimes the first and mostly in the middle of a crowd.
    const name = names[(start + i) % names.length]!;
    const view = MappedView.openOrCreate(name, 4096, { initial: wholeContents(4096) });
    if (view.created) created.push(name);
    if (!whole(view)) broken++;
    held.push(view);
  }
  process.send!({ type: 'opened', created, broken });
}

/** While a process has a name open, the name must mean its memory: else it holds an orphan. */
function churn({ name, rounds }: { name: string; rounds: number }): void {
  let [created, orphans, broken] = [0, 0, 0];
  for (let i = 0; i < rounds; i++) {
    const mine = MappedView.openOrCreate(name, 64, { initial: new Uint8Array(randomBytes(16)) });
    if (mine.created) created++;
    const nonce = Buffer.from(mine.toBytes({ byteLength: 16 })).toString('hex');
    if (/^0+$/.test(nonce)) broken++;
    try {
      const again = MappedView.open(name, { byteLength: 16 });
      if (Buffer.from(again.toBytes()).toString('hex') !== nonce) orphans++;
      again.close();
    } catch {
      orphans++;
    }
    mine.close();
  }
  process.send!({ type: 'churned', created, orphans, broken });
}

function mortal({ name }: { name: string }): never {
  for (;;) {
    const view = MappedView.openOrCreate(name, 64 * 1024, { initial: wholeContents(64 * 1024) });
    if (!whole(view)) process.exit(3);
    view.close();
  }
}

process.on('message', (request: Request) => {
  if (request.type === 'open') open(request);
  else if (request.type === 'churn') churn(request);
  else if (request.type === 'mortal') {
    process.send!({ type: 'looping' }, () => mortal(request));
  } else {
    for (const view of held.splice(0)) view.close();
    process.send!({ type: 'closed' });
  }
});
process.send!({ type: 'ready' });
