/**
 * Makes a file, maps it, writes the numbers 0 to MAXDATA - 1 into the mapping and flushes it to the disk. file-reader.ts
 * prints them.
 *
 *   npx tsx examples/file-writer.ts PATH
 */
import { MappedView } from 'mapfile';

const MAXDATA = 1024;
const path = process.argv[2];

if (path === undefined) {
  console.error('Usage: file-writer PATH');
  process.exitCode = 2;
} else {
  const byteLength = MAXDATA * Int32Array.BYTES_PER_ELEMENT;
  const view = MappedView.openFile(path, { access: 'readwrite', create: true, byteLength });
  try {
    const table = view.typedArray(Int32Array);
    for (let i = 0; i < MAXDATA; i++) table[i] = i;
    await view.flush();
    console.log(`Wrote ${table.length} numbers to ${path}`);
  } finally {
    view.close();
  }
}
