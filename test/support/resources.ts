/** What this process holds of the system: descriptors or handles, and mappings. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { system } from '../../src/base/host.ts';
import * as win from '../../src/ffi/kernel32.ts';

export interface Held {
  /** Open descriptors (POSIX) or handles (Windows); undefined where nobody can say. */
  readonly descriptors?: number;
  /** Mapped parts of files, named memory among them, where the system lists them. */
  readonly mappings?: number;
}

export function held(): Held {
  if (system === 'linux') {
    // Those of files; the engine's own come and go.
    const mappings = readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .filter((line) => line.includes('/')).length;
    return { descriptors: readdirSync('/proc/self/fd').length - 1, mappings };
  }
  if (system === 'darwin') return { descriptors: readdirSync('/dev/fd').length - 1 };
  if (system === 'windows') {
    const count = new Uint32Array(1);
    win.GetProcessHandleCount(win.GetCurrentProcess(), count);
    return { descriptors: count[0]! };
  }
  return {};
}

/** Holding less is no fault of ours: the loader closes files in its own time. */
export function assertHoldsNoMore(before: Held): void {
  const now = held();
  for (const what of ['descriptors', 'mappings'] as const) {
    assert.ok((now[what] ?? 0) <= (before[what] ?? 0), `${now[what]} ${what}, before ${before[what]}`);
  }
}

/** Names under /dev/shm that contain `part`; none where there is no such folder. */
export function namesLeft(part: string): string[] {
  if (system !== 'linux') return [];
  return readdirSync('/dev/shm').filter((name) => name.includes(part));
}
