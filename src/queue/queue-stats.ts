import { isMapFileError } from '../base/errors.ts';
import type { Gate } from './gate.ts';
import type { QueueCore } from './queue-core.ts';
import { COMMITTED, DONE, HEADER, STAGE, STATE_MASK } from './queue-layout.ts';
import { HEAD, type Ring, TAIL } from './ring.ts';
import { limits, passWithin } from './wait-line.ts';

/** What is in a queue, and what has gone through it. A kill may leave each counter wrong by one. */
export interface QueueStats {
  /** Messages of the largest size that fit at least. */
  readonly capacity: number;
  /** Bytes of the ring. */
  readonly byteLength: number;
  /** Bytes that records and padding take now. */
  readonly usedBytes: number;
  /** Messages that nobody has taken, those behind an open claim among them. */
  readonly ready: number;
  /** Claims that are open, or of a dead producer that no receiver has come by yet. An only producer's claim does not show: 0. */
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

/** Whoever is inside the gate for longer than this does not run. */
const PATIENCE_MS = 20;

/**
 * Exact inside the gate. Without it, which is to say in a queue for one consumer, and where somebody was stopped inside, what has
 * left meanwhile may be counted.
 */
export function queueStats(core: QueueCore<unknown, unknown, never>): QueueStats {
  const { ring } = core;
  const gate = ring.consumers;
  const isInside = gate.many && entersInTime(gate);
  try {
    return figures(ring);
  } finally {
    if (isInside) gate.leave();
  }
}

function entersInTime(gate: Gate): boolean {
  const within = limits({ timeoutMs: PATIENCE_MS });
  try {
    while (!gate.tryEnter()) passWithin(gate, 'the receiving end', within);
    return true;
  } catch (error) {
    if (!isMapFileError(error, 'ERR_TIMEOUT')) throw error;
    return false;
  }
}

function figures(ring: Ring): QueueStats {
  const counts = count(ring);
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

/** Walks from the head to where the tail is now. Whenever the head has overtaken the walk, it begins anew there. */
function count(ring: Ring): Counts {
  let counts: Counts = { ready: 0, claimed: 0, delivered: 0 };
  const tail = ring.position(TAIL);
  for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
    const head = ring.position(HEAD);
    const ahead = ring.distance(head, tail);
    // Beyond where the tail was: all of it has left.
    if (ahead === 0 || ahead > ring.size) return { ready: 0, claimed: 0, delivered: 0 };
    if (ahead < left) {
      left = ahead;
      counts = { ready: 0, claimed: 0, delivered: 0 };
    }
    const at = ring.at(ring.forward(tail, 2 * ring.size - left));
    const mark = ring.mark(at);
    if (ring.position(HEAD) !== head) continue;
    left -= ring.recordBytes(at, mark, left);
    const state = mark & STATE_MASK;
    if (state < 0) counts.claimed += 1;
    else if (state === COMMITTED) counts.ready += 1;
    else if (state !== DONE) counts.delivered += 1;
  }
  return counts;
}
