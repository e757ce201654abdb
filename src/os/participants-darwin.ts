import { closeSync, constants, mkdirSync, openSync, unlinkSync } from 'node:fs';
import type { MemoryScope } from '../base/memory.ts';
import type { ParticipantId } from '../base/participants.ts';
import { type Address, koffiPath } from '../ffi/koffi.ts';
import { flock, LOCK_EX, LOCK_NB, LOCK_SH } from '../ffi/libc.ts';
import { __ulock_wait, __ulock_wake, UL_COMPARE_AND_WAIT_SHARED, ULF_WAKE_ALL } from '../ffi/libc-threads.ts';
import { listenByWorker } from './bell-worker.ts';
import { openRegistryFile, registryWords } from './participants-file.ts';
import { SLOT, slotWord, VERSION } from './participants-layout.ts';
import { ULOCK_WORKER } from './participants-worker.ts';
import type { Hearing, RegistrySystem } from './registry.ts';

/**
 * The registry of macOS: a file in /tmp. There are no robust mutexes, so a participant's life is an exclusive flock of a
 * little file of its own beside the registry, `<registry>.life/<id>`. The kernel releases it when the process ends; Node
 * closes the descriptor, and so releases it, when a Worker is terminated.
 */
export function openDarwinRegistry(scope: MemoryScope): RegistrySystem {
  const everyone = typeof scope !== 'number';
  const path = `/tmp/.mapfile-participants-v${VERSION}.${everyone ? 'everyone' : scope}`;
  mkdirSync(`${path}.life`, { recursive: true, mode: everyone ? 0o1777 : 0o700 });
  const { base, leave } = openRegistryFile({
    path,
    mode: everyone ? 0o666 : 0o600,
    ...(everyone ? {} : { uid: scope }),
  });
  return new DarwinRegistry(registryWords(base, path), base, `${path}.life`, everyone ? 0o644 : 0o600, leave);
}

class DarwinRegistry implements RegistrySystem {
  readonly words: Int32Array;
  readonly #base: bigint;
  readonly #folder: string;
  readonly #mode: number;
  readonly #leave: () => void;
  #life = '';

  constructor(words: Int32Array, base: bigint, folder: string, mode: number, leave: () => void) {
    this.words = words;
    this.#base = base;
    this.#folder = folder;
    this.#mode = mode;
    this.#leave = leave;
  }

  prepare(id: ParticipantId): void {
    this.#life = `${this.#folder}/${id}`;
    // Kept open, and so locked, until the thread's environment ends.
    const fd = openSync(this.#life, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, this.#mode);
    flock(fd, LOCK_EX);
  }

  claim(slot: number, id: ParticipantId): boolean {
    return Atomics.compareExchange(this.words, slotWord(slot, SLOT.id), 0, id) === 0;
  }

  lives(_slot: number, id: ParticipantId): boolean {
    const path = `${this.#folder}/${id}`;
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch {
      return false;
    }
    try {
      if (flock(fd, LOCK_SH | LOCK_NB) !== 0) return true;
      unlinkSync(path);
      return false;
    } catch {
      return false; // another user's, or removed meanwhile: dead in any case
    } finally {
      closeSync(fd);
    }
  }

  wakeSync(slot: number): void {
    __ulock_wake(UL_COMPARE_AND_WAIT_SHARED | ULF_WAKE_ALL, this.#address(slot, SLOT.syncBell), 0n);
  }

  wakeAsync(slot: number): void {
    __ulock_wake(UL_COMPARE_AND_WAIT_SHARED | ULF_WAKE_ALL, this.#address(slot, SLOT.asyncBell), 0n);
  }

  sleepSync(slot: number, seen: number, ms: number): void {
    // The kernel compares the word with `seen` and sleeps in one step; a time-out of 0 would be for ever.
    const microseconds = Math.max(1, Math.ceil(ms * 1000));
    __ulock_wait(UL_COMPARE_AND_WAIT_SHARED, this.#address(slot, SLOT.syncBell), BigInt(seen >>> 0), microseconds);
  }

  listen(slot: number, _id: ParticipantId, heard: () => void, failed: () => void): Hearing {
    const bell = slotWord(slot, SLOT.asyncBell);
    const data = { koffi: koffiPath, address: this.#address(slot, SLOT.asyncBell), seen: this.words[bell] };
    const wake = () => {
      Atomics.add(this.words, bell, 1);
      this.wakeAsync(slot);
    };
    return listenByWorker({ source: ULOCK_WORKER, data, wake }, heard, failed);
  }

  leave(): void {
    try {
      unlinkSync(this.#life);
    } catch {
      // Somebody has taken us for dead and cleaned up.
    }
    this.#leave();
  }

  #address(slot: number, word: number): Address {
    // SAFETY: within the mapping, which is never removed.
    return (this.#base + BigInt(slotWord(slot, word) * 4)) as Address;
  }
}
