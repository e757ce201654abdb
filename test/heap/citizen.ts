/**
 * A process of the stress tests: `citizen.ts <role> <heap> <ledger> <first entry> <entries> <seed> [die at]`.
 *
 * A `churner` allocates, resizes, frees its own blocks and reads everybody's; with `die at` it kills itself at that store
 * of the heap. A `compactor` compacts all the time. Both start with the first message, and stop when the ledger says so.
 */

import { isMapFileError } from '../../src/base/errors.ts';
import { type BlockHandle, SharedHeap } from '../../src/heap/index.ts';
import { run } from '../support/death.ts';
import { COUNT, firstWrong, Ledger, pattern, STATE } from './ledger.ts';
import { watchPlainStores } from './plain-stores.ts';

const [role, heapName, ledgerName, ...numbers] = process.argv.slice(2);
const [first, entries, seed, dieAt = 0] = numbers.map(Number) as [number, number, number, number?];

let dice = seed;
function roll(sides: number): number {
  dice ^= dice << 13;
  dice ^= dice >>> 17;
  dice ^= dice << 5;
  return (dice >>> 0) % sides;
}

function churn(heap: SharedHeap, ledger: Ledger): void {
  const number = first + roll(entries);
  const { state, handle, valid, key } = ledger.read(number);
  if (state === STATE.empty) allocate(heap, ledger, number);
  else if (roll(3) > 0) free(heap, ledger, number, handle as BlockHandle);
  else resize(heap, ledger, number, handle as BlockHandle, valid, key);
  for (let n = 0; n < 2; n++) look(heap, ledger, roll(ledger.entries));
  ledger.count(COUNT.operations);
}

function allocate(heap: SharedHeap, ledger: Ledger, number: number): void {
  const byteLength = roll(8) === 0 ? 1 + roll(9000) : 1 + roll(700);
  const key = roll(2 ** 30);
  ledger.write(number, 0, 0, key);
  ledger.state(number, STATE.inFlight);
  try {
    const handle = heap.allocate(byteLength, { initial: pattern(key, byteLength) });
    ledger.write(number, handle, byteLength, key);
    heap.disown(handle);
    ledger.state(number, STATE.stable);
  } catch (error) {
    if (!isMapFileError(error, 'ERR_OUT_OF_MEMORY') && !isMapFileError(error, 'ERR_TABLE_FULL')) throw error;
    ledger.state(number, STATE.empty);
  }
}

function free(heap: SharedHeap, ledger: Ledger, number: number, handle: BlockHandle): void {
  ledger.state(number, STATE.inFlight);
  const freed = ifNotBusy(ledger, () => heap.free(handle));
  ledger.state(number, freed ? STATE.empty : STATE.stable);
}

function resize(
  heap: SharedHeap,
  ledger: Ledger,
  number: number,
  handle: BlockHandle,
  valid: number,
  key: number,
): void {
  const byteLength = 1 + roll(1200);
  // Only as much is promised while it is under way as both sizes have.
  ledger.valid(number, Math.min(valid, byteLength));
  try {
    if (!ifNotBusy(ledger, () => heap.reallocate(handle, byteLength))) ledger.write(number, handle, valid, key);
  } catch (error) {
    if (!isMapFileError(error, 'ERR_OUT_OF_MEMORY')) throw error;
    ledger.write(number, handle, valid, key);
  }
}

/** Whatever a block holds never changes, so whoever has pinned it must see all of it. */
function look(heap: SharedHeap, ledger: Ledger, number: number): void {
  const { state, handle, valid, key } = ledger.read(number);
  if (state !== STATE.stable) return;
  try {
    const pin = heap.pin(handle as BlockHandle);
    const seen = new Uint8Array(pin.byteLength);
    pin.copyTo(seen);
    const now = ledger.read(number);
    pin.unpin();
    // The entry may have been rewritten between the loads of its own words.
    if (now.handle !== handle || now.key !== key) return;
    const wrong = firstWrong(seen, key, Math.min(valid, now.valid, seen.length));
    ledger.count(COUNT.reads);
    if (wrong < 0) return;
    ledger.count(COUNT.torn);
    console.error(`Torn: byte ${wrong} of ${seen.length} in block ${handle} is ${seen[wrong]}`);
  } catch (error) {
    if (!isMapFileError(error, 'ERR_STALE_HANDLE') && !isMapFileError(error, 'ERR_INVALID_HANDLE')) throw error;
    ledger.count(COUNT.stale);
  }
}

function ifNotBusy(ledger: Ledger, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!isMapFileError(error, 'ERR_BUSY')) throw error;
    ledger.count(COUNT.busy);
    return false;
  }
}

function live(): void {
  const ledger = Ledger.open(ledgerName!);
  const heap = SharedHeap.open(heapName!);
  ledger.count(COUNT.ready);
  while (ledger.count(COUNT.stop, 0) === 0) {
    if (role === 'churner') churn(heap, ledger);
    else {
      heap.compact({ maxBytes: 1 << 18 });
      ledger.count(COUNT.compactions);
    }
  }
  heap.close();
  ledger.close();
}

process.once('message', () => {
  if (dieAt > 0) {
    watchPlainStores();
    run(live, dieAt, () => process.kill(process.pid, 'SIGKILL'));
  } else live();
  process.disconnect();
});
process.send!({ type: 'ready' });
