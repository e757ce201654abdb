/** Every primitive that somebody can hold, so that one test goes through all of them. */
import type { Memory } from '../../src/base/memory.ts';
import type { Participants, WaitOptions } from '../../src/base/participants.ts';
import { type Guard, Mutex, RwLock, Semaphore } from '../../src/sync/index.ts';

export interface Holdable {
  tryAcquire(): Guard | undefined;
  acquireSync(options?: WaitOptions): Guard;
  acquire(options?: WaitOptions): Promise<Guard>;
}

export interface Kind {
  /** The side that is held. */
  holder(memory: Memory, byteOffset: number, participants?: Participants): Holdable;
  /** The side that cannot get in meanwhile. */
  waiter(memory: Memory, byteOffset: number, participants?: Participants): Holdable;
  /** Whether the waiter is told that the holder died: a dead reader has broken nothing. */
  readonly tells: boolean;
}

const mutex = (recursive: boolean) => (memory: Memory, at: number, participants?: Participants) => {
  const lock = new Mutex(memory, at, { recursive, ...(participants && { participants }) });
  return {
    tryAcquire: () => lock.tryLock(),
    acquireSync: (o?: WaitOptions) => lock.lockSync(o),
    acquire: (o?: WaitOptions) => lock.lock(o),
  };
};

const reading = (memory: Memory, at: number, participants?: Participants) => {
  const lock = new RwLock(memory, at, { ...(participants && { participants }) });
  return {
    tryAcquire: () => lock.tryLockRead(),
    acquireSync: (o?: WaitOptions) => lock.lockReadSync(o),
    acquire: (o?: WaitOptions) => lock.lockRead(o),
  };
};

const writing = (memory: Memory, at: number, participants?: Participants) => {
  const lock = new RwLock(memory, at, { ...(participants && { participants }) });
  return {
    tryAcquire: () => lock.tryLockWrite(),
    acquireSync: (o?: WaitOptions) => lock.lockWriteSync(o),
    acquire: (o?: WaitOptions) => lock.lockWrite(o),
  };
};

const permit = (memory: Memory, at: number, participants?: Participants) =>
  new Semaphore(memory, at, { permits: 1, ...(participants && { participants }) });

/** Bytes that any of them fits in. */
export const KIND_BYTES = 256;

export const kinds: Readonly<Record<string, Kind>> = {
  Mutex: { holder: mutex(false), waiter: mutex(false), tells: true },
  'recursive Mutex': { holder: mutex(true), waiter: mutex(true), tells: true },
  'RwLock, writer before writer': { holder: writing, waiter: writing, tells: true },
  'RwLock, writer before reader': { holder: writing, waiter: reading, tells: true },
  'RwLock, reader before writer': { holder: reading, waiter: writing, tells: false },
  Semaphore: { holder: permit, waiter: permit, tells: true },
};
