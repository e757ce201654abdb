/** Follows the pair under a name; after "idle" one iteration stays pending and must not keep the process alive. */
import { i32, MapFile, struct } from '../../../src/index.ts';

const Pair = struct('pair', { n: i32, twice: i32 });
const file = MapFile.open(process.argv[2]!, Pair);
const abort = new AbortController();
process.on('message', () => abort.abort());

try {
  const changes = file.changes({ signal: abort.signal, initial: false });
  process.send!({ type: 'ready' });
  for await (const value of changes) {
    process.send!({ type: 'value', value, at: performance.timeOrigin + performance.now() });
  }
} catch (error) {
  if ((error as Error).name !== 'AbortError') throw error;
  void file.changes({ ref: false, initial: false }).next();
  process.disconnect();
}
