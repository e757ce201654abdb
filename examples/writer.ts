/**
 * One process writes a student into named memory, another reads it: run this here and reader.ts in a second terminal.
 *
 *   npx tsx examples/writer.ts [name]
 *
 * Each line that you type becomes the student's name, under the next ID; the end of the input ends the program.
 */
import { createInterface } from 'node:readline';
import { char, i32, MapFile, struct } from 'mapfile';

const Student = struct('student', { ID: i32, name: char(20) });

const file = MapFile.openOrCreate(process.argv[2] ?? 'TestMemShare', Student, {
  initial: { ID: 99041232, name: 'SecBug' },
});
console.log(file.created ? 'created' : 'joined', file);
if (process.stdin.isTTY) console.log('Type names; Ctrl+D (Windows: Ctrl+Z, Enter) ends.');

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await file.update((s) => {
      s.ID += 1;
      s.name = line.trim();
    });
    console.log('wrote', file.read());
  } catch (error) {
    // A name that does not fit: the update is undone, the ID is as before.
    console.log((error as Error).message);
  }
}
file.close();
