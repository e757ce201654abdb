/** Reads the text in the map that the first argument names, and answers in its first byte. */
import { MappedView } from '../../../src/memory/mapped-view.ts';

const view = MappedView.open(process.argv[2]!, { access: 'readwrite' });
const bytes = view.bytes();
const text = Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
bytes[0] = 'F'.charCodeAt(0);
process.send!({ type: 'read', text });
process.once('message', () => {
  view.close();
  process.disconnect();
});
