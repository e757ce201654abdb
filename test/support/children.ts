/** Child processes that speak by messages: each request has an answer, or the child's end. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { patiently } from './patiently.ts';

export interface Answer {
  readonly id: number;
  readonly waiting?: boolean;
  readonly error?: string;
  readonly [key: string]: unknown;
}

const strips = Boolean((process.features as { typescript?: unknown }).typescript);

/** How Node runs our TypeScript here. */
export const nodeOptions: readonly string[] = strips ? ['--disable-warning=ExperimentalWarning'] : ['--import', 'tsx'];

export class Child {
  readonly process: ChildProcess;
  /** The moment of its end, in milliseconds of `performance.timeOrigin + performance.now()`. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; now: number }>;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(module: URL, args: readonly string[], options: { silent?: boolean; namespace?: boolean } = {}) {
    const execArgv = [...nodeOptions];
    // In a PID namespace of its own, as process 1 of it: `fork` runs unshare, which runs Node with the same arguments.
    const apart = {
      execPath: 'unshare',
      execArgv: ['--pid', '--fork', '--kill-child', '--mount-proc', process.execPath, ...execArgv],
    };
    const silent = options.silent ?? false;
    const how = options.namespace ? { silent, ...apart } : { silent, execArgv };
    this.process = patiently(() => fork(fileURLToPath(module), args, how));
    this.process.on('message', (answer: Answer) => this.#answers.get(answer.id)?.(answer));
    this.ended = new Promise((resolve) => {
      this.process.on('exit', (code, signal) =>
        resolve({ code, signal, now: performance.timeOrigin + performance.now() }),
      );
    });
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** Sends a request; `started` is its first answer, `done` its last. */
  request(message: object): { started: Promise<Answer>; done: Promise<Answer> } {
    const id = ++this.#lastId;
    let start: (answer: Answer) => void;
    let finish: (answer: Answer) => void;
    let fail: (error: Error) => void;
    const started = new Promise<Answer>((resolve) => {
      start = resolve;
    });
    const done = new Promise<Answer>((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
    done.catch(() => {});
    this.#answers.set(id, (answer) => {
      start(answer);
      if (answer.waiting) return;
      this.#answers.delete(id);
      if (answer.error) fail(Object.assign(new Error(answer.error), { code: answer.code }));
      else finish(answer);
    });
    this.process.send({ id, ...message }, () => {});
    return { started, done };
  }

  /** Sends a request that has one answer. */
  ask(message: object): Promise<Answer> {
    return this.request(message).done;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.process.kill(signal);
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill();
  }
}
