import { isMainThread } from 'node:worker_threads';
import { MapFileError } from '../base/errors.ts';
import type { ParticipantId } from '../base/participants.ts';
import { viewOf } from '../ffi/external-memory.ts';
import * as win from '../ffi/kernel32.ts';
import { koffiPath } from '../ffi/koffi.ts';
import { listenByWorker } from './bell-worker.ts';
import { BYTE_LENGTH, HEADER, MAGIC, SLOT, SLOTS, slotWord, VERSION } from './participants-layout.ts';
import { EVENT_WORKER } from './participants-worker.ts';
import type { Hearing, RegistrySystem } from './registry.ts';
import { lastFailure, systemError } from './windows-errors.ts';
import { withDescriptor } from './windows-security.ts';

const ACTION = 'join the participants';
const EVERYONE = 'D:P(A;;GA;;;WD)';
const LIFE_RIGHTS = win.SYNCHRONIZE | win.MUTEX_MODIFY_STATE;

/**
 * The registry of Windows: a section, which Windows itself removes with its last handle. A participant's life is a named
 * mutex that its thread owns: it is gone, or abandoned, once the thread has ended. Its doorbells are two named auto-reset
 * events. https://learn.microsoft.com/windows/win32/sync/mutex-objects
 *
 * @param scope `'global'`: of all sessions, for sections in `Global\`; making the first needs SeCreateGlobalPrivilege
 */
export function openWindowsRegistry(scope: number | 'everyone' | 'global'): RegistrySystem {
  const wide = scope === 'everyone' || scope === 'global';
  const prefix = `${scope === 'global' ? 'Global' : 'Local'}\\mapfile-participants-v${VERSION}${wide ? '-everyone' : ''}`;
  const sddl = wide ? EVERYONE : null;
  const section = withDescriptor(sddl, (attributes) => {
    const handle = win.CreateFileMappingW(
      win.INVALID_HANDLE_VALUE,
      attributes,
      win.PAGE_READWRITE,
      0,
      BYTE_LENGTH,
      prefix,
    );
    if (handle === null) throw systemError(lastFailure('CreateFileMappingW'), ACTION, prefix);
    return handle;
  });
  const base = win.MapViewOfFile(section, win.FILE_MAP_READ | win.FILE_MAP_WRITE, 0, 0, BYTE_LENGTH);
  if (base === null) throw systemError(lastFailure('MapViewOfFile'), ACTION, prefix);
  // SAFETY: the view is never unmapped, so the words are valid as long as the process.
  const words = new Int32Array(viewOf(base, BYTE_LENGTH));
  // A new section is all zero, which is an empty registry: whoever comes first says what it is.
  for (const [word, value] of [
    [HEADER.magic, MAGIC],
    [HEADER.version, VERSION],
    [HEADER.slots, SLOTS],
  ] as const) {
    const seen = Atomics.compareExchange(words, word, 0, value);
    if (seen === 0 || seen === value) continue;
    throw new MapFileError('ERR_CORRUPT', `Cannot ${ACTION}: the section ${prefix} is none of ours`, {
      name: prefix,
      detail: `word ${word} is ${seen}`,
    });
  }
  return new WindowsRegistry(words, prefix, sddl);
}

interface Bells {
  readonly id: number;
  readonly sync: win.HANDLE | null;
  readonly async: win.HANDLE | null;
}

interface Life {
  readonly id: number;
  readonly mutex: win.HANDLE;
}

/**
 * The lives of this thread, also those that another copy of this package has begun in it: a thread that asked for its own
 * mutex would get it, and take itself for dead.
 */
const ownLives = shared(Symbol.for('mapfile.lives'));

function shared(key: symbol): Set<string> {
  const globals = globalThis as unknown as Record<symbol, Set<string> | undefined>;
  const found = globals[key] ?? new Set<string>();
  globals[key] = found;
  return found;
}

class WindowsRegistry implements RegistrySystem {
  readonly words: Int32Array;
  readonly #prefix: string;
  readonly #sddl: string | null;
  readonly #others = new Map<number, Bells>();
  /** By slot: mutexes of the living, kept open so that asking again is one call. */
  readonly #lives = new Map<number, Life>();
  #life: win.HANDLE | undefined;
  #sync: win.HANDLE | undefined;
  #async: win.HANDLE | undefined;

  constructor(words: Int32Array, prefix: string, sddl: string | null) {
    this.words = words;
    this.#prefix = prefix;
    this.#sddl = sddl;
  }

