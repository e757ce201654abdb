/** A program in a pseudo-terminal (util-linux `script` makes it), driven line by line: each is sent when the prompt has come. */
import { spawn, spawnSync } from 'node:child_process';

/** Whether there is a `script` that takes a command. */
export const hasTerminal: boolean = /util-linux/.test(
  spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '',
);

/** Runs `command` and answers what it printed after each of the lines. */
export function converse(command: string, lines: readonly string[], prompt: RegExp, cwd: string): Promise<string[]> {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...process.env, TERM: 'dumb', NODE_DISABLE_COLORS: '1', NODE_NO_WARNINGS: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers: string[] = [];
  const left = [...lines];
  let heard = '';
  return new Promise((resolve, reject) => {
    const watchdog = setTimeout(() => {
      child.kill();
      reject(new Error(`The terminal fell silent after:\n${heard}`));
    }, 60_000);
    child.stdout.on('data', (data: Buffer) => {
      heard += data.toString('utf8').replaceAll('\r', '');
      if (!prompt.test(heard)) return;
      answers.push(heard.replace(prompt, ''));
      heard = '';
      const next = left.shift();
      child.stdin.write(next === undefined ? '\u0004' : `${next}\n`);
    });
    child.on('error', reject);
    child.on('exit', () => {
      clearTimeout(watchdog);
      // The first is the greeting; the terminal echoes each line.
      resolve(answers.slice(1).map((text, i) => text.replace(`${lines[i]}\n`, '')));
    });
  });
}
