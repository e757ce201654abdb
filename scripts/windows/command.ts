/** Synchronous commands of the set-up: quiet while they work, with their whole output when they fail. */
import { spawnSync } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs `file` without a shell and answers its standard output. */
export function command(file: string, args: readonly string[], options: CommandOptions = {}): string {
  const { error, status, signal, stdout, stderr } = spawnSync(file, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    timeout: options.timeoutMs ?? 600_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (error || status !== 0) {
    const how = error?.message ?? `it ended with ${signal ?? status}`;
    throw new Error(`Cannot run "${[file, ...args].join(' ')}": ${how}\n${stdout ?? ''}${stderr ?? ''}`);
  }
  return stdout;
}

/** Whether a program of that name is on the PATH. */
export function available(file: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', file], { stdio: 'ignore' }).status === 0;
}
