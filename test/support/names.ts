/** Names that no other test, run or process uses. */
import { randomBytes } from 'node:crypto';

/** At most 30 bytes, which is what macOS takes. */
export function uniqueName(prefix = 'mf'): string {
  return `${prefix}-${process.pid}-${randomBytes(5).toString('hex')}`;
}
