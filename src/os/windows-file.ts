/** Files, opened so that others may go on reading, writing, renaming and deleting them, as on POSIX. */
import { statSync, unlinkSync } from 'node:fs';
import { toNamespacedPath } from 'node:path';
import { closedError, MapFileError } from '../base/errors.ts';
import type { Access } from '../base/memory.ts';
import * as win from '../ffi/kernel32.ts';
import { flushFileBuffersPooled } from '../ffi/kernel32-files.ts';
import type { MappedFile, OpenFile, Region } from './contract.ts';
import { lastFailure, systemError } from './windows-errors.ts';
import { type BackingFile, mapRegion } from './windows-region.ts';
import { withSecurity } from './windows-security.ts';

const SHARE_ALL = win.FILE_SHARE_READ | win.FILE_SHARE_WRITE | win.FILE_SHARE_DELETE;

const DISPOSITION: Readonly<Record<OpenFile['create'], number>> = {
  never: win.OPEN_EXISTING,
  missing: win.OPEN_ALWAYS,
  new: win.CREATE_NEW,
};

const PROTECT: Readonly<Record<Access, number>> = {
  read: win.PAGE_READONLY,
  readwrite: win.PAGE_READWRITE,
  'copy-on-write': win.PAGE_WRITECOPY,
};

export function openFile(path: string, options: OpenFile): MappedFile {
  if (path.includes('\0')) throw new TypeError(`Cannot open file ${JSON.stringify(path)}: a path has no NUL`);
  const action = `open file "${path}"`;
  const writes = options.access === 'readwrite' || needsWriting(path, options);
  const rights = writes ? win.GENERIC_READ | win.GENERIC_WRITE : win.GENERIC_READ;
  const { handle, created } = withSecurity(options.security, (attributes) => {
    const opened = win.CreateFileW(
      toNamespacedPath(path),
      rights >>> 0,
      SHARE_ALL,
      attributes,
      DISPOSITION[options.create],
      win.FILE_ATTRIBUTE_NORMAL,
      null,
    );
    const failure = lastFailure('CreateFileW');
    if (opened === win.INVALID_HANDLE_VALUE) throw cannotOpen(path, action, failure);
    const existed = options.create === 'never' || failure.errno === win.ERROR_ALREADY_EXISTS;
    return { handle: opened, created: !existed };
  });
  try {
    if (win.GetFileType(handle) !== win.FILE_TYPE_DISK) throw notAFile(path, action, 'device');
    const file = new WindowsFile(path, handle, options.access === 'readwrite', created);
    const { create, byteLength = 0 } = options;
    if (create !== 'never' && file.byteLength < byteLength) file.resize(byteLength);
    return file;
  } catch (error) {
    win.CloseHandle(handle);
    if (created) unlinkSync(path);
    throw error;
  }
}

/** A file that is there, and long enough, needs no right to write for being read. */
function needsWriting(path: string, { create, byteLength = 0 }: OpenFile): boolean {
  if (create === 'never') return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined || stats.size < byteLength;
}

function cannotOpen(path: string, action: string, failure: { errno: number; syscall: string }): MapFileError {
  // Windows says "access denied" of a directory too.
  const attributes = win.GetFileAttributesW(toNamespacedPath(path));
  if (attributes !== win.INVALID_FILE_ATTRIBUTES && attributes & win.FILE_ATTRIBUTE_DIRECTORY) {
    return notAFile(path, action, 'directory');
  }
  switch (failure.errno) {
    case win.ERROR_FILE_NOT_FOUND:
    case win.ERROR_PATH_NOT_FOUND:
      return new MapFileError(
        'ERR_NAME_NOT_FOUND',
        `Cannot ${action}: there is no such file, create it first or check the path`,
        { name: path },
        failure,
      );
    case win.ERROR_FILE_EXISTS:
    case win.ERROR_ALREADY_EXISTS:
      return new MapFileError(
        'ERR_NAME_EXISTS',
        `Cannot create file "${path}": it exists, open it or choose another path`,
        { name: path },
        failure,
      );
    default:
      return systemError(failure, action, path);
  }
}

