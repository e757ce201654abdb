/**
 * Permission bits and owner of an open file. Not by Node: under its permission model fchmod and fchown are forbidden
 * whatever is allowed. Whether a file may be made or opened for writing is still for Node to say.
 */
import { errno, fchmod, fchown } from '../ffi/libc.ts';
import { type Attempt, systemError } from './posix-errors.ts';

export function setMode(fd: number, mode: number, attempt: Attempt): void {
  if (fchmod(fd, mode) !== 0) throw systemError('fchmod', errno(), attempt);
}

/** Gives the file to `uid`, if that is somebody else. */
export function setOwner(fd: number, uid: number | undefined, attempt: Attempt): void {
  if (uid === undefined || uid === process.getuid?.()) return;
  if (fchown(fd, uid, KEPT) !== 0) throw systemError('fchown', errno(), attempt);
}

/** `(gid_t)-1`: the group stays. */
const KEPT = 0xffff_ffff;
