/**
 * A TypeScript file and what it imports, compiled: for tests that start it hundreds of times. tsx takes half a second to get
 * ready, plain Node a tenth; where Node strips types by itself the file is used as it is.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const strips = Boolean((process.features as { typescript?: unknown }).typescript);

const OPTIONS = [
  ...['--target', 'ES2023', '--module', 'NodeNext', '--lib', 'ES2023,ESNext.Disposable', '--types', 'node'],
  ...['--noCheck', '--skipLibCheck', '--rewriteRelativeImportExtensions', '--ignoreConfig'],
];

export interface PlainScript {
  readonly url: URL;
  dispose(): void;
}

export function plainScript(file: URL): PlainScript {
  if (strips) return { url: file, dispose: () => {} };
  const directory = mkdtempSync(join(tmpdir(), 'mapfile-plain-'));
  const dispose = () => rmSync(directory, { recursive: true });
  try {
    const path = fileURLToPath(file);
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    execFileSync(process.execPath, [compiler, ...OPTIONS, '--rootDir', root, '--outDir', directory, path], {
      cwd: root,
    });
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'), 'junction');
    return { url: pathToFileURL(join(directory, relative(root, path).replace(/\.ts$/, '.js'))), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
