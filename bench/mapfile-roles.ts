/** The other process of `mapfile.ts`: answers each number with the same number, over the way that it is told. */
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { i32, MapFile, struct } from '../src/index.ts';

/** Each side counts in a member of its own. */
export const Ball = struct('ball', { ping: i32, pong: i32, stop: i32 });

const [way, where] = process.argv.slice(2);

if (way === 'send') {
  process.on('message', (message) => process.send!(message as object));
} else if (way === 'socket') {
  const socket = createConnection(where!);
  socket.setNoDelay(true);
  createInterface({ input: socket }).on('line', (line) => socket.write(`${JSON.stringify(JSON.parse(line))}\n`));
} else if (way === 'spin') {
  const file = MapFile.open(where!, Ball, { access: 'readwrite' });
  const live = file.get();
  process.send!('ready');
  const answer = (ball: typeof live) => {
    ball.pong = ball.ping;
  };
  while (live.stop === 0) if (live.ping !== live.pong) file.updateSync(answer);
  file.close();
  process.disconnect?.();
} else if (way === 'changes') {
  const file = MapFile.open(where!, Ball, { access: 'readwrite' });
  process.send!('ready');
  for await (const { ping, pong, stop } of file.changes()) {
    if (stop) break;
    if (ping !== pong) file.updateSync((ball) => (ball.pong = ping));
  }
  file.close();
  process.disconnect?.();
}
