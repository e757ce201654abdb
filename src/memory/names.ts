/**
 * The name rules, for everything that has a name.
 *
 * `X` and `Local\X` (or `Local/X`) live in the session, `Global\X` in the machine, as on Windows; POSIX has one name
 * space, there all three are `/X` of shm_open, so that a C or Python program finds it.
 * https://learn.microsoft.com/windows/win32/termserv/kernel-object-namespaces
 */
import type { Capabilities, ObjectName } from '../os/contract.ts';
import { os } from '../os/current.ts';

/** What the floors below put beside the names: the participants' registry, lock files. */
const RESERVED = /^\.mapfile-|^mapfile-participants-/;
const PREFIX = /^(local|global)[\\/]/i;

/**
 * Checks a name before any system call.
 * @throws TypeError if it is no string, or no well-formed one
 * @throws RangeError if it is empty, too long for this system, or contains a separator or NUL
 */
export function objectName(spelled: string, capabilities: Capabilities = os.capabilities): ObjectName {
  if (typeof spelled !== 'string') {
    throw new TypeError(`Cannot use ${spelled === null ? 'null' : typeof spelled} as a name: pass a string`);
  }
  const prefix = PREFIX.exec(spelled);
  const base = prefix ? spelled.slice(prefix[0].length) : spelled;
  const refuse = (why: string) => new RangeError(`Cannot use ${JSON.stringify(spelled)} as a name: ${why}`);

  if (base === '') throw refuse('it is empty, name at least one character');
  if (base.includes('\0')) throw refuse('it contains NUL, which ends a name');
  if (/[\\/]/.test(base)) throw refuse('it contains a separator, only "Local\\" and "Global\\" may stand in front');
  if (RESERVED.test(base)) throw refuse("names that begin so are mapfile's own, choose another");
  if (base === '.' || base === '..') throw refuse('it means a folder on POSIX');
  if (/\p{Surrogate}/u.test(base))
    throw new TypeError(`Cannot use ${JSON.stringify(spelled)} as a name: it has half a surrogate pair`);

  const { nameUnit, maxNameLength } = capabilities;
  const length = nameUnit === 'bytes' ? Buffer.byteLength(base) : base.length;
  if (length > maxNameLength) throw refuse(`it has ${length} ${nameUnit}, at most ${maxNameLength} fit here`);
  return { spelled, scope: prefix?.[1]?.toLowerCase() === 'global' ? 'global' : 'local', base };
}

/** What a name that was not found may have been meant to be, as the end of a message. */
export function didYouMean({ spelled, base }: ObjectName): string | undefined {
  const glued = /^(local|global)(?=.)/i.exec(base);
  if (!glued || base !== spelled) return undefined;
  const prefix = glued[0].toLowerCase() === 'global' ? 'Global' : 'Local';
  return `did you mean ${`'${prefix}\\${base.slice(prefix.length)}'`}?`;
}
