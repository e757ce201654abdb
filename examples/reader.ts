/**
 * Prints the student that writer.ts keeps in named memory, then each change of it: run it in a second terminal, before the
 * writer or after.
 *
 *   npx tsx examples/reader.ts [name]
 */
import { char, i32, MapFile, struct } from 'mapfile';

const Student = struct('student', { ID: i32, name: char(20) });

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const file = await MapFile.waitFor(process.argv[2] ?? 'TestMemShare', Student, { signal: stop.signal });
  try {
    for await (const { ID, name } of file.changes({ signal: stop.signal })) {
      console.log(ID, name);
      if (name === 'bye') break;
    }
  } finally {
    file.close();
  }
} catch (error) {
  if ((error as Error).name !== 'AbortError') throw error;
}
