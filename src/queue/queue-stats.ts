import { isMapFileError } from '../base/errors.ts';
import type { QueueCore } from './queue-core.ts';
import { COMMITTED, DONE, HEADER, STAGE, STATE_MASK } from './queue-layout.ts';
import { HEAD, TAIL } from './ring.ts';

/** What is in a queue, and what has gone through it. A kill may leave each counter wrong by one. */
export interface QueueStats {
  /** Messages of the largest size that fit at least. */
  readonly capacity: number;
  /** Bytes of the ring. */
  readonly byteLength: number;
  /** Bytes that records and padding take now. */
  readonly usedBytes: number;
  /** Messages that can be received now. */
  readonly ready: number;
  /** Claims that are open. */
  readonly claimed: number;
  /** Deliveries that are not acknowledged. */
  readonly delivered: number;
  /** Messages that were sent since the queue was made. */
  readonly sent: number;
  /** Messages that left the queue: received or acknowledged. */
  readonly received: number;
  /** Messages that were handed out again. */
  readonly redelivered: number;
  /** Claims of dead producers that were skipped. */
  readonly dropped: number;
  readonly ended: boolean;
  readonly cancelled: boolean;
}

interface Counts {
  ready: number;
  claimed: number;
  delivered: number;
}

/** Counts the records. Exact, except from outside of a queue for one consumer while that one receives. */
export function queueStats(core: QueueCore<unknown, unknown, never>): QueueStats {
  const { ring, consumer } = core;
  const counts = ring.consumers.many
    ? core.insideConsumers(() => count(consumer.records()))
    : countOutside(() => count(consumer.records()));
  const { dataView } = ring;
  const received = dataView.getFloat64(HEADER.received, true);
  return {
    capacity: ring.capacity,
    byteLength: ring.size,
    usedBytes: Math.min(ring.distance(ring.position(HEAD), ring.position(TAIL)), ring.size),
    ...counts,
    sent: received + counts.ready + counts.delivered,
    received,
    redelivered: dataView.getFloat64(HEADER.redelivered, true),
    dropped: dataView.getFloat64(HEADER.dropped, true),
    ended: ring.stage !== STAGE.open,
    cancelled: ring.stage === STAGE.cancelled,
  };
}

function count(records: Iterable<{ readonly mark: number }>): Counts {
  const counts: Counts = { ready: 0, claimed: 0, delivered: 0 };
  for (const { mark } of records) {
    const state = mark & STATE_MASK;
    if (state < 0) counts.claimed += 1;
    else if (state === COMMITTED) counts.ready += 1;
    else if (state !== DONE) counts.delivered += 1;
  }
  return counts;
}

/** A walk that the consumer overtakes reads nonsense and says so; the next one may be faster. */
function countOutside(walk: () => Counts): Counts {
  for (let tries = 100; ; tries--) {
    try {
      return walk();
    } catch (error) {
      if (tries === 0 || !isMapFileError(error, 'ERR_CORRUPT')) throw error;
    }
  }
}
