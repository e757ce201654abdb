/**
 * Named sections on macOS. A shared memory object there is no file: no flock, no link, no read, and a second ftruncate
 * fails. So its life is kept beside it, in two small lock files per name:
 *
 *   - the claim (`posix-claim.ts`): held while a name is made, opened, asked for or let go; "m" in it means that its holder
 *     is making the object, and a next holder that still finds it removes what the dead one left;
 *   - the presence: each process that has the section open holds a shared flock on it; who gets it exclusively is alone.
 *
 * Foreign programs do not take the claim: what they make in the very moment of ours is found by O_EXCL.
 */
import { createHash } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { MapFileError } from '../base/errors.ts';
import { errno, flock, LOCK_EX, LOCK_NB, LOCK_SH } from '../ffi/libc.ts';
import type { CreateSection, ObjectName, OpenSection, OperatingSystem, Section, SectionJudge } from './contract.ts';
import { DarwinSection, type SharedMemoryCalls } from './darwin-section.ts';
import { whileClaimed } from './posix-claim.ts';
import { type Attempt, errnoName, systemError, typed } from './posix-errors.ts';
import { mapRegion } from './posix-region.ts';

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const ENOENT = 2;
const EEXIST = 17;

type Sections = Pick<OperatingSystem, 'createSection' | 'openSection' | 'sectionExists' | 'unlinkSection'>;

