/** Locks and waits in shared memory that survive a killed process and never block the event loop. */

export type { ParticipantId, Participants, WaitOptions } from '../base/participants.ts';
export { AutoResetEvent } from './auto-reset-event.ts';
export type { PrimitiveCodec } from './codecs.ts';
export { Condition, type ConditionOptions } from './condition.ts';
export { CountingSemaphore, type CountingSemaphoreOptions } from './counting-semaphore.ts';
export { Guard } from './guard.ts';
export type { SameThread } from './lock-word.ts';
export { ManualResetEvent } from './manual-reset-event.ts';
export { Mutex, type MutexOptions } from './mutex.ts';
export { NamedEvent, type NamedEventOptions } from './named-event.ts';
export { NamedMutex, type NamedMutexOptions } from './named-mutex.ts';
export type { NamedOptions } from './named-object.ts';
export { NamedSemaphore, type NamedSemaphoreOptions } from './named-semaphore.ts';
export type { SyncOptions } from './options.ts';
export { RwLock, type RwLockOptions } from './rw-lock.ts';
export { Semaphore, type SemaphoreOptions } from './semaphore.ts';
