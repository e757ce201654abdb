import { MapFileError, readOnlyError } from '../base/errors.ts';
import type { MemoryRange } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { MAGIC } from '../base/resident.ts';
import { show } from '../base/show.ts';
import { LockWord } from '../sync/lock-word.ts';
import type { MessageForm } from './message-form.ts';
import { checkForm } from './message-form.ts';
import {
  FINGERPRINT_BYTES,
  FLAG,
  HEADER,
  HEADER_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_RING_BYTES,
  RECORD_ALIGNMENT,
  recordBytes,
  STAGE,
  VERSION,
} from './queue-layout.ts';

type AnyForm = MessageForm<never, unknown, never>;

/** How a queue is made. */
export interface QueueShape {
  /**
   * How many messages of the largest size it holds at least; exactly so many if all have one size (a codec's).
   */
  readonly capacity: number;
  /** 1: only one thread at a time sends, and pays no lock. Default `'many'`. */
  readonly producers?: 1 | 'many';
  /**
   * 1: only one thread at a time receives, and pays no lock. Default `'many'`.
   *
   * That one alone frees room when it receives, also the room of aborted and dead claims: until it does, or another takes its
   * place, those who wait for room wait.
   */
  readonly consumers?: 1 | 'many';
}

/** Bytes of memory that a queue of this shape needs. */
export function queueBytes(form: Pick<AnyForm, 'maxBytes' | 'fixedSize'>, shape: QueueShape): number {
  if (typeof shape !== 'object' || shape === null) {
    throw new TypeError(`Cannot create a queue of shape ${show(shape)}: pass { capacity }`);
  }
  const { capacity, producers = 'many', consumers = 'many' } = shape;
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new RangeError(
      `Cannot create a queue for ${show(capacity)} messages: capacity must be an integer of 1 or more`,
    );
  }
  for (const [end, count] of [
    ['producers', producers],
    ['consumers', consumers],
  ]) {
    if (count !== 1 && count !== 'many') {
      throw new RangeError(`Cannot create a queue with ${end}: ${show(count)}, expected 1 or 'many'`);
    }
  }
  const { maxBytes } = form;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0 || maxBytes > MAX_MESSAGE_BYTES) {
    throw new RangeError(
      `Cannot create a queue for messages of ${maxBytes} bytes: expected an integer from 0 to ${MAX_MESSAGE_BYTES}`,
    );
  }
  // Messages of different sizes meet the end of the ring anywhere: one more record than asked pays for the padding.
  const ringBytes = recordBytes(maxBytes) * (form.fixedSize ? capacity : capacity + 1);
  if (ringBytes > MAX_RING_BYTES) {
    throw new RangeError(
      `Cannot create a queue of ${ringBytes} bytes: the largest has ${MAX_RING_BYTES}, lower capacity or byteLength`,
    );
  }
  return HEADER_BYTES + ringBytes;
}

/** Whether a queue stands here. */
export function isFormatted(range: MemoryRange): boolean {
  return range.dataView.byteLength >= HEADER_BYTES && range.dataView.getUint32(HEADER.magic, true) === MAGIC.queue;
}

/** What a header of zeros is, or one that its maker left unfinished when it died: see {@link format}. */
function isVacant({ dataView }: MemoryRange): boolean {
  const version = dataView.getUint32(HEADER.version, true);
  if (version !== 0 && version !== VERSION) return false;
  for (let offset = 0; offset < HEADER_BYTES; offset += 4) {
    if (offset === HEADER.formatLock) continue;
    // In the order of the stores: before the version there is nothing, and the rest stays zero until there is a queue.
    const isDescription = offset >= HEADER.version && offset < HEADER.fingerprint + FINGERPRINT_BYTES;
    if (version !== 0 && isDescription && offset !== HEADER.stage) continue;
    if (dataView.getUint32(offset, true) !== 0) return false;
  }
  return true;
}

/** What memory of HEADER_BYTES or more holds. */
function contents(range: MemoryRange): 'queue' | 'nothing' | 'other' {
  if (isFormatted(range)) return 'queue';
  if (isVacant(range)) return 'nothing';
  // What was none yet may have become one while we looked.
  return isFormatted(range) ? 'queue' : 'other';
}

function wrongKind(name: string, what: string, remedy: string): MapFileError<'ERR_WRONG_KIND'> {
  return new MapFileError('ERR_WRONG_KIND', `Cannot ${what} ${name}: this memory holds something else, ${remedy}`, {
    name,
    expected: 'queue',
  });
}

/** Makes the queue unless one stands here; answers whether it made it. Many may call this at once, and die in it. */
export function formatOnce(
  range: MemoryRange,
  form: AnyForm,
  shape: QueueShape,
  participants: Participants,
  name: string,
): boolean {
  const bytes = queueBytes(form, shape);
  checkMemory(range, bytes, name);
  const found = contents(range);
  if (found === 'queue') return false;
  // Before the lock is touched, for it would be a word of that other thing.
  if (found === 'other') throw wrongKind(name, 'create', 'fill it with zeros or take other memory');
  const lock = new LockWord(range, HEADER.formatLock, participants, `the making of ${name}`);
  lock.acquireSync();
  try {
    if (isFormatted(range)) return false;
    format(range.dataView, bytes - HEADER_BYTES, form, shape);
    return true;
  } finally {
    lock.release();
  }
}

