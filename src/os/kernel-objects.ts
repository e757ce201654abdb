/**
 * What named locks and events ask of a system that has them as kernel objects. Where it has none, they are segments with
 * the in-memory primitives in them.
 */
import { system } from '../base/host.ts';
import type { ObjectName, Security } from './contract.ts';
import { windowsKernelObjects } from './windows-kernel-objects.ts';

/** `'create'` fails with ERR_NAME_EXISTS, `'open'` with ERR_NAME_NOT_FOUND. */
export type Making = 'create' | 'open' | 'openOrCreate';

export interface KernelObject {
  readonly created: boolean;
  /** Waits for at most `ms`: 0 not taken, 1 taken, 2 taken from an owner who died. */
  take(ms: number): 0 | 1 | 2;
  /** Gives back what a wait took that nobody wants any more. */
  giveBack(): void;
  /** Without blocking the event loop; settles when taken, or by the options. */
  takeLater(signal: AbortSignal | undefined, timeoutMs: number, ref: boolean): Promise<boolean>;
  close(): void;
}

export interface KernelMutex extends KernelObject {
  /** False if the calling thread does not own it. */
  release(): boolean;
}

export interface KernelSemaphore extends KernelObject {
  /** The count before; undefined if the maximum would be exceeded. */
  release(count: number): number | undefined;
}

export interface KernelEvent extends KernelObject {
  set(): void;
  reset(): void;
}

export interface KernelObjects {
  mutex(name: ObjectName, making: Making, security: Security): KernelMutex;
  semaphore(
    name: ObjectName,
    making: Making,
    security: Security,
    counts: { readonly initial: number; readonly maximum: number },
  ): KernelSemaphore;
  event(
    name: ObjectName,
    making: Making,
    security: Security,
    how: { readonly manualReset: boolean; readonly initiallySet: boolean },
  ): KernelEvent;
}

/** The kernel's named objects, where it has them. */
export const kernelObjects: KernelObjects | undefined = system === 'windows' ? windowsKernelObjects : undefined;