  prepare(id: ParticipantId): void {
    withDescriptor(this.#sddl, (attributes) => {
      this.#life = made(win.CreateMutexW(attributes, win.TRUE, this.#path(id, 'life')), 'CreateMutexW');
      this.#sync = made(win.CreateEventW(attributes, win.FALSE, win.FALSE, this.#path(id, 'sync')), 'CreateEventW');
      ownLives.add(this.#path(id, 'life'));
      this.#async = made(win.CreateEventW(attributes, win.FALSE, win.FALSE, this.#path(id, 'async')), 'CreateEventW');
    });
  }

  claim(slot: number, id: ParticipantId): boolean {
    // The mutex is ours already, so from this store on the slot is a living one.
    if (Atomics.compareExchange(this.words, slotWord(slot, SLOT.id), 0, id) !== 0) return false;
    return true;
  }

  lives(slot: number, id: ParticipantId): boolean {
    let life = this.#lives.get(slot);
    if (life?.id !== id) {
      this.#forgetLife(slot);
      const path = this.#path(id, 'life');
      if (ownLives.has(path)) return true;
      const mutex = win.OpenMutexW(LIFE_RIGHTS, win.FALSE, path);
      // No object: nobody has a handle any more. One that we may not open: somebody has.
      if (mutex === null) return win.GetLastError() === win.ERROR_ACCESS_DENIED;
      life = { id, mutex };
      this.#lives.set(slot, life);
    }
    const answer = win.WaitForSingleObject(life.mutex, 0);
    if (answer !== win.WAIT_OBJECT_0 && answer !== win.WAIT_ABANDONED) return true;
    // The mutex is still there, by our handle or that of a terminated Worker's process, but nobody's.
    win.ReleaseMutex(life.mutex);
    this.#forgetLife(slot);
    return false;
  }

  #forgetLife(slot: number): void {
    const life = this.#lives.get(slot);
    if (!life) return;
    this.#lives.delete(slot);
    win.CloseHandle(life.mutex);
  }

  wakeSync(slot: number, id: ParticipantId): void {
    const { sync } = this.#bells(slot, id);
    if (sync !== null) win.SetEvent(sync);
  }

  wakeAsync(slot: number, id: ParticipantId): void {
    const event = this.#bells(slot, id).async;
    if (event !== null) win.SetEvent(event);
  }

  sleepSync(slot: number, seen: number, ms: number): void {
    if (Atomics.load(this.words, slotWord(slot, SLOT.syncBell)) !== seen) return;
    // The event stays set for a ring in between; one that is left from before costs a needless look.
    win.WaitForSingleObject(this.#sync!, Math.ceil(ms));
  }

  listen(_slot: number, id: ParticipantId, heard: () => void, failed: () => void): Hearing {
    const event = this.#async!;
    const wake = () => {
      win.SetEvent(event);
    };
    return listenByWorker(
      { source: EVENT_WORKER, data: { koffi: koffiPath, name: this.#path(id, 'async') }, wake },
      heard,
      failed,
    );
  }

  leave(): void {
    // The system does all of this when the process ends; a Worker's process lives on.
    if (isMainThread) return;
    win.ReleaseMutex(this.#life!);
    for (const handle of [this.#life!, this.#sync!, this.#async!]) win.CloseHandle(handle);
    for (const slot of [...this.#lives.keys()]) this.#forgetLife(slot);
    for (const { sync, async } of this.#others.values()) {
      if (sync !== null) win.CloseHandle(sync);
      if (async !== null) win.CloseHandle(async);
    }
  }

  /** Another participant's events; kept open until its slot has another owner. */
  #bells(slot: number, id: number): Bells {
    const known = this.#others.get(slot);
    if (known?.id === id) return known;
    if (known && known.sync !== null) win.CloseHandle(known.sync);
    if (known && known.async !== null) win.CloseHandle(known.async);
    const open = (purpose: string) => win.OpenEventW(win.EVENT_MODIFY_STATE, win.FALSE, this.#path(id, purpose));
    const bells: Bells = { id, sync: open('sync'), async: open('async') };
    this.#others.set(slot, bells);
    return bells;
  }

  #path(id: number, purpose: string): string {
    return `${this.#prefix}-${id}-${purpose}`;
  }
}

function made(handle: win.HANDLE | null, syscall: string): win.HANDLE {
  if (handle === null) throw systemError(lastFailure(syscall), ACTION, 'participants');
  return handle;
}
