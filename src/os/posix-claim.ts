/**
 * The right to make a name, for creators whose contents come from code that must run once: of those who race, one fills.
 *
 * A lock file beside the names, held by an exclusive flock and removed by its holder. One that a killed creator left is
 * taken over and removed by the next. The name itself still appears by linkat, so a claim that fails to exclude costs a
 * second run of that code, never a wrong section.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs';
import { MapFileError } from '../base/errors.ts';
import { flock, LOCK_EX, LOCK_NB } from '../ffi/libc.ts';
import type { ObjectName } from './contract.ts';
import { nap } from './nap.ts';
import { type Attempt, typed } from './posix-errors.ts';
import { bury } from './presence.ts';

const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
/** How the lock files' names start. */
export const CLAIM_PREFIX = '.mapfile-making-';

const MAX_NAPS = 10_000;

/**
 * Runs `make` while nobody else runs it for that name, of those who may open the lock file (`mode`, less the umask). The
 * descriptor is that of the lock file.
 */
export function whileClaimed<T>(
  directory: string,
  { base }: ObjectName,
  attempt: Attempt,
  make: (fd: number) => T,
  mode = 0o600,
): T {
  const path = `${directory}/${CLAIM_PREFIX}${createHash('sha256').update(base).digest('hex').slice(0, 32)}`;
  const fd = claim(path, attempt, mode);
  try {
    return make(fd);
  } finally {
    // By inode: somebody may have removed our file by force, and another hold the claim by now.
    bury(fd, path);
    closeSync(fd);
  }
}

function claim(path: string, attempt: Attempt, mode: number): number {
  for (let naps = 0; ; ) {
    const fd = typed(attempt, () => openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode));
    const locked = flock(fd, LOCK_EX | LOCK_NB) === 0;
    // Who waited for the lock may have got that of a file which its holder has removed.
    if (locked && fstatSync(fd).ino === lstatSync(path, { throwIfNoEntry: false })?.ino) return fd;
    closeSync(fd);
    if (locked) continue;
    if (naps++ === MAX_NAPS) throw busy(attempt);
    nap();
  }
}

function busy({ name, action }: Attempt): MapFileError<'ERR_BUSY'> {
  return new MapFileError('ERR_BUSY', `Cannot ${action} "${name}": another process has been filling it for seconds`, {
    name,
  });
}
