/**
 * Child processes that run a TypeScript file of the tests under the same Node as the parent, and speak with it by IPC.
 *
 * The child says `process.send({ … })`; the parent waits with `child.next('ready')` for a message whose `type` is that.
 * What ends a child is known as `child.ended`; `killAll()` in an `after` hook leaves none behind.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { patiently } from './patiently.ts';

/** What a child sends. */
export interface Message {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const strips = Boolean((process.features as { typescript?: unknown }).typescript);

/** The flags under which this Node runs a `.ts` file. */
export const loaderFlags: readonly string[] = strips ? ['--disable-warning=ExperimentalWarning'] : ['--import', 'tsx'];

const running = new Set<Child>();

export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #inbox: Message[] = [];
  readonly #waiting: { type: string; resolve(message: Message): void; reject(error: Error): void }[] = [];
  #stdout = '';
  #stderr = '';

  constructor(process: ChildProcess) {
    this.process = process;
    process.stdout?.on('data', (text) => {
      this.#stdout += text;
    });
    process.stderr?.on('data', (text) => {
      this.#stderr += text;
    });
    process.on('message', (message) => this.#arrive(message as Message));
    this.ended = new Promise((resolve) => {
      process.once('close', (code, signal) => {
        running.delete(this);
        const ended = { code, signal, stdout: this.#stdout, stderr: this.#stderr };
        for (const { type, reject } of this.#waiting.splice(0)) {
          reject(new Error(`The child ended (${signal ?? code}) before it said "${type}"\n${this.#stderr}`));
        }
        resolve(ended);
      });
    });
    running.add(this);
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** The next message of that type, whether it has arrived already or not. */
  next<T extends object = Message>(type: string): Promise<Message & T> {
    const at = this.#inbox.findIndex((message) => message.type === type);
    if (at >= 0) return Promise.resolve(this.#inbox.splice(at, 1)[0] as Message & T);
    return new Promise((resolve, reject) => {
      if (!running.has(this)) return reject(new Error(`The child has ended and never said "${type}"\n${this.#stderr}`));
      this.#waiting.push({ type, resolve: resolve as (message: Message) => void, reject });
    });
  }

  send(message: Message): void {
    this.process.send(message);
  }

  /** Ends the child without its knowledge, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> {
    this.process.kill(signal);
    return this.ended;
  }

  #arrive(message: Message): void {
    const at = this.#waiting.findIndex(({ type }) => type === message.type);
    if (at < 0) this.#inbox.push(message);
    else this.#waiting.splice(at, 1)[0]!.resolve(message);
  }
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** More flags for Node itself. */
  readonly flags?: readonly string[];
  /** The parent's `import.meta.url`: a relative `file` is looked up from there. */
  readonly from?: string;
}

/** Starts a `.ts` file, or a compiled one: `start('./child.ts', { from: import.meta.url, args: ['name'] })`. */
export function start(file: string | URL, { args = [], env, flags = [], from }: StartOptions = {}): Child {
  const path = fileURLToPath(typeof file === 'string' && from ? new URL(file, from) : new URL(file));
  return new Child(
    patiently(() =>
      fork(path, [...args], {
        execArgv: [...(path.endsWith('.ts') ? loaderFlags : []), ...flags],
        env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    ),
  );
}

/** Starts a `.ts` file as a Worker. tsx registers itself in processes only, so it is told to. */
export function startWorker(file: URL, workerData?: unknown): Worker {
  const load = strips ? '' : "(await import('tsx/esm/api')).register();";
  return new Worker(`(async () => { ${load} await import(${JSON.stringify(file.href)}); })()`, {
    eval: true,
    workerData,
  });
}

/** Ends every child that still runs. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.kill()));
}
