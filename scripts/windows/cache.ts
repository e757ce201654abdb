/** The folder for what the Windows run downloads or builds. Several clones may share it: entries appear whole or not at all. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** `MAPFILE_CACHE`, or `.cache` in the repository, which git ignores. */
export const cacheFolder: string = resolve(process.env.MAPFILE_CACHE ?? join(repository, '.cache'));

/** The cache entry `name`; the first to need it has it made by `fill` in a scratch folder, which is then renamed. */
export function cached(name: string, fill: (folder: string) => void): string {
  const entry = join(cacheFolder, name);
  if (existsSync(entry)) return entry;
  mkdirSync(cacheFolder, { recursive: true });
  const scratch = mkdtempSync(join(cacheFolder, `${name}.making-`));
  try {
    fill(scratch);
    renameSync(scratch, entry);
  } catch (error) {
    // Another run was faster: a rename onto its folder fails, and its entry is as good as ours.
    if (!existsSync(entry)) throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return entry;
}
