/**
 * A source module with a planted bug, to show that a harness sees it.
 *
 * ```ts
 * const { CellWriter } = await mutant(new URL('../../src/mapfile/cell-writer.ts', import.meta.url), [
 *   [/copyBytes\(this\.#undo.*\n/, ''],
 * ]);
 * ```
 *
 * Only that one module is replaced; what it imports is the real thing.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export type Edits = readonly (readonly [search: string | RegExp, replacement: string])[];

export async function mutant<M>(module: URL, edits: Edits): Promise<M> {
  let source = readFileSync(fileURLToPath(module), 'utf8');
  for (const [search, replacement] of edits) {
    const changed = source.replace(search, replacement);
    if (changed === source) throw new Error(`The mutation finds nothing to change: ${search}`);
    source = changed;
  }
  source = source.replace(/from '(\.{1,2}\/[^']+)'/g, (_, path: string) => `from '${new URL(path, module).href}'`);
  const directory = mkdtempSync(join(tmpdir(), 'mapfile-mutant-'));
  try {
    const file = join(directory, 'mutant.mts');
    writeFileSync(file, source);
    return (await import(pathToFileURL(file).href)) as M;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * A folder of modules with a planted bug in one of them; answers its `index.ts`. What the folder imports from others is the
 * real thing.
 *
 * ```ts
 * const { RingQueue } = await mutantFolder<Queue>(new URL('../../src/queue/', import.meta.url), 'ring.ts', [[/a/, 'b']]);
 * ```
 */
export function mutantFolder<M>(folder: URL, changedFile: string, edits: Edits): Promise<M> {
  return changedFolder(folder, { [changedFile]: edits });
}

/** As {@link mutantFolder}, with changes in several files. */
export async function changedFolder<M>(folder: URL, changes: Readonly<Record<string, Edits>>): Promise<M> {
  const directory = mkdtempSync(join(tmpdir(), 'mapfile-mutant-'));
  try {
    for (const name of readdirSync(fileURLToPath(folder))) {
      const module = new URL(name, folder);
      let source = readFileSync(fileURLToPath(module), 'utf8');
      for (const [search, replacement] of changes[name] ?? []) {
        const changed = source.replace(search, replacement);
        if (changed === source) throw new Error(`The mutation finds nothing to change: ${search}`);
        source = changed;
      }
      source = source
        .replace(/from '(\.\.\/[^']+)'/g, (_, path: string) => `from '${new URL(path, module).href}'`)
        .replace(/from '\.\/([^']+)\.ts'/g, "from './$1.mts'");
      writeFileSync(join(directory, name.replace(/\.ts$/, '.mts')), source);
    }
    return (await import(pathToFileURL(join(directory, 'index.mts')).href)) as M;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
