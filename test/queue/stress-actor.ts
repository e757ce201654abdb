/** A process of the queue's stress test: `stress-actor.ts <role> <queue> <journal> <life>`. */
import { RingQueue } from '../../src/queue/index.ts';
import { decode, encode, Journal, SEQS } from './journal.ts';

const [role, queueName, journalName, lifeText] = process.argv.slice(2);
const life = Number(lifeText);
const queue = RingQueue.open(queueName!);
const journal = Journal.open(journalName!);

function got(bytes: Uint8Array, redelivered: boolean): void {
  const message = decode(bytes);
  if (message) journal.got(message.life, message.seq, redelivered);
  else journal.violation();
}

const ROLES: Record<string, () => void> = {
  produce() {
    for (let seq = 0; seq < SEQS && !journal.stopped; seq++) {
      const bytes = encode(life, seq);
      if (seq % 3 === 0) {
        const slot = queue.tryClaim(bytes.length + (seq % 50));
        if (slot) {
          slot.bytes.set(bytes);
          slot.commit(bytes.length);
        } else queue.sendSync(bytes);
      } else queue.sendSync(bytes);
      if (seq % 7 === 0) queue.tryClaim(16)?.abort();
      journal.sent(life, seq + 1);
    }
  },

  receive() {
    for (let bytes = queue.receiveSync(); bytes; bytes = queue.receiveSync()) got(bytes, false);
  },

  take() {
    for (let n = 0; ; n++) {
      const delivery = queue.takeSync();
      if (!delivery) return;
      const second = n % 5 === 0 ? queue.tryTake() : undefined;
      if (n % 11 === 0) {
        delivery.release();
      } else {
        got(delivery.value, delivery.redelivered);
        delivery.ack();
      }
      if (second) {
        got(second.value, second.redelivered);
        second.ack();
      }
    }
  },
};

process.send!({ type: 'ready' }, () => {
  ROLES[role!]!();
  queue.close();
  journal.close();
  process.disconnect();
});
