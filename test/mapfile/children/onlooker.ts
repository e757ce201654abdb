/** Follows a file of another user that it may not write. */
import { Ledger, ledgerHolds, MapFile } from '../ledger.ts';

const path = process.argv[2]!;
let refused = 'nothing';
try {
  MapFile.openFile(path, Ledger, { access: 'readwrite' }).close();
} catch (error) {
  refused = (error as { code: string }).code;
}
const file = MapFile.openFile(path, Ledger);
for await (const value of file.changes()) {
  if (!ledgerHolds(value)) process.exit(1);
  process.send!({ count: value.count, refused });
  if (value.count === 2) break;
}
file.close();
process.disconnect();