/** `directory` holds the lock files of all users. */
export function darwinSections(directory: string, calls: SharedMemoryCalls, syncFlag: number): Sections {
  const objectOf = ({ base }: ObjectName) => `/${base}`;
  const presenceOf = ({ base }: ObjectName) =>
    `${directory}/.mapfile-living-${createHash('sha256').update(base).digest('hex').slice(0, 32)}`;

  /** Runs `work` while nobody else of ours touches the name, after clearing what a creator left that died. */
  function claimed<T>(name: ObjectName, attempt: Attempt, work: (claim: number) => T): T {
    return whileClaimed(
      directory,
      name,
      attempt,
      (claim) => {
        if (readSync(claim, new Uint8Array(1), 0, 1, 0) === 1) {
          leave(name, enter(name, attempt));
          ftruncateSync(claim, 0);
        }
        return work(claim);
      },
      0o666,
    );
  }

  /** The descriptor that holds this process among the living. */
  function enter(name: ObjectName, attempt: Attempt): number {
    const fd = typed(attempt, () => openSync(presenceOf(name), O_RDWR | O_CREAT | O_NOFOLLOW, 0o666));
    if (flock(fd, LOCK_SH | LOCK_NB) === 0) return fd;
    const failed = errno();
    closeSync(fd);
    throw systemError('flock', failed, attempt);
  }

  /** Under the claim: gives the presence up, and removes object and presence if nobody else lives. */
  function leave(name: ObjectName, fd: number): boolean {
    const alone = flock(fd, LOCK_EX | LOCK_NB) === 0;
    if (alone) {
      calls.unlink(objectOf(name));
      try {
        unlinkSync(presenceOf(name));
      } catch {
        // Another user's: an empty file stays.
      }
    }
    closeSync(fd);
    return alone;
  }

  /** Under the claim: opens what lives. Ours come with their presence. */
  function find(name: ObjectName, access: OpenSection['access'], judge: SectionJudge, attempt: Attempt) {
    let writable = access !== 'read';
    let fd = calls.open(objectOf(name), writable ? O_RDWR : O_RDONLY, 0);
    if (fd < 0 && access === 'upgrade' && errnoName(errno()) === 'EACCES') {
      writable = false;
      fd = calls.open(objectOf(name), O_RDONLY, 0);
    }
    if (fd < 0) {
      const failed = errno();
      if (failed === ENOENT) return undefined;
      throw systemError('shm_open', failed, attempt);
    }
    try {
      const stats = typed(attempt, () => fstatSync(fd, { bigint: true }));
      if (judge.judge(tailOf(fd, stats, name, judge)) !== 'transient') return { fd, stats, writable };
      const presence = enter(name, attempt);
      // Alone: whoever made it is dead.
      if (flock(presence, LOCK_EX | LOCK_NB) === 0) {
        leave(name, presence);
        calls.close(fd);
        return undefined;
      }
      // The failed upgrade has lost the shared lock; the claim keeps the others from noticing.
      if (flock(presence, LOCK_SH | LOCK_NB) !== 0) {
        const failed = errno();
        closeSync(presence);
        throw systemError('flock', failed, attempt);
      }
      return { fd, stats, writable, presence };
    } catch (error) {
      calls.close(fd);
      throw error;
    }
  }

  function tailOf(fd: number, { size }: BigIntStats, { spelled }: ObjectName, judge: SectionJudge): Uint8Array {
    const length = Math.min(Number(size), judge.tailByteLength);
    if (length === 0) return new Uint8Array();
    const region = mapRegion(fd, spelled, Number(size) - length, length, 'read', syncFlag, 0);
    try {
      return region.copyOut(0, length);
    } finally {
      region.unmap();
    }
  }

  function isLiving(name: ObjectName, judge: SectionJudge, attempt: Attempt): boolean {
    const found = find(name, 'read', judge, attempt);
    if (!found) return false;
    if (found.presence !== undefined) leave(name, found.presence);
    calls.close(found.fd);
    return true;
  }

  const leaver = (name: ObjectName, presence: number) => () =>
    void claimed(name, { name: name.spelled, action: 'close' }, () => leave(name, presence));

  function make(name: ObjectName, options: CreateSection, attempt: Attempt, claim: number): Section {
    const { byteLength, security, persistent, judge } = options;
    if (isLiving(name, judge, attempt)) throw systemError('shm_open', EEXIST, attempt);
    const mode = security.mode ?? (security.share === 'everyone' ? 0o666 : 0o600);
    writeSync(claim, 'm', 0);
    const fd = calls.open(objectOf(name), O_RDWR | O_CREAT | O_EXCL, mode);
    const failed = errno();
    let presence: number | undefined;
    try {
      if (fd < 0) throw systemError('shm_open', failed, attempt);
      typed(attempt, () => ftruncateSync(fd, byteLength));
      const stats = fstatSync(fd, { bigint: true });
      if (!persistent) presence = enter(name, attempt);
      const leaving = presence === undefined ? undefined : leaver(name, presence);
      const section = new DarwinSection(fd, name, stats, true, syncFlag, calls, leaving);
      options.fill(section);
      return section;
    } catch (error) {
      if (fd >= 0) {
        calls.unlink(objectOf(name));
        calls.close(fd);
      }
      if (presence !== undefined) leave(name, presence);
      throw error;
    } finally {
      ftruncateSync(claim, 0);
    }
  }

  return {
    createSection(name, options) {
      const attempt = { name: name.spelled, action: 'create', byteLength: options.byteLength };
      return claimed(name, attempt, (claim) => make(name, options, attempt, claim));
    },

    openSection(name, { access, judge }) {
      const attempt = { name: name.spelled, action: 'open' };
      return claimed(name, attempt, () => {
        const found = find(name, access, judge, attempt);
        if (!found) throw systemError('shm_open', ENOENT, attempt);
        const leaving = found.presence === undefined ? undefined : leaver(name, found.presence);
        return new DarwinSection(found.fd, name, found.stats, found.writable, syncFlag, calls, leaving);
      });
    },

    sectionExists(name, judge) {
      const attempt = { name: name.spelled, action: 'look for' };
      try {
        return claimed(name, attempt, () => isLiving(name, judge, attempt));
      } catch (error) {
        if (error instanceof MapFileError && error.code === 'ERR_ACCESS_DENIED') return true;
        throw error;
      }
    },

    unlinkSection(name, judge, approve) {
      const attempt = { name: name.spelled, action: 'unlink' };
      return claimed(name, attempt, () => {
        const found = find(name, 'read', judge, attempt);
        if (!found) return false;
        calls.close(found.fd);
        if (found.presence !== undefined) closeSync(found.presence);
        approve();
        if (calls.unlink(objectOf(name)) !== 0) throw systemError('shm_unlink', errno(), attempt);
        return true;
      });
    },
  };
}
