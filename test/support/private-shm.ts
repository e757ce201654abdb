/** A /dev/shm of one's own, in a private mount namespace: its size is known, and nobody else makes names in it. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { system } from '../../src/base/host.ts';
import { loaderFlags } from './processes.ts';

const FLAGS = [['-m'], ['-r', '-m']];
const MOUNT = 'mount -t tmpfs -o "size=$0,mode=1777" tmpfs /dev/shm && exec "$@"';

function unshare(flags: readonly string[], size: string, command: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync('unshare', [...flags, 'sh', '-c', MOUNT, size, ...command], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
}

const usable = system === 'linux' ? FLAGS.find((flags) => unshare(flags, '64k', ['true']).status === 0) : undefined;

/** Why there is none here, or false. */
export const noPrivateShm: string | false = usable ? false : 'no right to mount a tmpfs in a namespace of its own';

/** Runs a `.ts` file there to its end: what it printed. */
export function runInPrivateShm(file: URL, size: string, args: readonly string[] = []): string {
  const { status, signal, stdout, stderr, error } = unshare(usable!, size, [
    process.execPath,
    ...loaderFlags,
    fileURLToPath(file),
    ...args,
  ]);
  if (error || status !== 0) throw new Error(`${file.pathname} ended with ${signal ?? status}: ${stdout}${stderr}`);
  return stdout.trimEnd();
}
