import type { ParticipantId } from '../base/participants.ts';

/**
 * Messages that stand for something which has an owner: the blocks of a SharedHeap. The queue says whose they are while they
 * travel, and a kill at any step leaves each with exactly one owner.
 *
 * `send` passes a message to the queue (`to` is 0) just before it becomes visible; `receive` and `ack` pass it to the
 * receiver just before it leaves the queue.
 */
export interface MessageOwnership<T> {
  /**
   * What `message` names belongs to `to` from now on; 0: to a queue, and nobody may reclaim it.
   *
   * Called a second time with the same arguments if the first caller died in it. Must not throw if what the message names is
   * gone.
   */
  pass(message: T, to: ParticipantId | 0): void;
}
