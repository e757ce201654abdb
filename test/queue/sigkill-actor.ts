/** Kills itself at one store of a script, for real: `sigkill-actor.ts <queue> <journal> <die at>`. */

import { RingQueue } from '../../src/queue/index.ts';
import { aside, run } from '../support/death.ts';
import { decode, encode, Journal } from './journal.ts';

const [queueName, journalName, dieAt] = process.argv.slice(2);
const queue = RingQueue.open(queueName!);
const journal = Journal.open(journalName!);
let seq = 0;

/** The journal is written aside: a kill hits the queue only. */
function send(): boolean {
  const bytes = aside(() => encode(0, seq));
  if (!queue.trySend(bytes)) return false;
  seq += 1;
  aside(() => journal.sent(0, seq));
  return true;
}

function got(bytes: Uint8Array | undefined, redelivered = false): void {
  aside(() => {
    const message = bytes && decode(bytes);
    if (message) journal.got(message.life, message.seq, redelivered);
    else journal.violation();
  });
}

const kill = () => process.kill(process.pid, 'SIGKILL');
const { points } = run(
  () => {
    for (let round = 0; round < 3; round++) {
      send();
      send();
      got(queue.tryReceive());
      const slot = queue.tryClaim(200)!;
      const bytes = aside(() => encode(0, seq));
      slot.bytes.set(bytes);
      seq += 1;
      slot.commit(bytes.length);
      aside(() => journal.sent(0, seq));
      const delivery = queue.tryTake()!;
      queue.tryClaim(8)?.abort();
      got(delivery.value, delivery.redelivered);
      delivery.ack();
      while (send());
      queue.tryTake()?.release();
      got(queue.tryReceive());
      for (let bytes = queue.tryReceive(); bytes; bytes = queue.tryReceive()) got(bytes);
    }
  },
  Number(dieAt),
  kill,
);
process.send!({ type: 'points', points }, () => process.disconnect());
