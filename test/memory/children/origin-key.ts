/** Tells by which key byte 4 of a map goes in this process. */
import { memoryRange } from '../../../src/base/memory.ts';
import { MappedView } from '../../../src/memory/mapped-view.ts';

const view = MappedView.open(process.argv[2]!, { byteOffset: 4 });
process.send!({ type: 'key', key: memoryRange(view).originKey });
view.close();
process.disconnect();
