/** Named sections: made with their contents or not at all, as far as processes of ours can see. */
import { MapFileError, type SystemFailure } from '../base/errors.ts';
import * as win from '../ffi/kernel32.ts';
import type { CreateSection, ObjectName, OpenSection, Section } from './contract.ts';
import { lastFailure, systemError } from './windows-errors.ts';
import { isUnfinished, whileUnfinished } from './windows-making.ts';
import { objectPath, withNameLock, wrongKind } from './windows-names.ts';
import { sectionLength, WindowsSection } from './windows-section.ts';
import { withSecurity } from './windows-security.ts';

const READ = win.FILE_MAP_READ;
const READ_WRITE = win.FILE_MAP_READ | win.FILE_MAP_WRITE;

/** What CreateFileMappingW may take for "no such name": the second where `Global\` has no directory yet. */
const ABSENT: ReadonlySet<number> = new Set([win.ERROR_FILE_NOT_FOUND, win.ERROR_PATH_NOT_FOUND]);

export function createSection(name: ObjectName, options: CreateSection): Section {
  const action = `create map "${name.spelled}"`;
  return withNameLock(name, action, () => {
    const found = open(name, READ);
    if ('handle' in found) win.CloseHandle(found.handle);
    else if (ABSENT.has(found.errno)) return make(name, options, action);
    else if (found.errno === win.ERROR_INVALID_HANDLE) throw wrongKind(name, 'section', action, found.syscall);
    else if (found.errno !== win.ERROR_ACCESS_DENIED) throw systemError(found, action, name.spelled);
    if (isUnfinished(name)) return remake(name, options, action);
    throw exists(name, action);
  });
}

export function openSection(name: ObjectName, options: OpenSection): Section {
  const action = `open map "${name.spelled}"`;
  return withNameLock(name, action, () => {
    let writable = options.access !== 'read';
    let found = open(name, writable ? READ_WRITE : READ);
    if (options.access === 'upgrade' && 'errno' in found && found.errno === win.ERROR_ACCESS_DENIED) {
      writable = false;
      found = open(name, READ);
    }
    if ('errno' in found) throw cannotOpen(name, action, found);
    try {
      if (isUnfinished(name)) {
        throw cannotOpen(name, action, { errno: win.ERROR_FILE_NOT_FOUND, syscall: 'OpenFileMappingW' });
      }
      return new WindowsSection(name, found.handle, sectionLength(found.handle, name.spelled), writable);
    } catch (error) {
      win.CloseHandle(found.handle);
      throw error;
    }
  });
}

export function sectionExists(name: ObjectName): boolean {
  return withNameLock(name, `look for map "${name.spelled}"`, () => {
    const found = open(name, READ);
    if ('handle' in found) win.CloseHandle(found.handle);
    else if (found.errno !== win.ERROR_ACCESS_DENIED) return false;
    return !isUnfinished(name);
  });
}

function open(name: ObjectName, access: number): { handle: win.HANDLE } | SystemFailure {
  const handle = win.OpenFileMappingW(access, win.FALSE, objectPath(name));
  return handle === null ? lastFailure('OpenFileMappingW') : { handle };
}

/** The section did not exist a moment ago, and nobody of ours can make it meanwhile. */
function make(name: ObjectName, options: CreateSection, action: string): Section {
  return whileUnfinished(name, action, () => {
    const { byteLength } = options;
    const handle = withSecurity(options.security, (attributes) => {
      const { HIDWORD, LODWORD, INVALID_HANDLE_VALUE, PAGE_READWRITE } = win;
      const path = objectPath(name);
      const made = win.CreateFileMappingW(
        INVALID_HANDLE_VALUE,
        attributes,
        PAGE_READWRITE,
        HIDWORD(byteLength),
        LODWORD(byteLength),
        path,
      );
      const failure = lastFailure('CreateFileMappingW');
      if (made === null) throw cannotCreate(name, action, failure, byteLength);
      if (failure.errno === win.ERROR_ALREADY_EXISTS) {
        // A program that is not ours was faster.
        win.CloseHandle(made);
        throw exists(name, action, failure);
      }
      return made;
    });
    return filled(new WindowsSection(name, handle, byteLength, true), options);
  });
}

/** Gives a section that a terminated Worker left unfinished its contents, if it has the right length. */
function remake(name: ObjectName, options: CreateSection, action: string): Section {
  const found = open(name, READ_WRITE);
  if ('errno' in found) throw cannotOpen(name, action, found);
  return whileUnfinished(name, action, () => {
    const section = new WindowsSection(name, found.handle, options.byteLength, true);
    try {
      const byteLength = sectionLength(found.handle, name.spelled);
      if (byteLength !== options.byteLength) {
        const reason = `a Worker that was terminated left ${byteLength} unfinished bytes under it`;
        const message = `Cannot ${action}: ${reason}, create as many again or end that process`;
        throw new MapFileError('ERR_BUSY', message, { name: name.spelled });
      }
      const region = section.map(0, options.byteLength, 'readwrite');
      new Uint8Array(region.buffer).fill(0);
      region.unmap();
    } catch (error) {
      section.close();
      throw error;
    }
    return filled(section, options);
  });
}

function filled(section: WindowsSection, options: CreateSection): Section {
  try {
    options.fill(section);
    return section;
  } catch (error) {
    section.close();
    throw error;
  }
}

function exists(name: ObjectName, action: string, failure?: SystemFailure): MapFileError {
  const message = `Cannot ${action}: the name is in use, open it or choose another`;
  return new MapFileError('ERR_NAME_EXISTS', message, { name: name.spelled }, failure);
}

function cannotCreate(name: ObjectName, action: string, failure: SystemFailure, byteLength: number): MapFileError {
  if (failure.errno === win.ERROR_INVALID_HANDLE) return wrongKind(name, 'section', action, failure.syscall);
  const error = systemError(failure, action, name.spelled, byteLength);
  if (failure.errno === win.ERROR_ACCESS_DENIED && name.scope === 'global') {
    error.message += '; creating in Global\\ needs SeCreateGlobalPrivilege, which services and administrators have';
  }
  return error;
}

function cannotOpen(name: ObjectName, action: string, failure: SystemFailure): MapFileError {
  if (failure.errno === win.ERROR_INVALID_HANDLE) return wrongKind(name, 'section', action, failure.syscall);
  if (!ABSENT.has(failure.errno)) return systemError(failure, action, name.spelled);
  const message = `Cannot ${action}: no process has it open, create it first`;
  return new MapFileError('ERR_NAME_NOT_FOUND', message, { name: name.spelled }, failure);
}
