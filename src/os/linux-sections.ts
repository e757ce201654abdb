/**
 * Named sections on Linux. A name appears by linkat, with its contents, its permissions and a living holder, or not at
 * all; it goes when the last holder does (`presence.ts`).
 */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, unlinkSync } from 'node:fs';
import { MapFileError } from '../base/errors.ts';
import { errno } from '../ffi/libc.ts';
import { AT_FDCWD, AT_SYMLINK_FOLLOW, linkat, MS_SYNC, O_TMPFILE, posix_fallocate } from '../ffi/libc-linux.ts';
import type {
  CreateSection,
  ObjectName,
  OpenSection,
  OperatingSystem,
  Section,
  SectionJudge,
  SectionNature,
} from './contract.ts';
import { sweepOnce } from './linux-sweep.ts';
import { nap } from './nap.ts';
import { whileClaimed } from './posix-claim.ts';
import { inodeKey, PosixDescriptor, readTail } from './posix-descriptor.ts';
import { type Attempt, systemError, typed } from './posix-errors.ts';
import { setMode } from './posix-rights.ts';
import { bury, enter, hold, leave } from './presence.ts';

const { O_RDONLY, O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants;

type Sections = Pick<OperatingSystem, 'createSection' | 'openSection' | 'sectionExists' | 'unlinkSection'>;

class LinuxSection extends PosixDescriptor implements Section {
  readonly name: ObjectName;

  constructor(fd: number, name: ObjectName, stats: BigIntStats, writable: boolean) {
    super(fd, name.spelled, stats, writable, MS_SYNC);
    this.name = name;
  }

  protected override leave(fd: number): void {
    leave(fd);
  }
}

/** An existing inode, with its lock taken if it has one. */
interface Found {
  readonly fd: number;
  readonly stats: BigIntStats;
  readonly nature: SectionNature;
  readonly writable: boolean;
}

/** The sections of one directory. */
export function linuxSections(directory: string): Sections {
  const pathOf = (name: ObjectName) => `${directory}/${name.base}`;

  /** Opens what lives under the name; undefined if nothing does. A transient one is held by its shared lock. */
  function find(
    name: ObjectName,
    access: OpenSection['access'],
    judge: SectionJudge,
    action = 'open',
  ): Found | undefined {
    const path = pathOf(name);
    const attempt = { name: name.spelled, action };
    for (;;) {
      const opened = openExisting(path, access, attempt);
      if (!opened) return undefined;
      const { fd } = opened;
      try {
        const stats = typed(attempt, () => fstatSync(fd, { bigint: true }));
        if (!stats.isFile()) throw wrongKind(name, stats);
        const nature = judge.judge(readTail(fd, stats, judge.tailByteLength), inodeKey(stats));
        if (nature !== 'transient') return { ...opened, stats, nature };
        if (bury(fd, path) || !enter(fd)) {
          closeSync(fd);
          return undefined;
        }
        // The last holder may have buried it between our open and our lock: then we hold an orphan.
        if (fstatSync(fd, { bigint: true }).nlink > 0n) return { ...opened, stats, nature };
        closeSync(fd);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    }
  }

  function isLiving(name: ObjectName, judge: SectionJudge): boolean {
    let found: Found | undefined;
    try {
      found = find(name, 'read', judge);
    } catch (error) {
      // It is there, whatever it is.
      if (error instanceof MapFileError && ['ERR_ACCESS_DENIED', 'ERR_WRONG_KIND'].includes(error.code)) return true;
      throw error;
    }
    if (!found) return false;
    if (found.nature === 'transient') bury(found.fd, pathOf(name));
    closeSync(found.fd);
    return true;
  }

  function make(name: ObjectName, options: CreateSection, attempt: Attempt): Section {
    const path = pathOf(name);
    const fd = typed(attempt, () => openSync(directory, O_TMPFILE | O_RDWR, 0o600));
    try {
      prepare(fd, options, attempt);
      const section = new LinuxSection(fd, name, fstatSync(fd, { bigint: true }), true);
      options.fill(section);
      publish(fd, path, attempt, () => isLiving(name, options.judge));
      if (!options.persistent) hold(fd, path);
      return section;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  return {
    createSection(name, options) {
      sweepOnce(directory, options.judge);
      const attempt = { name: name.spelled, action: 'create', byteLength: options.byteLength };
      if (!options.once) return make(name, options, attempt);
      return whileClaimed(directory, name, attempt, () => {
        if (isLiving(name, options.judge)) throw systemError('linkat', EEXIST, attempt);
        return make(name, options, attempt);
      });
    },

    openSection(name, { access, judge }) {
      const found = find(name, access, judge);
      if (!found) throw systemError('open', 2, { name: name.spelled, action: 'open' });
      if (found.nature === 'transient') hold(found.fd, pathOf(name));
      return new LinuxSection(found.fd, name, found.stats, found.writable);
    },

    sectionExists: isLiving,

    unlinkSection(name, judge, approve) {
      const found = find(name, 'read', judge, 'unlink');
      if (!found) return false;
      try {
        approve();
        typed({ name: name.spelled, action: 'unlink' }, () => unlinkSync(pathOf(name)));
        return true;
      } finally {
        closeSync(found.fd);
      }
    },
  };
}

function openExisting(
  path: string,
  access: OpenSection['access'],
  attempt: Attempt,
): { fd: number; writable: boolean } | undefined {
  const writable = access !== 'read';
  try {
    // O_NONBLOCK: a pipe of that name must not hold us up.
    return { fd: openSync(path, (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK), writable };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (access === 'upgrade' && (code === 'EACCES' || code === 'EROFS')) return openExisting(path, 'read', attempt);
    return typed(attempt, () => {
      throw error;
    });
  }
}

/** Length, permissions and presence, while nobody can see the inode. */
function prepare(fd: number, { byteLength, security, persistent }: CreateSection, attempt: Attempt): void {
  // Reserves: ftruncate would promise memory that is not there, and the first touch would be a SIGBUS.
  const failed = posix_fallocate(fd, 0, byteLength);
  if (failed !== 0) throw systemError('posix_fallocate', failed, attempt);
  // O_TMPFILE applied the umask.
  setMode(fd, security.mode ?? (security.share === 'everyone' ? 0o666 : 0o600), attempt);
  if (!persistent && !enter(fd)) throw systemError('flock', errno(), attempt);
}

/** Gives the inode its name. EEXIST decides races; `isTaken` buries a stale holder of the name. */
function publish(fd: number, path: string, attempt: Attempt, isTaken: () => boolean): void {
  for (let naps = 0; linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, AT_SYMLINK_FOLLOW) !== 0; ) {
    const failed = errno();
    if (failed !== EEXIST || isTaken()) throw systemError('linkat', failed, attempt);
    if (!lstatSync(path, { throwIfNoEntry: false })) continue;
    if (naps++ === MAX_NAPS) throw immovable(attempt);
    // Another process's undertaker holds the exclusive lock for microseconds; let it run.
    nap();
  }
}

const EEXIST = 17;
const MAX_NAPS = 1000;
function immovable({ name, action }: Attempt): MapFileError<'ERR_BUSY'> {
  return new MapFileError(
    'ERR_BUSY',
    `Cannot ${action} "${name}": nobody holds it any more, but its name stays (another user's, or its last process is stopped), remove it by hand`,
    { name },
  );
}

function wrongKind({ spelled }: ObjectName, stats: BigIntStats): MapFileError<'ERR_WRONG_KIND'> {
  const actual = stats.isDirectory() ? 'directory' : 'special file';
  return new MapFileError('ERR_WRONG_KIND', `Cannot open "${spelled}": it is a ${actual}, choose another name`, {
    name: spelled,
    expected: 'section',
    actual,
  });
}
