/**
 * Opens the file of file-writer.ts for reading, maps the whole of it, and prints the numbers.
 *
 *   npx tsx examples/file-reader.ts PATH
 */
import { MappedView } from 'mapfile';

const path = process.argv[2];

if (path === undefined) {
  console.error('Usage: file-reader PATH');
  process.exitCode = 2;
} else {
  const view = MappedView.openFile(path);
  try {
    const data = view.dataView();
    const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
    for (let at = 0; at + 4 <= data.byteLength; at += 4) console.log(data.getInt32(at, littleEndian));
  } finally {
    view.close();
  }
}
