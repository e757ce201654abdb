/** Windows: kernel32, in the terms of the contract. The system counts the holders of a name itself. */
import { MapFileError } from '../base/errors.ts';
import { platform } from '../base/host.ts';
import type { OperatingSystem } from './contract.ts';
import { openFile } from './windows-file.ts';
import { createSection, openSection, sectionExists } from './windows-naming.ts';
import { systemInfo } from './windows-region.ts';

export const windowsSystem: OperatingSystem = {
  capabilities: {
    // Asked when needed: this module is imported on every system.
    get pageSize(): number {
      return systemInfo().dwPageSize;
    },
    // MAX_PATH with its NUL, less the longest prefix, "Global\".
    maxNameLength: 252,
    nameUnit: 'characters',
    unlink: false,
    persistent: false,
    mode: false,
    sddl: true,
    advice: ['normal', 'will-need'],
  },
  createSection,
  openSection,
  sectionExists,
  unlinkSection(name) {
    throw new MapFileError(
      'ERR_PLATFORM_UNSUPPORTED',
      `Cannot unlink map "${name.spelled}": on Windows a name lives until its last holder closes it`,
      { feature: 'unlink', platform },
    );
  },
  openFile,
};