/** The header of a queue, for memory that is to appear with it. */
export function queueHeader(form: AnyForm, shape: QueueShape): ArrayBuffer {
  const header = new ArrayBuffer(HEADER_BYTES);
  format(new DataView(header), queueBytes(form, shape) - HEADER_BYTES, form, shape);
  return header;
}

function format(dataView: DataView, ringBytes: number, form: AnyForm, shape: QueueShape): void {
  dataView.setUint32(HEADER.version, VERSION, true);
  dataView.setUint32(HEADER.ringBytes, ringBytes, true);
  dataView.setUint32(HEADER.maxMessageBytes, form.maxBytes, true);
  dataView.setUint32(HEADER.capacity, shape.capacity, true);
  const flags =
    (shape.producers === 1 ? FLAG.oneProducer : 0) |
    (shape.consumers === 1 ? FLAG.oneConsumer : 0) |
    (form.fixedSize ? FLAG.fixedSize : 0);
  dataView.setUint32(HEADER.flags, flags, true);
  for (let i = 0; i < FINGERPRINT_BYTES; i++) {
    dataView.setUint8(HEADER.fingerprint + i, form.fingerprint.charCodeAt(i) || 0);
  }
  const words = new Int32Array(dataView.buffer, dataView.byteOffset, HEADER_BYTES / 4);
  dataView.setUint32(HEADER.stage, STAGE.open, true);
  for (let offset = HEADER.producersLock; offset < HEADER_BYTES; offset += 4) Atomics.store(words, offset / 4, 0);
  // ORDER: seq_cst, last; pairs with isFormatted(): whoever sees the magic sees the header.
  Atomics.store(words, HEADER.magic / 4, MAGIC.queue);
}

/**
 * Refuses memory whose header promises what the memory cannot hold, or messages of another kind. Answers the bytes of the
 * largest message.
 */
export function checkQueue(range: MemoryRange, form: AnyForm, name: string): number {
  checkMemory(range, HEADER_BYTES, name);
  const { dataView } = range;
  const found = contents(range);
  if (found === 'other') throw wrongKind(name, 'open', 'pass the memory that a queue was made in');
  if (found === 'nothing') {
    throw new MapFileError(
      'ERR_NAME_NOT_FOUND',
      `Cannot open ${name}: no queue stands in this memory, create it first`,
      {
        name,
      },
    );
  }
  const version = dataView.getUint32(HEADER.version, true);
  if (version !== VERSION) {
    const [expected, actual] = [`format ${VERSION}`, `format ${version}`];
    throw new MapFileError('ERR_LAYOUT_MISMATCH', `Cannot open ${name}: it has ${actual}, expected ${expected}`, {
      name,
      expected,
      actual,
    });
  }
  const ringBytes = dataView.getUint32(HEADER.ringBytes, true);
  const max = dataView.getUint32(HEADER.maxMessageBytes, true);
  const sound =
    ringBytes <= MAX_RING_BYTES &&
    ringBytes % RECORD_ALIGNMENT === 0 &&
    max <= MAX_MESSAGE_BYTES &&
    recordBytes(max) <= ringBytes;
  if (!sound) {
    const detail = `a ring of ${ringBytes} bytes for messages of ${max}`;
    throw new MapFileError('ERR_CORRUPT', `Cannot open ${name}: its header says ${detail}, create it anew`, {
      name,
      detail,
    });
  }
  checkMemory(range, HEADER_BYTES + ringBytes, name);
  let fingerprint = '';
  for (let i = 0; i < FINGERPRINT_BYTES; i++) {
    const code = dataView.getUint8(HEADER.fingerprint + i);
    if (code !== 0) fingerprint += String.fromCharCode(code);
  }
  checkForm(name, form, fingerprint, max);
  return max;
}

function checkMemory(range: MemoryRange, needed: number, name: string): void {
  if (range.access === 'read') throw readOnlyError(name);
  if (range.access !== 'readwrite') {
    throw new TypeError(`Cannot place ${name} in ${range.access} memory: open it with { access: 'readwrite' }`);
  }
  const { byteLength, byteOffset } = range.dataView;
  if (byteOffset % RECORD_ALIGNMENT !== 0) {
    throw new RangeError(`Cannot place ${name} at byte ${byteOffset}: it must be a multiple of ${RECORD_ALIGNMENT}`);
  }
  if (byteLength >= needed) return;
  throw new MapFileError(
    'ERR_TOO_SMALL',
    `Cannot place ${name}: the memory has ${byteLength} bytes, it needs ${needed}`,
    {
      name,
      byteLength,
      needed,
    },
  );
}
