/** An open shared memory object of macOS. */
import type { BigIntStats } from 'node:fs';
import type { ObjectName, Section } from './contract.ts';
import { atExit } from './exit-duties.ts';
import { PosixDescriptor } from './posix-descriptor.ts';

/** The calls on shared memory objects, none of them through Node. Tests bring files in their place. */
export interface SharedMemoryCalls {
  /** Answers -1 and sets errno when it fails. */
  open(name: string, flags: number, mode: number): number;
  unlink(name: string): number;
  close(fd: number): number;
}

export class DarwinSection extends PosixDescriptor implements Section {
  readonly name: ObjectName;
  readonly #calls: SharedMemoryCalls;
  readonly #leave: (() => void) | undefined;
  readonly #forget: (() => void) | undefined;

  /** `leave` ends the presence of this process. */
  constructor(
    fd: number,
    name: ObjectName,
    stats: BigIntStats,
    writable: boolean,
    syncFlag: number,
    calls: SharedMemoryCalls,
    leave: (() => void) | undefined,
  ) {
    // These objects have no inode to go by.
    super(fd, name.spelled, stats, writable, syncFlag, nameKey(name.base));
    this.name = name;
    this.#calls = calls;
    this.#leave = leave;
    this.#forget = leave && atExit(leave);
  }

  protected override leave(): void {
    this.#forget?.();
    this.#leave?.();
  }

  protected override release(fd: number): void {
    this.#calls.close(fd);
  }
}

/** FNV-1a over the characters, never 0. */
function nameKey(base: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < base.length; i++) hash = Math.imul(hash ^ base.charCodeAt(i), 0x01000193);
  return hash >>> 0 || 1;
}
