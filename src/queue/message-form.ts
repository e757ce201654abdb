import { markAsUntransferable } from 'node:worker_threads';
import { MapFileError } from '../base/errors.ts';
import type { Memory } from '../base/memory.ts';
import { show } from '../base/show.ts';
import { type Bytes, copyBytes, viewBytes } from './copy-bytes.ts';
import { FINGERPRINT_BYTES } from './queue-layout.ts';

/** What a queue asks of a codec; every codec of fixed size is one. */
export interface MessageCodec<T, Live, In> {
  readonly name: string;
  readonly byteLength: number;
  readonly fingerprint: string;
  describe(): string;
  read(memory: Memory, byteOffset?: number): T;
  write(memory: Memory, byteOffset: number, value: In): void;
  live(memory: Memory, byteOffset?: number): Live;
}

/** A class of `structClass`: messages are its instances where they are live. */
export type MessageClass<T, Live, In> = Omit<MessageCodec<T, unknown, In>, 'live'> &
  (abstract new (
    ...args: never
  ) => Live);

/** How values become the bytes of a record and values again. */
export interface MessageForm<T, Live, In> {
  /** Largest message. */
  readonly maxBytes: number;
  /** Every message has `maxBytes`. */
  readonly fixedSize: boolean;
  /** 16 characters that must be equal on both ends; empty for raw bytes. */
  readonly fingerprint: string;
  /** For the error about a mismatch. */
  describe(): string;
  /** Bytes that `value` takes. @throws TypeError | RangeError if it cannot be a message */
  lengthOf(value: In): number;
  /** `bytes` and `dataView` are the same memory. */
  write(bytes: Uint8Array, dataView: DataView, byteOffset: number, value: In): void;
  /** A copy. */
  read(memory: Bytes, byteOffset: number, byteLength: number): T;
  /** The bytes themselves. */
  live(memory: Bytes, byteOffset: number, byteLength: number): Live;
  /** The same for a queue whose header says how large its messages can be. */
  ofQueue(maxBytes: number): MessageForm<T, Live, In>;
}

/** Messages that a codec describes. */
export function codecForm<T, Live, In>(codec: MessageCodec<T, Live, In>): MessageForm<T, Live, In> {
  if (!isCodec(codec)) {
    throw new TypeError(
      `Cannot use ${show(codec)} for messages: pass a codec of fixed size, or the largest number of raw bytes`,
    );
  }
  const { byteLength, fingerprint } = codec;
  if (fingerprint.length !== FINGERPRINT_BYTES) {
    throw new TypeError(`Cannot use ${codec.name} for messages: its fingerprint has ${fingerprint.length} characters`);
  }
  const form: MessageForm<T, Live, In> = {
    maxBytes: byteLength,
    fixedSize: true,
    fingerprint,
    describe: () => codec.describe(),
    lengthOf: () => byteLength,
    write: (_bytes, dataView, byteOffset, value) => codec.write(dataView, byteOffset, value),
    read: ({ dataView }, byteOffset) => codec.read(dataView, byteOffset),
    live: ({ dataView }, byteOffset) => codec.live(dataView, byteOffset),
    ofQueue: () => form,
  };
  return form;
}

/** Plain JavaScript passes anything. */
function isCodec(codec: unknown): boolean {
  const { byteLength, fingerprint, describe, read, write, live } = (codec ?? {}) as Record<string, unknown>;
  const isSized = typeof byteLength === 'number' && typeof fingerprint === 'string';
  return isSized && [describe, read, write, live].every((member) => typeof member === 'function');
}

/** Received messages share slabs as Buffers share theirs: a buffer of its own costs ten times the copy. */
const SLAB_BYTES = 65_536;
let slab: ArrayBufferLike = new ArrayBuffer(0);
/** Beyond its end: an empty message would fit into a slab that is used up, and there is none yet. */
let slabUsed = SLAB_BYTES + 1;

/** Memory for a message, to be filled. */
export function emptyBytes(byteLength: number): Uint8Array {
  if (byteLength > SLAB_BYTES >> 3) return new Uint8Array(byteLength);
  if (slabUsed + byteLength > SLAB_BYTES) newSlab();
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(slab, slabUsed, byteLength);
  } catch {
    // Whoever had one of its messages has detached it. To ask before would cost each message something; this does not.
    newSlab();
    bytes = new Uint8Array(slab, slabUsed, byteLength);
  }
  slabUsed = (slabUsed + byteLength + 7) & -8;
  return bytes;
}

function newSlab(): void {
  // Not zeroed, as Buffer's are not: that would cost as much as everything else.
  slab = Buffer.allocUnsafeSlow(SLAB_BYTES).buffer;
  // Or else to transfer one message would empty the others. Node 20 copies it instead, later ones refuse.
  markAsUntransferable(slab);
  slabUsed = 0;
}

const nothing = new Uint8Array(0);

/** What has no bytes may have lost them: only a view whose buffer is there can be copied from. */
function checkEmpty(message: Uint8Array): void {
  try {
    nothing.set(message);
  } catch {
    throw new TypeError('Cannot send a Uint8Array whose buffer was detached: send it before it is transferred');
  }
}

/** Raw messages of 0 to `maxBytes` bytes. */
export function bytesForm(maxBytes: number): MessageForm<Uint8Array, Uint8Array, Uint8Array> {
  return {
    maxBytes,
    fixedSize: false,
    fingerprint: '',
    describe: () => `raw bytes, at most ${maxBytes}`,
    lengthOf(value) {
      if (!(value instanceof Uint8Array)) {
        throw new TypeError(`Cannot send ${show(value)}: this queue carries raw bytes, pass a Uint8Array`);
      }
      const { length } = value;
      if (length === 0) checkEmpty(value);
      if (length > maxBytes) throw tooLong(length, maxBytes);
      return length;
    },
    write: (bytes, _dataView, byteOffset, value) => bytes.set(value, byteOffset),
    read(memory, byteOffset, byteLength) {
      const bytes = emptyBytes(byteLength);
      copyBytes(memory, byteOffset, byteLength, bytes);
      return bytes;
    },
    live: viewBytes,
    ofQueue: bytesForm,
  };
}

export function tooLong(byteLength: number, maxBytes: number): RangeError {
  return new RangeError(
    `Cannot send ${byteLength} bytes: this queue carries messages of at most ${maxBytes} bytes, create it with a larger byteLength`,
  );
}

/** Refuses a queue of other messages. */
export function checkForm(
  name: string,
  form: MessageForm<never, unknown, never>,
  fingerprint: string,
  max: number,
): void {
  if (form.fingerprint === fingerprint && (!form.fixedSize || form.maxBytes === max)) return;
  const actual = fingerprint === '' ? `raw bytes, at most ${max}` : `fingerprint ${fingerprint}, ${max} bytes`;
  const expected = form.fingerprint === '' ? form.describe() : `fingerprint ${form.fingerprint}\n${form.describe()}`;
  throw new MapFileError(
    'ERR_LAYOUT_MISMATCH',
    `Cannot open ${name}: it carries other messages (${actual}) than expected (${expected})`,
    { name, expected, actual },
  );
}
