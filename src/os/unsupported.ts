/** Every other system: importing works, using says why it cannot. */
import { MapFileError } from '../base/errors.ts';
import { platform } from '../base/host.ts';
import type { OperatingSystem } from './contract.ts';

function unsupported(feature: string): never {
  throw new MapFileError(
    'ERR_PLATFORM_UNSUPPORTED',
    `Cannot use ${feature}: this system is ${platform}, use Windows, Linux or macOS`,
    { feature, platform },
  );
}

export const unsupportedSystem: OperatingSystem = {
  capabilities: {
    pageSize: 4096,
    maxNameLength: 255,
    nameUnit: 'bytes',
    unlink: false,
    persistent: false,
    mode: false,
    sddl: false,
    advice: [],
  },
  createSection: () => unsupported('named memory'),
  openSection: () => unsupported('named memory'),
  sectionExists: () => unsupported('named memory'),
  unlinkSection: () => unsupported('named memory'),
  openFile: () => unsupported('mapped files'),
};
