/**
 * Several processes count in one object, each in three ways: with `update`, with an `atomic` member, and by hand, which
 * loses counts. The first two lose none.
 *
 *   npx tsx examples/counter.ts [processes] [times]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atomic, MapFile, struct, u32 } from 'mapfile';

const Counters = struct('counters', { ready: u32, updated: u32, added: atomic(u32), careless: u32 });

const [first = '4', second = '10000', name] = process.argv.slice(2);
const [processes, times] = [Number(first), Number(second)];

if (name === undefined) {
  const map = `counter-${process.pid}`;
  const file = MapFile.create(map, Counters);
  const self = fileURLToPath(import.meta.url);
  const children = Array.from({ length: processes }, () => fork(self, [first, second, map]));
  await Promise.all(children.map((child) => once(child, 'exit')));

  const { updated, added, careless } = file.read();
  const expected = processes * times;
  console.log(`${processes} processes, ${times} times each: ${expected} expected`);
  console.log(`update    ${updated}`);
  console.log(`atomic    ${added}`);
  console.log(`careless  ${careless} (${expected - careless} lost)`);
  file.close();
  process.exitCode = updated === expected && added === expected ? 0 : 1;
} else {
  const file = MapFile.open(name, Counters, { access: 'readwrite' });
  const live = file.get();
  // All begin together.
  await file.update((counters) => {
    counters.ready += 1;
  });
  for await (const { ready } of file.changes()) if (ready === processes) break;
  for (let i = 0; i < times; i++) {
    file.updateSync((counters) => {
      counters.updated += 1;
    });
    live.added.add(1);
    live.careless += 1;
  }
  file.close();
}
