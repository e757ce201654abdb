import { isMapFileError } from '../base/errors.ts';
import { show } from '../base/show.ts';

/**
 * For messages that stand for something which has an owner. A SharedHeap is one, for queues of block handles: a block belongs to
 * the thread that allocated it, then to nobody while its handle travels, then to the thread that received it; and whichever of
 * them is killed, the block is reclaimed or delivered, not both.
 *
 * `send` and `commit` disown a message just before receivers can see it. `receive` and `ack` adopt it just before it leaves the
 * queue. Each may happen a second time if the first caller was killed in it.
 *
 * What is gone is said with ERR_STALE_HANDLE or ERR_INVALID_HANDLE. Whatever else is thrown goes to the caller, and the message
 * stays for the next receiver. A value that stands for nothing, as the `null` of `blockHandle`, has no owner: it cannot be
 * sent through such a queue.
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
    if (!isGone(error)) throw error;
  }
}

/** Whether an ownership threw because there is nothing to own any more. */
export function isGone(error: unknown): boolean {
  return isMapFileError(error, 'ERR_STALE_HANDLE') || isMapFileError(error, 'ERR_INVALID_HANDLE');
}

/** @throws TypeError if it is none: found here, and not by the first message */
export function checkOwnership(ownership: unknown): void {
  if (ownership === undefined) return;
  const { adopt, disown } = (ownership ?? {}) as { adopt?: unknown; disown?: unknown };
  if (typeof adopt === 'function' && typeof disown === 'function') return;
  throw new TypeError(`Cannot use ${show(ownership)} as ownership: pass the SharedHeap, or { adopt, disown }`);
}
