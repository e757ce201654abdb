/**
 * Starts a process, and again where CreateProcess itself has failed with an error that libuv has no name for: seen under
 * Wine about once in a thousand starts, with both cores busy. Starting processes is not what the tests are about; any
 * other failure, and a fifth one of this kind, is theirs.
 */
import { system } from '../../src/base/host.ts';

const TRIES = 5;
const pause = new Int32Array(new SharedArrayBuffer(4));

export function patiently<T extends object>(start: () => T): T {
  for (let tries = 1; ; tries++) {
    try {
      const started = start();
      if (tries === TRIES || !isNameless((started as { error?: unknown }).error)) return started;
    } catch (error) {
      if (tries === TRIES || !isNameless(error)) throw error;
    }
    Atomics.wait(pause, 0, 0, 100 * tries);
  }
}

function isNameless(error: unknown): boolean {
  return system === 'windows' && (error as { code?: unknown } | undefined)?.code === 'UNKNOWN';
}
