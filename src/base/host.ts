/**
 * Which machine this is. The one file that reads `process.platform`; everything above asks here.
 */
import { availableParallelism } from 'node:os';

/** The systems that have an implementation in `os/`. */
export type System = 'windows' | 'linux' | 'darwin' | 'unsupported';

const SYSTEMS: Partial<Record<NodeJS.Platform, System>> = { win32: 'windows', linux: 'linux', darwin: 'darwin' };

/** The system under us. */
export const system: System = SYSTEMS[process.platform] ?? 'unsupported';

/** Node's own word for it, for messages. */
export const platform: string = process.platform;

/** Node's word for the processor: `x64`, `arm64`, … */
export const arch: string = process.arch;

/** Whether pointers have 32 bits. */
export const is32bit: boolean = arch === 'ia32' || arch === 'arm';

/** Threads that can run at once; spinning is pointless where it is 1. */
export const parallelism: number = availableParallelism();

/** The runtime that forbids ArrayBuffers over foreign memory, if this is one. Asked anew each time: tests pretend. */
export function sandboxedRuntime(): string | undefined {
  return process.versions.electron === undefined ? undefined : 'Electron';
}
