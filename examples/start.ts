/**
 * `npm start`: the writer and the reader of these examples in one terminal, two processes with one student between them.
 *
 *   npx tsx examples/start.ts [name]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const name = process.argv[2] ?? 'TestMemShare';

function start(example: string): { child: ChildProcess; lines: Interface } {
  const child = fork(fileURLToPath(new URL(example, import.meta.url)), [name], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  });
  const lines = createInterface({ input: child.stdout! });
  lines.on('line', (line) => console.log(`${example.slice(2, -3).padEnd(6)} | ${line}`));
  return { child, lines };
}

console.log(`Two processes share one student under the name "${name}": 24 bytes, { long ID; char name[20] }`);
const writer = start('./writer.ts');
const reader = start('./reader.ts');
// The reader has printed the student that it found.
await once(reader.lines, 'line');
for (const student of ['Ada', 'Grace', 'a name that is much too long for it', 'Edsger', 'bye']) {
  const fits = student.length <= 20;
  const answers = [once(writer.lines, 'line'), ...(fits ? [once(reader.lines, 'line')] : [])];
  writer.child.stdin!.write(`${student}\n`);
  await Promise.all(answers);
}
writer.child.stdin!.end();
await Promise.all([once(writer.child, 'exit'), once(reader.child, 'exit')]);
console.log('Both have closed it: the name is gone, nothing is left behind.');
