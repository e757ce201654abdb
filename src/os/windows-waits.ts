/**
 * Promises that wait for kernel objects. A waiting thread watches up to 63 handles and one event of its own
 * (WaitForMultipleObjects takes 64: https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects);
 * for more there are more threads.
 *
 * A handle is armed once for however many promises wait on it. The thread takes the object, disarms the handle and tells
 * us; the first promise in line gets it, and it is armed again for the next. If nobody is in line any more, what was taken
 * is given back.
 */
import { Worker } from 'node:worker_threads';
import { is32bit } from '../base/host.ts';
import { onAbort } from '../base/on-abort.ts';
import * as win from '../ffi/kernel32.ts';
import { koffiPath } from '../ffi/koffi.ts';
import { HANDLES_WORKER } from './participants-worker.ts';

/** Handles that one thread watches, beside its own event. */
export const GROUP = 63;
/** After so long without a wait a thread ends. */
const IDLE_MS = 1000;

interface Watch {
  readonly handle: win.HANDLE;
  readonly giveBack: () => void;
  readonly line: Set<(taken: boolean) => void>;
  readonly group: Group;
  /** Of the arming that stands; 0 if none does. The thread's answers carry it, since they cross with our commands. */
  serial: number;
  /** Disarmings that the thread has not confirmed: until it has, the handle must stay open. */
  unconfirmed: number;
  close?: () => void;
}

type Command = { arm: bigint; serial: number } | { disarm: bigint };
type Answer = { taken: bigint; serial: number } | { disarmed: bigint };

/** One waiting thread. */
class Group {
  readonly watches = new Map<bigint, Watch>();
  readonly #event: win.HANDLE;
  readonly #flags = new Int32Array(new SharedArrayBuffer(8));
  readonly #worker: Worker;
  readonly #idle: NodeJS.Timeout;
  readonly #onExit = () => this.stop();
  stopped = false;

  constructor(onAnswer: (answer: Answer) => void, onEnd: (group: Group) => void) {
    this.#event = win.CreateEventW(null, win.FALSE, win.FALSE, null)!;
    const workerData = { koffi: koffiPath, event: this.#event, flags: this.#flags, is32bit };
    this.#worker = new Worker(HANDLES_WORKER, { eval: true, execArgv: [], env: {}, workerData, name: 'mapfile' });
    this.#worker.on('message', onAnswer);
    this.#worker.on('exit', () => {
      onEnd(this);
      win.CloseHandle(this.#event);
    });
    this.#worker.on('error', () => {});
    this.#worker.unref();
    this.#idle = setTimeout(() => this.#maybeStop(), IDLE_MS).unref();
    process.on('exit', this.#onExit);
  }

  tell(command: Command): void {
    this.#worker.postMessage(command);
    win.SetEvent(this.#event);
    this.#idle.refresh();
  }

  stop(): void {
    this.stopped = true;
    process.off('exit', this.#onExit);
    clearTimeout(this.#idle);
    Atomics.store(this.#flags, 0, 1);
    win.SetEvent(this.#event);
  }

  #maybeStop(): void {
    if (this.watches.size === 0) this.stop();
    else this.#idle.refresh();
  }
}

export class HandleWaits {
  readonly #groups = new Set<Group>();
  readonly #watches = new Map<bigint, Watch>();
  #lastSerial = 0;

  /** Resolves with true when the object was taken for this wait, with false after the time or when the signal fired. */
  wait(
    handle: win.HANDLE,
    giveBack: () => void,
    signal: AbortSignal | undefined,
    timeoutMs: number,
    ref: boolean,
  ): Promise<boolean> {
    return new Promise((resolve) => {
      const watch = this.#watches.get(handle) ?? this.#watch(handle, giveBack);
      const settle = (taken: boolean) => {
        if (!watch.line.delete(settle)) return;
        clearTimeout(timer);
        stopListening?.();
        if (watch.line.size === 0) this.#disarm(watch);
        resolve(taken);
      };
      // A timer in any case: it is what keeps the event loop alive. Node's longest is 2^31 - 1 ms.
      const timer = setTimeout(() => settle(false), Math.min(timeoutMs, 0x7fff_ffff));
      if (!ref) timer.unref();
      const stopListening = signal && onAbort(signal, () => settle(false));
      watch.line.add(settle);
      if (watch.serial === 0) this.#arm(watch);
    });
  }

  /** Calls `close` once no thread waits on the handle; promises that still do are told that nothing was taken. */
  closing(handle: win.HANDLE, close: () => void): void {
    const watch = this.#watches.get(handle);
    if (!watch) {
      close();
      return;
    }
    watch.close = close;
    for (const settle of [...watch.line]) settle(false);
    this.#maybeForget(watch);
  }

  #watch(handle: win.HANDLE, giveBack: () => void): Watch {
    let group = [...this.#groups].find((g) => !g.stopped && g.watches.size < GROUP);
    if (!group) {
      group = new Group(
        (answer) => this.#answered(answer),
        (ended) => this.#ended(ended),
      );
      this.#groups.add(group);
    }
    const watch: Watch = { handle, giveBack, line: new Set(), group, serial: 0, unconfirmed: 0 };
    this.#watches.set(handle, watch);
    group.watches.set(handle, watch);
    return watch;
  }

  #arm(watch: Watch): void {
    watch.serial = ++this.#lastSerial;
    watch.group.tell({ arm: watch.handle, serial: watch.serial });
  }

  #disarm(watch: Watch): void {
    if (watch.serial !== 0) {
      watch.serial = 0;
      watch.unconfirmed += 1;
      watch.group.tell({ disarm: watch.handle });
    }
    this.#maybeForget(watch);
  }

  #answered(answer: Answer): void {
    if ('taken' in answer) this.#taken(this.#watches.get(answer.taken), answer.serial);
    else {
      const watch = this.#watches.get(answer.disarmed);
      if (!watch) return;
      watch.unconfirmed -= 1;
      this.#maybeForget(watch);
    }
  }

  #taken(watch: Watch | undefined, serial: number): void {
    if (!watch) return;
    if (watch.serial === serial) watch.serial = 0;
    const [first] = watch.line;
    if (!first) {
      watch.giveBack();
      this.#maybeForget(watch);
      return;
    }
    if (watch.line.size > 1 && watch.serial === 0) this.#arm(watch);
    first(true);
  }

  #maybeForget(watch: Watch): void {
    if (watch.line.size > 0 || watch.serial !== 0 || watch.unconfirmed > 0) return;
    this.#watches.delete(watch.handle);
    watch.group.watches.delete(watch.handle);
    watch.close?.();
  }

  /** The thread is gone, in order or not; a handle that it watched can be closed, a promise runs into its time. */
  #ended(group: Group): void {
    this.#groups.delete(group);
    for (const watch of group.watches.values()) {
      this.#watches.delete(watch.handle);
      watch.close?.();
    }
  }
}
