/** From a name or a path to a mapped window: what the public classes share. */
import { rmSync } from 'node:fs';
import type { Access, Memory } from '../base/memory.ts';
import { memoryRange } from '../base/memory.ts';
import { OpenedFile } from './opened-file.ts';
import {
  type ByteRange,
  checkAccess,
  checkLength,
  checkOptions,
  checkSecurity,
  type SecurityOptions,
} from './options.ts';
import { Segment } from './segment.ts';
import { checkMappable, type Origin, Window } from './window.ts';

export interface OpenOptions<A extends Access = Access> extends ByteRange {
  /** Default `'read'`. `'copy-on-write'`: writes stay in this process. */
  readonly access?: A;
}

export interface CreateOptions<A extends Access = Access> extends SecurityOptions {
  /** Default `'readwrite'`. */
  readonly access?: A;
  /** First contents, from byte 0; zeros follow. No other process sees the memory without them. */
  readonly initial?: Memory;
  /** The name outlives its last holder, until `unlink`. POSIX only. */
  readonly persistent?: boolean;
}

export interface OpenFileOptions<A extends Access = Access> extends OpenOptions<A>, SecurityOptions {
  /** Make the file if there is none, and grow it to `byteOffset + byteLength` if it is shorter. Default false. */
  readonly create?: boolean;
}

export type CreateFileOptions<A extends Access = Access> = Omit<CreateOptions<A>, 'persistent'>;

export function createNamed(name: string, byteLength: number, options: CreateOptions): Window {
  checkOptions(options);
  const access = checkAccess(options.access ?? 'readwrite');
  checkLength('byteLength', byteLength, 1);
  checkMappable(byteLength, name, 'make several of fewer bytes');
  const initial = initialBytes(options.initial, byteLength);
  const windows: Window[] = [];
  const segment = Segment.create(name, {
    ...options,
    byteLength,
    initialise(segment) {
      const window = Window.over(segment, initial ? 'readwrite' : access, { byteLength });
      if (initial) window.region.copyIn(0, initial);
      windows.push(window);
    },
  });
  const [window] = windows;
  if (window!.access === access) return window!;
  window!.region.unmap();
  return guarded(segment, () => Window.over(segment, access, { byteLength }));
}

export function openNamed(name: string, options: OpenOptions): Window {
  checkOptions(options);
  const access = checkAccess(options.access ?? 'read');
  checkPart(options);
  const segment = Segment.open(name, { access });
  return guarded(segment, () => Window.over(segment, access, options));
}

/** The existing memory may be longer: the window has the length asked for. */
export function openOrCreateNamed(name: string, byteLength: number, options: CreateOptions): Window {
  checkOptions(options);
  const access = checkAccess(options.access ?? 'readwrite');
  checkLength('byteLength', byteLength, 1);
  checkMappable(byteLength, name, 'make several of fewer bytes');
  for (;;) {
    const opened = attempt('ERR_NAME_NOT_FOUND', () => openNamed(name, { access, byteLength }));
    const window = opened ?? attempt('ERR_NAME_EXISTS', () => createNamed(name, byteLength, options));
    if (window) return window;
  }
}

export function openFileWindow(path: string, options: OpenFileOptions): Window {
  checkOptions(options);
  const access = checkAccess(options.access ?? 'read');
  checkPart(options);
  const { byteOffset = 0, byteLength = 0, create = false } = options;
  if (create) checkMappable(byteLength, path);
  const file = new OpenedFile(path, {
    access,
    create: create ? 'missing' : 'never',
    byteLength: byteOffset + byteLength,
    security: checkSecurity(options),
  });
  try {
    return guarded(file, () => Window.over(file, access, options));
  } catch (error) {
    if (file.created) rmSync(path, { force: true });
    throw error;
  }
}

export function createFileWindow(path: string, byteLength: number, options: CreateFileOptions): Window {
  checkOptions(options);
  if ('persistent' in options)
    throw new TypeError('Cannot use persistent for a file: it outlives every process, leave it out');
  const access = checkAccess(options.access ?? 'readwrite');
  checkLength('byteLength', byteLength, 1);
  checkMappable(byteLength, path, 'make several of fewer bytes');
  const initial = initialBytes(options.initial, byteLength);
  const file = new OpenedFile(path, {
    access: initial ? 'readwrite' : access,
    create: 'new',
    byteLength,
    security: checkSecurity(options),
  });
  const make = () => {
    if (!initial) return Window.over(file, access, { byteLength });
    const window = Window.over(file, 'readwrite', { byteLength });
    window.region.copyIn(0, initial);
    if (access === 'readwrite') return window;
    window.region.unmap();
    return Window.over(file, access, { byteLength });
  };
  try {
    return guarded(file, make);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function guarded(origin: Origin, make: () => Window): Window {
  try {
    return make();
  } catch (error) {
    origin.close();
    throw error;
  }
}

/** Undefined if it fails with that code. */
function attempt<T>(code: string, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if ((error as { code?: unknown }).code !== code) throw error;
    return undefined;
  }
}

function checkPart({ byteOffset, byteLength }: ByteRange): void {
  if (byteOffset !== undefined) checkLength('byteOffset', byteOffset);
  if (byteLength !== undefined) checkLength('byteLength', byteLength);
}

function initialBytes(initial: Memory | undefined, byteLength: number): Uint8Array | undefined {
  if (initial === undefined) return undefined;
  const { dataView } = memoryRange(initial);
  if (dataView.byteLength > byteLength) {
    throw new RangeError(`Cannot use ${dataView.byteLength} initial bytes: the memory has ${byteLength}`);
  }
  return new Uint8Array(dataView.buffer, dataView.byteOffset, dataView.byteLength);
}
