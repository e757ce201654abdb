/** Wine: installed if we may, one template prefix in the cache, and a prefix of its own for each run. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { available, command } from './command.ts';

/** Program → Debian package. */
const NEEDED: Readonly<Record<string, string>> = {
  wine: 'wine',
  wineserver: 'wine64',
  'x86_64-w64-mingw32-g++': 'g++-mingw-w64-x86-64',
};

/** Installs what is absent by apt-get when we are root; else says what to install. */
export function requireWine(): void {
  const missing = Object.keys(NEEDED).filter((program) => !available(program));
  if (missing.length === 0) return;
  const packages = ['wine64', ...missing.map((program) => NEEDED[program]!)];
  const hint = `Install them first: apt-get install ${[...new Set(packages)].join(' ')}`;
  if (process.getuid?.() !== 0 || !available('apt-get')) {
    throw new Error(`Cannot run the Windows tests: ${missing.join(', ')} not found. ${hint}`);
  }
  console.log(`Installing ${[...new Set(packages)].join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  command('apt-get', ['update', '-qq'], { env });
  command('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...new Set(packages)], { env });
}

function environment(prefix: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEARCH: 'win64',
    WINEDEBUG: '-all',
    // No Mono or Gecko: without this, wineboot asks to download them.
    WINEDLLOVERRIDES: 'mscoree=;mshtml=',
  };
  // Without a display Wine looks for none, and nothing here opens a window.
  delete env.DISPLAY;
  return env;
}

function template(): string {
  const version = command('wine', ['--version'], { env: environment('/nonexistent') }).replace(/[^\w.]+/g, '-');
  return cached(`prefix-${version}`, (folder) => {
    console.log('Creating a Wine prefix');
    const env = environment(folder);
    const quiet = { env, stdio: 'ignore', timeout: 300_000 } as const;
    spawnSync('wine', ['wineboot', '-i'], quiet);
    spawnSync('wine', ['reg', 'add', 'HKEY_CURRENT_USER\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], quiet);
    endServer(env, folder, '-w');
    if (!existsSync(join(folder, 'system.reg'))) throw new Error('Cannot create a Wine prefix: wineboot made none');
  });
}

/** Debian's Wine keeps its socket in a folder of /tmp that this file names, and leaves both behind. */
const SOCKET_NOTE = 'wineserver';

function endServer(env: NodeJS.ProcessEnv, prefix: string, how: '-k' | '-w'): void {
  // The registry is written when the server ends.
  if (how === '-k') spawnSync('wineserver', ['-k'], { env, stdio: 'ignore', timeout: 30_000 });
  spawnSync('wineserver', ['-w'], { env, stdio: 'ignore', timeout: 60_000 });
  const note = join(prefix, SOCKET_NOTE);
  if (!existsSync(note)) return;
  const folder = readFileSync(note, 'utf8').trim();
  if (/^wine-\w{6}$/.test(folder)) rmSync(join('/tmp', folder), { recursive: true, force: true });
  rmSync(note, { force: true });
}

export interface Prefix {
  readonly env: NodeJS.ProcessEnv;
  /** Ends whatever still runs in this prefix, and removes it. */
  dispose(): void;
}

/**
 * A prefix that no other run shares, so that its server and its processes are ours alone. Wine's own files stay in the
 * template (they are never written); registry and user folders are copies.
 */
export function makePrefix(): Prefix {
  const from = template();
  const prefix = mkdtempSync(join(tmpdir(), 'mapfile-wine-'));
  for (const entry of readdirSync(from)) {
    if (entry !== 'drive_c')
      cpSync(join(from, entry), join(prefix, entry), { recursive: true, verbatimSymlinks: true });
  }
  mkdirSync(join(prefix, 'drive_c'));
  for (const entry of readdirSync(join(from, 'drive_c'))) {
    const [source, target] = [join(from, 'drive_c', entry), join(prefix, 'drive_c', entry)];
    if (entry === 'users') cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    else symlinkSync(source, target);
  }
  const env = environment(prefix);
  return {
    env,
    dispose() {
      endServer(env, prefix, '-k');
      rmSync(prefix, { recursive: true, force: true });
    },
  };
}
