/**
 * Memory that V8 did not allocate, as an ArrayBuffer: made over an address, detached before the address goes away.
 *
 * Everything above assumes that such a buffer behaves like the memory it stands on, also under `Atomics` and from other
 * processes; the language promises that for a SharedArrayBuffer only. The assumption lives here, with a test of its own.
 */

import { constants } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { detaching } from '../base/before-detach.ts';
import { MapFileError } from '../base/errors.ts';
import { sandboxedRuntime } from '../base/host.ts';
import { type Address, koffi } from './koffi.ts';

/** The longest ArrayBuffer. Asking Node 20 for a longer view aborts the process. */
export const MAX_VIEW_LENGTH: number = constants.MAX_LENGTH;

/** Says no where external memory would abort the process (V8's memory cage in Electron). */
export function requireLiveMemory(): void {
  const runtime = sandboxedRuntime();
  if (runtime === undefined) return;
  throw new MapFileError(
    'ERR_NO_LIVE_MEMORY',
    `Cannot look at shared memory in place: ${runtime} forbids it, run this in a child process of plain Node`,
    { runtime },
  );
}

/**
 * The bytes at an address. Whoever frees the address calls {@link detach} first.
 * @throws MapFileError ERR_NO_LIVE_MEMORY where the runtime forbids external memory
 * @throws RangeError if `byteLength` exceeds {@link MAX_VIEW_LENGTH}
 */
export function viewOf(address: Address, byteLength: number): ArrayBuffer {
  requireLiveMemory();
  if (!Number.isSafeInteger(byteLength) || byteLength < 0 || byteLength > MAX_VIEW_LENGTH) {
    throw new RangeError(`Cannot view ${byteLength} bytes: one view holds at most ${MAX_VIEW_LENGTH} bytes here`);
  }
  // Found now, so that nothing is looked at that could not be taken back.
  transfer ??= findTransfer();
  // SAFETY: the caller has mapped [address, address + byteLength) and detaches before it unmaps.
  return koffi.view(address, byteLength);
}

/** Where bytes stand. Good only as long as their buffer is neither collected nor detached. */
export function addressOf(bytes: Uint8Array): Address {
  return koffi.address(bytes) as Address;
}

type Transfer = (this: ArrayBuffer, byteLength: number) => ArrayBuffer;

/** Flags are the process's, contexts a thread's: another thread may take the flag back before this one has its context. */
const ATTEMPTS = 1000;

/**
 * `ArrayBuffer.prototype.transfer` of another context: in our own a polyfill may stand in its place, which copies all bytes and
 * need not take any away. Node 20 has it behind a flag that counts when a context is made. (structuredClone copies external
 * memory, too.)
 */
function findTransfer(): Transfer {
  let found = transferOfNewContext();
  for (let i = 0; i < ATTEMPTS && !found; i++) {
    setFlagsFromString('--harmony-rab-gsab-transfer');
    found = transferOfNewContext();
    setFlagsFromString('--no-harmony-rab-gsab-transfer');
  }
  if (found) return found;
  throw new MapFileError(
    'ERR_NO_LIVE_MEMORY',
    'Cannot look at shared memory in place: this runtime has no ArrayBuffer.prototype.transfer, run this in Node 20.19 or later',
    { runtime: process.version },
  );
}

function transferOfNewContext(): Transfer | undefined {
  return runInNewContext('ArrayBuffer.prototype.transfer');
}

let transfer: Transfer | undefined;

/**
 * Empties a buffer of {@link viewOf}: DataViews and Atomics over it throw TypeError, typed arrays have length 0.
 *
 * False if it was empty already: `transfer()` has moved the bytes to a buffer that only its caller knows. Then the address
 * must never go away.
 */
export function detach(buffer: ArrayBuffer): boolean {
  detaching(buffer);
  if (buffer.byteLength === 0) return false;
  transfer ??= findTransfer();
  transfer.call(buffer, 0);
  return true;
}

/** Copies bytes out; works where views are forbidden. */
export function copyOut(address: Address, byteLength: number): Uint8Array<ArrayBuffer> {
  // SAFETY: the caller has mapped the range for reading.
  return byteLength === 0 ? new Uint8Array() : koffi.decode(address, 'uint8_t', byteLength);
}

/** Copies bytes in; works where views are forbidden. */
export function copyIn(address: Address, bytes: Uint8Array): void {
  // SAFETY: the caller has mapped the range for writing.
  if (bytes.byteLength > 0) koffi.encode(address, 'uint8_t', bytes, bytes.byteLength);
}

/** The address `byteLength` behind another. */
export function addressAt(address: Address, byteOffset: number): Address {
  return (address + BigInt(byteOffset)) as Address;
}
