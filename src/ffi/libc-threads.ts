/**
 * The calls of libc that participants need: a lock that the kernel releases with its thread, and sleeping on a word.
 * Native names; each function is bound at its first call.
 */
import { type Address, library } from './koffi.ts';

const linux = library(null, ['linux']);
const darwin = library(null, ['darwin']);

/** https://man7.org/linux/man-pages/man3/pthread_mutexattr_init.3.html */
export const pthread_mutexattr_init: (attrOut: Uint8Array) => number = linux.lazy(
  'int pthread_mutexattr_init(void *attr)',
);

/** https://man7.org/linux/man-pages/man3/pthread_mutexattr_getpshared.3.html */
export const pthread_mutexattr_setpshared: (attr: Uint8Array, pshared: number) => number = linux.lazy(
  'int pthread_mutexattr_setpshared(void *attr, int pshared)',
);

/** https://man7.org/linux/man-pages/man3/pthread_mutexattr_setrobust.3.html */
export const pthread_mutexattr_setrobust: (attr: Uint8Array, robustness: number) => number = linux.lazy(
  'int pthread_mutexattr_setrobust(void *attr, int robustness)',
);

/** https://man7.org/linux/man-pages/man3/pthread_mutex_init.3.html */
export const pthread_mutex_init: (mutex: Address | Int32Array, attr: Uint8Array) => number = linux.lazy(
  'int pthread_mutex_init(void *mutex, void *attr)',
);

/** https://man7.org/linux/man-pages/man3/pthread_mutex_lock.3.html; answers an errno. */
export const pthread_mutex_trylock: (mutex: Address | Int32Array) => number = linux.lazy(
  'int pthread_mutex_trylock(void *mutex)',
);

/** https://man7.org/linux/man-pages/man3/pthread_mutex_unlock.3p.html */
export const pthread_mutex_unlock: (mutex: Address | Int32Array) => number = linux.lazy(
  'int pthread_mutex_unlock(void *mutex)',
);

/** https://man7.org/linux/man-pages/man3/pthread_mutex_consistent.3.html */
export const pthread_mutex_consistent: (mutex: Address) => number = linux.lazy(
  'int pthread_mutex_consistent(uintptr_t mutex)',
);

/**
 * https://man7.org/linux/man-pages/man2/futex.2.html, by syscall(2): libc has no wrapper. Variadic in C; on x86-64 and
 * arm64 Linux integer arguments are passed the same way.
 */
export const syscall_futex: (
  number: number,
  uaddr: Address,
  operation: number,
  value: number,
  timeout: BigInt64Array | null,
  uaddr2: number,
  value3: number,
) => number = linux.lazy(
  'long syscall(long number, uintptr_t uaddr, int op, uint32_t val, const void *timeout, uintptr_t uaddr2, uint32_t val3)',
);

/** xnu bsd/sys/ulock.h: `int __ulock_wait(uint32_t operation, void *addr, uint64_t value, uint32_t timeout_us)`. */
export const __ulock_wait: (operation: number, address: Address, value: bigint, timeoutUs: number) => number =
  darwin.lazy('int __ulock_wait(uint32_t operation, uintptr_t addr, uint64_t value, uint32_t timeout)');

/** xnu bsd/sys/ulock.h: `int __ulock_wake(uint32_t operation, void *addr, uint64_t wake_value)`. */
export const __ulock_wake: (operation: number, address: Address, wakeValue: bigint) => number = darwin.lazy(
  'int __ulock_wake(uint32_t operation, uintptr_t addr, uint64_t wake_value)',
);

export const PTHREAD_PROCESS_SHARED = 1;
export const PTHREAD_MUTEX_ROBUST = 1;
export const EOWNERDEAD = 130;
export const FUTEX_WAIT = 0;
export const FUTEX_WAKE = 1;

/** The number of futex(2) by Node's name of the processor. */
export const SYS_FUTEX: Readonly<Record<string, number>> = { x64: 202, arm64: 98, arm: 240, ia32: 240, riscv64: 422 };

/** linux/futex.h: set by the kernel in a robust lock's word when its owner has died. */
export const FUTEX_OWNER_DIED = 0x4000_0000;
/** linux/futex.h: the owner's thread id in a robust lock's word. */
export const FUTEX_TID_MASK = 0x3fff_ffff;

/** xnu bsd/sys/ulock.h: compare a 32-bit word and wait, between processes. */
export const UL_COMPARE_AND_WAIT_SHARED = 3;
/** xnu bsd/sys/ulock.h: wake all of them. */
export const ULF_WAKE_ALL = 0x100;