function notAFile(path: string, action: string, actual: string): MapFileError {
  return new MapFileError('ERR_WRONG_KIND', `Cannot ${action}: it is a ${actual}, pass the path of a regular file`, {
    name: path,
    expected: 'file',
    actual,
  });
}

class WindowsFile implements MappedFile {
  readonly created: boolean;
  readonly writable: boolean;
  readonly originKey: number;
  readonly #path: string;
  readonly #handle: win.HANDLE;
  #byteLength: number;
  #open = true;
  /** The regions and ourselves: the handle is closed with the last one. */
  #users = 1;

  constructor(path: string, handle: win.HANDLE, writable: boolean, created: boolean) {
    this.created = created;
    this.#path = path;
    this.#handle = handle;
    this.writable = writable;
    const info = new win.BY_HANDLE_FILE_INFORMATION();
    if (!win.GetFileInformationByHandle(handle, info)) throw this.#failed('GetFileInformationByHandle', 'open');
    this.#byteLength = info.nFileSizeHigh * 0x1_0000_0000 + info.nFileSizeLow;
    const identity = info.dwVolumeSerialNumber ^ Math.imul(info.nFileIndexLow, 0x9e37_79b1) ^ info.nFileIndexHigh;
    this.originKey = identity >>> 0 || 1;
  }

  /** Asked anew while it is open: others may grow the file. */
  get byteLength(): number {
    if (this.#open) {
      const size = new BigInt64Array(1);
      if (!win.GetFileSizeEx(this.#handle, size)) throw this.#failed('GetFileSizeEx', 'measure');
      this.#byteLength = Number(size[0]);
    }
    return this.#byteLength;
  }

  measure(): number {
    return this.byteLength;
  }

  map(byteOffset: number, byteLength: number, access: Access): Region {
    this.#requireOpen();
    const [available, needed] = [this.byteLength, byteOffset + byteLength];
    if (needed > available) {
      throw new MapFileError(
        'ERR_TOO_SMALL',
        `Cannot map ${byteLength} bytes at ${byteOffset} of file "${this.#path}": it has ${available} bytes`,
        { name: this.#path, byteLength: available, needed },
      );
    }
    // The length 0 takes the file as it is; any other could grow it.
    const section = win.CreateFileMappingW(this.#handle, null, PROTECT[access], 0, 0, null);
    if (section === null) throw this.#failed('CreateFileMappingW', 'map');
    try {
      const region = mapRegion(section, this.#path, byteOffset, byteLength, access, this.#backing());
      this.#users += 1;
      return region;
    } finally {
      // The view keeps the section; without a handle to it the file can be resized as soon as the view is gone.
      win.CloseHandle(section);
    }
  }

  resize(byteLength: number): void {
    this.#requireOpen();
    if (!win.SetFilePointerEx(this.#handle, byteLength, null, win.FILE_BEGIN)) {
      throw this.#failed('SetFilePointerEx', 'resize', byteLength);
    }
    if (!win.SetEndOfFile(this.#handle)) throw this.#failed('SetEndOfFile', 'resize', byteLength);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#release();
  }

  #backing(): BackingFile {
    return {
      flushSync: () => {
        if (!win.FlushFileBuffers(this.#handle)) throw this.#failed('FlushFileBuffers', 'flush');
      },
      flush: async () => {
        // The reason of a failure stays behind on the pool's thread: fail again on this one to learn it.
        if (!(await flushFileBuffersPooled(this.#handle)) && !win.FlushFileBuffers(this.#handle)) {
          throw this.#failed('FlushFileBuffers', 'flush');
        }
      },
      release: () => this.#release(),
    };
  }

  #release(): void {
    this.#users -= 1;
    if (this.#users === 0) win.CloseHandle(this.#handle);
  }

  #requireOpen(): void {
    if (!this.#open) throw closedError(`file "${this.#path}"`);
  }

  #failed(syscall: string, verb: string, requested = 0): MapFileError {
    return systemError(lastFailure(syscall), `${verb} file "${this.#path}"`, this.#path, requested);
  }
}
