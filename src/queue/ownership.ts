import { isMapFileError } from '../base/errors.ts';

/**
 * For messages that stand for something which has an owner. A SharedHeap is one, for queues of block handles: a block belongs to
 * the thread that allocated it, then to nobody while its handle travels, then to the thread that received it; and whichever of
 * them is killed, the block is reclaimed or delivered, not both.
 *
 * `send` and `commit` disown a message just before receivers can see it. `receive` and `ack` adopt it just before it leaves the
 * queue. Each may happen a second time if the first caller was killed in it.
 */
export interface MessageOwnership<T> {
  /** It belongs to the calling thread. */
  adopt(message: T): void;
  /** It belongs to nobody, and nobody may reclaim it. */
  disown(message: T): void;
}

/** Adopts what is still there: the receiver may have freed it before its `ack`. */
export function adoptIfThere<T>(ownership: MessageOwnership<T>, message: T): void {
  try {
    ownership.adopt(message);
  } catch (error) {
    if (!isMapFileError(error, 'ERR_STALE_HANDLE') && !isMapFileError(error, 'ERR_INVALID_HANDLE')) throw error;
  }
}
