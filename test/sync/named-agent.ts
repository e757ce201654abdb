/** The other process of the named tests. Argument: the name. */
import { type Guard, NamedEvent, NamedMutex } from '../../src/sync/index.ts';

const name = process.argv[2]!;
let mutex: NamedMutex | undefined;
let guard: Guard | undefined;
let event: NamedEvent | undefined;

async function run({ id, op }: { id: number; op: string }): Promise<void> {
  const answer = (message: object = {}) => process.send!({ id, ...message });
  if (op === 'lock') {
    mutex ??= NamedMutex.open(name);
    guard = await mutex.lock();
  } else if (op === 'unlock') guard!.unlock();
  else {
    event ??= NamedEvent.open(name);
    if (op === 'set event') event.set();
    else {
      const pending = event.wait();
      answer({ waiting: true });
      await pending;
    }
  }
  answer();
}

process.on('message', (message: { id: number; op: string }) => {
  run(message).catch((error) => process.send!({ id: message.id, error: String(error) }));
});
