/** The implementation for the system we run on. */
import { system } from '../base/host.ts';
import type { OperatingSystem } from './contract.ts';
import { unsupportedSystem } from './unsupported.ts';

const systems: Partial<Record<typeof system, OperatingSystem>> = {};

export const os: OperatingSystem = systems[system] ?? unsupportedSystem;
