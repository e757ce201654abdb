/** Options of everything that is made or opened by name, and their checks. */
import { MapFileError } from '../base/errors.ts';
import { platform } from '../base/host.ts';
import type { Access } from '../base/memory.ts';
import type { Advice, Capabilities, Security } from '../os/contract.ts';
import { os } from '../os/current.ts';

/** Who may open what is created. The default is this user alone. */
export interface SecurityOptions {
  /** `'user'` (default): only this user. `'everyone'`: each user of this machine may read and write. */
  readonly share?: 'user' | 'everyone';
  /** POSIX permission bits in place of `share`, as for chmod; the umask has no say. Not on Windows. */
  readonly mode?: number;
  /** Security descriptor in SDDL in place of `share`. Windows only. */
  readonly sddl?: string;
}

export interface UnlinkOptions {
  /** Take the name away from memory that another program made, too. Default false. */
  readonly foreign?: boolean;
}

/** A run of bytes. */
export interface ByteRange {
  /** First byte, default 0. */
  readonly byteOffset?: number;
  /** Number of bytes, default up to the end. */
  readonly byteLength?: number;
}

/** @throws TypeError for what is no object: only plain JavaScript can pass it */
export function checkOptions(options: object): void {
  if (typeof options === 'object' && options !== null) return;
  throw new TypeError(`Cannot use ${options === null ? 'null' : typeof options} as options: pass an object`);
}

const HINTS: readonly Advice[] = ['normal', 'sequential', 'random', 'will-need', 'dont-need'];

/** @throws TypeError for no hint at all; MapFileError ERR_PLATFORM_UNSUPPORTED for one that this system does not take */
export function checkAdvice(hint: Advice): void {
  if (!HINTS.includes(hint))
    throw new TypeError(`Cannot use ${String(hint)} as a hint: pass one of ${HINTS.join(', ')}`);
  if (!os.capabilities.advice.includes(hint)) throw unsupported(`the hint '${hint}'`, 'leave it out');
}

export function unsupported(feature: string, remedy: string): MapFileError<'ERR_PLATFORM_UNSUPPORTED'> {
  return new MapFileError('ERR_PLATFORM_UNSUPPORTED', `Cannot use ${feature} on ${platform}: ${remedy}`, {
    feature,
    platform,
  });
}

export function fixedLength(title: string, isPart: boolean): MapFileError<'ERR_PLATFORM_UNSUPPORTED'> {
  const why = isPart ? 'it is a part of another, resize that one' : 'named memory keeps its length, make new memory';
  return new MapFileError('ERR_PLATFORM_UNSUPPORTED', `Cannot resize ${title}: ${why}`, {
    feature: 'resize',
    platform,
  });
}

export function checkSecurity(
  { share = 'user', mode, sddl }: SecurityOptions,
  { mode: hasMode, sddl: hasSddl }: Capabilities = os.capabilities,
): Security {
  if (share !== 'user' && share !== 'everyone') {
    throw new TypeError(`Cannot use ${String(share)} as share: pass 'user' or 'everyone'`);
  }
  if (mode !== undefined) {
    if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) {
      throw new RangeError(`Cannot use ${mode} as mode: pass permission bits from 0 to 0o777`);
    }
    if (!hasMode) throw unsupported('mode', 'use share or sddl');
  }
  if (sddl !== undefined) {
    if (typeof sddl !== 'string') throw new TypeError(`Cannot use ${typeof sddl} as sddl: pass a string`);
    if (!hasSddl) throw unsupported('sddl', 'use share or mode');
  }
  return { share, ...(mode !== undefined && { mode }), ...(sddl !== undefined && { sddl }) };
}

export function checkAccess(access: Access): Access {
  if (access === 'read' || access === 'readwrite' || access === 'copy-on-write') return access;
  throw new TypeError(`Cannot use ${String(access)} as access: pass 'read', 'readwrite' or 'copy-on-write'`);
}

/** An integer of `minimum` or more. */
export function checkLength(what: string, value: number, minimum = 0): number {
  if (typeof value !== 'number') throw new TypeError(`Cannot use ${typeof value} as ${what}: pass a number of bytes`);
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`Cannot use ${value} as ${what}: pass an integer of ${minimum} or more`);
  }
  return value;
}

/** Resolves a range within `total` bytes. */
export function checkRange({ byteOffset = 0, byteLength }: ByteRange, total: number): Required<ByteRange> {
  checkLength('byteOffset', byteOffset);
  if (byteOffset > total) throw new RangeError(`Cannot use byteOffset ${byteOffset}: there are ${total} bytes`);
  const length = byteLength === undefined ? total - byteOffset : checkLength('byteLength', byteLength);
  if (byteOffset + length > total) {
    throw new RangeError(`Cannot use ${length} bytes at ${byteOffset}: there are ${total} bytes`);
  }
  return { byteOffset, byteLength: length };
}
