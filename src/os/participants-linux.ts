import { MapFileError } from '../base/errors.ts';
import { arch } from '../base/host.ts';
import type { ParticipantId } from '../base/participants.ts';
import type { Address } from '../ffi/koffi.ts';
import { madvise } from '../ffi/libc.ts';
import { MADV_REMOVE } from '../ffi/libc-linux.ts';
import {
  EOWNERDEAD,
  FUTEX_OWNER_DIED,
  FUTEX_TID_MASK,
  FUTEX_WAIT,
  FUTEX_WAKE,
  PTHREAD_MUTEX_ROBUST,
  PTHREAD_PROCESS_SHARED,
  pthread_mutex_consistent,
  pthread_mutex_init,
  pthread_mutex_trylock,
  pthread_mutex_unlock,
  pthread_mutexattr_init,
  pthread_mutexattr_setpshared,
  pthread_mutexattr_setrobust,
  SYS_FUTEX,
  syscall_futex,
} from '../ffi/libc-threads.ts';
import { openRegistryFile, registryWords } from './participants-file.ts';
import { BYTE_LENGTH, HEADER, SLOT, SLOTS, slotWord, VERSION } from './participants-layout.ts';
import { PosixBells } from './posix-bell.ts';
import type { Hearing, RegistrySystem } from './registry.ts';

/** Wakes all who sleep on a word: the largest int. */
const ALL = 0x7fff_ffff;
const FOLDER = '/dev/shm/';
const GLIBC = 1;
const MUSL = 2;
/** Where the lock word that the kernel knows stands in a mutex: first in glibc's, behind the type in musl's. */
const LIFE_WORD: Readonly<Record<number, number>> = { [GLIBC]: 0, [MUSL]: 1 };

/**
 * The registry of Linux: a file in /dev/shm, where the segments are. A participant's life is a robust mutex that its thread
 * holds; when the thread ends, however, the kernel marks the mutex's word (futex(2), "robust futexes"), so whether it lives
 * is a load. This holds across PID namespaces and does not look at PIDs.
 *
 * @param scope the user whose threads take part, or everyone's
 */
export function openLinuxRegistry(scope: number | 'everyone' | 'global'): RegistrySystem {
  const owner = scope === 'global' ? 'everyone' : scope; // one name space for all sessions here
  const flavor = libcFlavor();
  const path = `${FOLDER}.mapfile-participants-v${VERSION}.${owner}`;
  const rights = owner === 'everyone' ? { mode: 0o666 } : { mode: 0o600, uid: owner };
  const bells = new PosixBells({ ...rights, folder: FOLDER, prefix: `.mapfile-bell-v${VERSION}.${owner}` });
  const file = openRegistryFile({
    ...rights,
    path,
    initialise: (words, base) => initialise(words, base, flavor),
    last: () => bells.removeAll(),
  });
  const { base } = file;
  const words = registryWords(base, path);
  if (words[HEADER.flavor] !== flavor) {
    const feature = 'participants of two C libraries (glibc and musl) in one /dev/shm';
    throw new MapFileError('ERR_PLATFORM_UNSUPPORTED', `Cannot join ${path}: ${feature}, run all with the same one`, {
      feature,
      platform: 'linux',
    });
  }
  return new LinuxRegistry(words, base, flavor, bells, file.leave);
}

class LinuxRegistry implements RegistrySystem {
  readonly words: Int32Array;
  readonly #leaveFile: () => boolean;
  readonly #base: Address;
  readonly #lifeWord: number;
  readonly #bells: PosixBells;
  readonly #futex = SYS_FUTEX[arch]!;
  readonly #slice = new BigInt64Array(2);
  #life: Address | undefined;

  constructor(words: Int32Array, base: Address, flavor: number, bells: PosixBells, leave: () => boolean) {
    this.words = words;
    this.#leaveFile = leave;
    this.#bells = bells;
    this.#base = base;
    this.#lifeWord = SLOT.life + LIFE_WORD[flavor]!;
  }

  prepare(): void {}

  claim(slot: number): boolean {
    const life = this.#address(slot, SLOT.life);
    const result = pthread_mutex_trylock(life);
    if (result === EOWNERDEAD) pthread_mutex_consistent(life);
    else if (result !== 0) return false;
    this.#life = life;
    return true;
  }

  lives(slot: number): boolean {
    const word = Atomics.load(this.words, slotWord(slot, this.#lifeWord));
    return (word & FUTEX_TID_MASK) !== 0 && (word & FUTEX_OWNER_DIED) === 0;
  }

  wakeSync(slot: number): void {
    syscall_futex(this.#futex, this.#address(slot, SLOT.syncBell), FUTEX_WAKE, ALL, null, 0, 0);
  }

  wakeAsync(slot: number, id: ParticipantId): void {
    this.#bells.ring(slot, id);
  }

  sleepSync(slot: number, seen: number, ms: number): void {
    const nanoseconds = Math.ceil(ms * 1e6);
    this.#slice[0] = BigInt(Math.floor(nanoseconds / 1e9));
    this.#slice[1] = BigInt(nanoseconds % 1e9);
    // The kernel compares the word with `seen` and sleeps in one step, so a ring in between is not lost.
    syscall_futex(this.#futex, this.#address(slot, SLOT.syncBell), FUTEX_WAIT, seen >>> 0, this.#slice, 0, 0);
  }

  listen(_slot: number, id: ParticipantId, heard: () => void): Hearing {
    return this.#bells.listen(id, heard);
  }

  bury(id: ParticipantId): void {
    this.#bells.remove(id);
  }

  leave(): void {
    if (!this.#leaveFile()) return;
    // A Worker's process lives on, with the mapping: the memory of a file that nobody will find again goes here. Later exit
    // handlers read zeros, nobody else is there.
    pthread_mutex_unlock(this.#life!); // or the kernel would look for the thread's other mutexes through this one
    madvise(this.#base, BYTE_LENGTH, MADV_REMOVE);
  }

  #address(slot: number, word: number): Address {
    // SAFETY: within the mapping, which lives as long as the process: a thread may end with its mutex locked, and the
    // kernel then writes to it.
    return (this.#base + BigInt(slotWord(slot, word) * 4)) as Address;
  }
}

function initialise(words: Int32Array, base: Address, flavor: number): void {
  const attributes = new Uint8Array(64);
  pthread_mutexattr_init(attributes);
  pthread_mutexattr_setpshared(attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(attributes, PTHREAD_MUTEX_ROBUST);
  for (let slot = 0; slot < SLOTS; slot++) {
    // SAFETY: 64 bytes per life (participants-layout.ts); the largest mutex of a supported libc has 48.
    pthread_mutex_init((base + BigInt(slotWord(slot, SLOT.life) * 4)) as Address, attributes);
  }
  Atomics.store(words, HEADER.flavor, flavor);
}

/** Whose mutex this is: the first word that locking changes is where the C library keeps the lock. */
function libcFlavor(): number {
  const mutex = new Int32Array(16);
  const attributes = new Uint8Array(64);
  pthread_mutexattr_init(attributes);
  pthread_mutex_init(mutex, attributes);
  const before = mutex[0];
  pthread_mutex_trylock(mutex);
  const flavor = mutex[0] === before ? MUSL : GLIBC;
  pthread_mutex_unlock(mutex);
  return flavor;
}
