/** The repository as node.exe sees it: links to everything, and a node_modules whose koffi binary is the Windows one. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './cache.ts';

export interface Stage {
  readonly folder: string;
  dispose(): void;
}

export function makeStage(koffi: string): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'mapfile-stage-'));
  const modules = join(repository, 'node_modules');
  for (const entry of readdirSync(repository)) {
    if (entry !== 'node_modules' && !entry.startsWith('.')) symlinkSync(join(repository, entry), join(folder, entry));
  }
  mkdirSync(join(folder, 'node_modules', '@koromix'), { recursive: true });
  for (const entry of readdirSync(modules)) {
    if (entry === '@koromix' || entry.startsWith('.')) continue;
    symlinkSync(join(modules, entry), join(folder, 'node_modules', entry));
  }
  symlinkSync(koffi, join(folder, 'node_modules', '@koromix', 'koffi-win32-x64'));
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A path of this system as Wine's drive Z: shows it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}
