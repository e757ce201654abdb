/** Waits until its address space is limited, then maps more than that: says what it was told, and what it still can. */
import { MappedView } from '../../../src/index.ts';
import { uniqueName } from '../../support/names.ts';
import { held } from '../../support/resources.ts';

const path = process.argv[2]!;
const names = [uniqueName(), uniqueName()] as const;
const length = 256 * 2 ** 20;
// Binds all that is needed later.
MappedView.create(names[0], 64).close();
MappedView.openFile(path, { byteLength: 64 }).close();

process.send!({ type: 'ready' });
process.once('message', () => {
  const before = held();
  const errors = [
    () => MappedView.openFile(path),
    () => MappedView.open(names[1]),
    () => MappedView.createFile(`${path}.new`, length),
  ].map((attempt) => {
    try {
      attempt();
      return {};
    } catch (error) {
      const { code, errno, syscall, message, context } = error as Error & Record<string, unknown>;
      return { code, errno, syscall, message, context };
    }
  });
  const now = held();
  const small = MappedView.openFile(path, { byteOffset: 5, byteLength: 64 });
  small.close();
  process.send!({ type: 'tried', errors, before, now });
  process.disconnect();
});
