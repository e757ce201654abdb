/** What a program sees of the built package: every entry, its declarations checked as strictly as they can be. */
import * as mapfile from 'mapfile';
import * as codec from 'mapfile/codec';
import * as heap from 'mapfile/heap';
import * as kernel32 from 'mapfile/kernel32';
import * as queue from 'mapfile/queue';
import * as sync from 'mapfile/sync';

const Student = mapfile.struct('student', { ID: codec.i32, name: codec.char(20) });
const file: mapfile.MapFile<typeof Student, 'read'> = mapfile.MapFile.open('TestMemShare', Student);
const { ID, name }: { ID: number; name: string } = file.read();

export { file, heap, ID, kernel32, name, queue, sync };
