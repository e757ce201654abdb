import { MapFileError } from '../base/errors.ts';
import { platform, type System, system } from '../base/host.ts';
import type { MemoryScope } from '../base/memory.ts';
import type { Participants } from '../base/participants.ts';
import { requireLiveMemory } from '../ffi/external-memory.ts';
import { RegistryParticipants } from './participants.ts';
import { openDarwinRegistry } from './participants-darwin.ts';
import { openLinuxRegistry } from './participants-linux.ts';
import { openWindowsRegistry } from './participants-windows.ts';
import type { RegistrySystem } from './registry.ts';

const joined = new Map<MemoryScope, Participants>();

const OPEN: Record<System, ((scope: MemoryScope) => RegistrySystem) | undefined> = {
  linux: openLinuxRegistry,
  windows: openWindowsRegistry,
  darwin: openDarwinRegistry,
  unsupported: undefined,
};

/** The participants of this machine; the calling thread joins them at the first call. */
export function currentParticipants(scope: MemoryScope = process.getuid?.() ?? 0): Participants {
  let participants = joined.get(scope);
  if (participants) return participants;
  requireLiveMemory();
  const open = OPEN[system];
  if (!open) {
    throw new MapFileError('ERR_PLATFORM_UNSUPPORTED', `Cannot take part in locks and waits: this is ${platform}`, {
      feature: 'participants',
      platform,
    });
  }
  participants = new RegistryParticipants(open(scope));
  joined.set(scope, participants);
  return participants;
}
