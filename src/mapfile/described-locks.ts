import type { AnyCodec } from '../codec/codec.ts';
import { defineCodec } from '../codec/define-codec.ts';
import { AutoResetEvent } from '../sync/auto-reset-event.ts';
import { Condition } from '../sync/condition.ts';
import { CountingSemaphore } from '../sync/counting-semaphore.ts';
import { ManualResetEvent } from '../sync/manual-reset-event.ts';
import { Mutex } from '../sync/mutex.ts';
import { RwLock } from '../sync/rw-lock.ts';
import { Semaphore } from '../sync/semaphore.ts';

/**
 * The codec of a lock that a layout table names, so that an object which describes itself has live locks, and neither `write`
 * nor an undo touches their bytes. Other custom members come as bytes.
 */
export function describedLock(name: string): AnyCodec | undefined {
  if (name === 'mutex') return Mutex.codec;
  if (name === 'recursive mutex') return Mutex.codecWith({ recursive: true });
  if (name === 'auto-reset event') return AutoResetEvent.codec;
  if (name === 'manual-reset event') return ManualResetEvent.codec;
  const [, kind, first, second] = /^(\D+) (\d+)(?:\/(\d+))?$/.exec(name) ?? [];
  if (first === undefined) return undefined;
  const count = Number(first);
  if (kind === 'semaphore of') return Semaphore.codec({ permits: count });
  if (kind === 'reader-writer lock of') return RwLock.codec({ readers: count });
  if (kind === 'counting semaphore') return CountingSemaphore.codec({ initial: count, maximum: Number(second) });
  // Where its mutex stands is not in the table: it can be neither used nor broken.
  if (kind === 'condition of')
    return defineCodec({ name, byteLength: Condition.byteLengthFor(count), byteAlignment: 4, live: () => name });
  return undefined;
}
