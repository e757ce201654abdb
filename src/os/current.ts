/** The implementation for the system we run on. */
import { system } from '../base/host.ts';
import type { OperatingSystem } from './contract.ts';
import { darwinSystem } from './darwin.ts';
import { linuxSystem } from './linux.ts';
import { unsupportedSystem } from './unsupported.ts';
import { windowsSystem } from './windows.ts';

const systems: Partial<Record<typeof system, () => OperatingSystem>> = {
  darwin: darwinSystem,
  linux: linuxSystem,
  windows: () => windowsSystem,
};

export const os: OperatingSystem = (systems[system] ?? (() => unsupportedSystem))();
