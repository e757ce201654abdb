/**
 * `npm run test:windows [-- path fragment …]` on Linux: the same test files under the real Windows node.exe, by Wine.
 * Fails if the run failed or executed no test. `MAPFILE_CACHE` moves the cache, `MAPFILE_WINDOWS_MINUTES` the time limit.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { windowsPrograms } from './windows/interop.ts';
import { windowsKoffi, windowsNode } from './windows/packages.ts';
import { makeStage, windowsPath } from './windows/stage.ts';
import { makePrefix, requireWine } from './windows/wine.ts';

const fragments = process.argv.slice(2);
const minutes = Number(process.env.MAPFILE_WINDOWS_MINUTES ?? 30);

if (process.platform !== 'linux') {
  console.error('Cannot run the Windows tests here: this script drives Wine on Linux. On Windows, use npm test');
  process.exit(2);
}

requireWine();
const node = windowsNode();
const programs = windowsPrograms();
const stage = makeStage(windowsKoffi());
const prefix = makePrefix();
const logs = mkdtempSync(join(tmpdir(), 'mapfile-log-'));

/** Copies what a file has gained to ours; node.exe itself needs files, a pipe is EBADF there. */
function follow(path: string, to: NodeJS.WriteStream): () => void {
  const fd = openSync(path, 'r');
  const chunk = Buffer.alloc(65_536);
  return () => {
    for (let n = readSync(fd, chunk); n > 0; n = readSync(fd, chunk)) to.write(Buffer.from(chunk.subarray(0, n)));
  };
}

function clean(): void {
  prefix.dispose();
  stage.dispose();
  rmSync(logs, { recursive: true, force: true });
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clean();
    process.exit(1);
  });
}

const [outPath, errPath] = [join(logs, 'out'), join(logs, 'err')];
const [out, err] = [openSync(outPath, 'w'), openSync(errPath, 'w')];
const runner = windowsPath(join(stage.folder, 'scripts', 'run-tests.ts'));
const child = spawn('wine', [node, '--disable-warning=ExperimentalWarning', runner, ...fragments], {
  cwd: stage.folder,
  env: { ...prefix.env, MAPFILE_INTEROP_PROGRAMS: windowsPath(programs) },
  stdio: ['ignore', out, err],
});
closeSync(out);
closeSync(err);

const relay = [follow(outPath, process.stdout), follow(errPath, process.stderr)];
const ticker = setInterval(() => relay.forEach((copy) => void copy()), 200);
let overdue = false;
const watchdog = setTimeout(() => {
  overdue = true;
  child.kill('SIGKILL');
}, minutes * 60_000);

child.once('close', (status, signal) => {
  clearInterval(ticker);
  clearTimeout(watchdog);
  for (const copy of relay) copy();
  const report = readFileSync(outPath, 'utf8');
  clean();
  process.exitCode = verdict(report, status, signal);
});

function verdict(report: string, status: number | null, signal: NodeJS.Signals | null): number {
  const count = (name: string) => Number([...report.matchAll(new RegExp(`^ℹ ${name} (\\d+)`, 'gm'))].at(-1)?.[1] ?? 0);
  const passed = count('pass');
  console.log(
    `Windows: ${count('tests')} tests, ${passed} passed, ${count('fail')} failed, ${count('skipped')} skipped`,
  );
  if (overdue) console.error(`The Windows tests ran for more than ${minutes} minutes`);
  if (status !== 0) console.error(`The Windows tests failed (${signal ?? status})`);
  if (passed === 0) console.error('The Windows run executed no test');
  return status === 0 && passed > 0 && !overdue ? 0 : 1;
}
