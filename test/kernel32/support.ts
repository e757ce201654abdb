/** What the tests of raw calls share. */
import assert from 'node:assert/strict';
import { system } from '../../src/base/host.ts';
import { GetCurrentProcess, GetLastError, GetProcessHandleCount } from '../../src/ffi/kernel32.ts';

export const onWindows: { skip: boolean | string } = {
  skip: system === 'windows' ? false : 'kernel32 exists on Windows only',
};

let count = 0;

/** A name that no other test and no other run has. */
export function uniqueName(): string {
  count += 1;
  return `mapfile-test-${process.pid}-${count}-${Math.random().toString(36).slice(2)}`;
}

/** The result, or a failed test that says the number. */
export function must<T>(result: T | null): T {
  if (result === null || result === 0 || result === false) assert.fail(`The call failed: error ${GetLastError()}`);
  return result;
}

function openHandles(): number {
  const count = new Uint32Array(1);
  must(GetProcessHandleCount(GetCurrentProcess(), count));
  return count[0]!;
}

/** Runs `work` until a handle that it forgets each time would show. The system and Node open a few of their own, once. */
export function leavesNoHandle(work: () => void): void {
  const rounds = 20;
  work();
  const before = openHandles();
  for (let round = 0; round < rounds; round += 1) work();
  const grown = openHandles() - before;
  assert.ok(grown < rounds, `${grown} handles more after ${rounds} rounds`);
}
