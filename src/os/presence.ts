/**
 * The dead man's switch of a transient name: each process that has the section open holds a shared flock on its inode.
 *
 * Who gets the exclusive lock knows that nobody lives, and removes the name, whatever it came for: closing last, creating
 * anew, opening, asking. So the exclusive lock is held by undertakers only, and seeing it held means "there is none".
 * The kernel drops the lock of a process however it dies. https://man7.org/linux/man-pages/man2/flock.2.html
 */
import { type BigIntStats, fstatSync, lstatSync, unlinkSync } from 'node:fs';
import { flock, LOCK_EX, LOCK_NB, LOCK_SH } from '../ffi/libc.ts';
import { atExit } from './exit-duties.ts';

/** Joins the living. False if an undertaker is at work. */
export function enter(fd: number): boolean {
  return flock(fd, LOCK_SH | LOCK_NB) === 0;
}

/** Removes the name if nobody lives. A holder that asks has left the living: the failed upgrade loses its lock. */
export function bury(fd: number, path: string): boolean {
  if (flock(fd, LOCK_EX | LOCK_NB) !== 0) return false;
  const inode = fstatSync(fd, { bigint: true });
  if (inode.nlink > 0n && isSameInode(path, inode)) {
    try {
      unlinkSync(path);
    } catch {
      // Another user's name in a sticky directory: it stays, and keeps reading as not existing.
    }
  }
  return true;
}

/** A name that was unlinked by force may name a living successor by now. */
function isSameInode(path: string, inode: BigIntStats): boolean {
  const named = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return named !== undefined && named.ino === inode.ino && named.dev === inode.dev;
}

const held = new Map<number, { path: string; forget: () => void }>();

/** Notes a living descriptor of `path`. A natural exit, too, leaves no name behind; mappings stay for later exit handlers. */
export function hold(fd: number, path: string): void {
  held.set(fd, { path, forget: atExit(() => bury(fd, path)) });
}

/** The last duty before a held descriptor is closed. */
export function leave(fd: number): void {
  const entry = held.get(fd);
  if (!entry) return;
  held.delete(fd);
  entry.forget();
  bury(fd, entry.path);
}
