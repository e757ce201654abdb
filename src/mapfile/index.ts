/** MapFile: one typed object that processes share. */

export type { Recovery } from './cell-writer.ts';
export type { ChangesOptions } from './changes.ts';
export { MapFile } from './map-file.ts';
export type {
  AccessOf as MapFileAccessOf,
  CreateFileOptions as MapFileCreateFileOptions,
  CreateOptions as MapFileCreateOptions,
  Initial,
  MapFileAccess,
  MapFileLive,
  MemoryCreateOptions as MapFileMemoryCreateOptions,
  MemoryOpenOptions as MapFileMemoryOpenOptions,
  MemoryOpenOrCreateOptions as MapFileMemoryOpenOrCreateOptions,
  OpenOptions as MapFileOpenOptions,
  OpenOrCreateOptions as MapFileOpenOrCreateOptions,
  OverOptions as MapFileOverOptions,
  SelfDescribed,
  Updater,
  WaitForOptions as MapFileWaitForOptions,
  WritableMemory as MapFileWritableMemory,
} from './map-file-types.ts';
export type { FieldPath, GuardMutex, GuardPlace, ReadGuard, Stamp } from './read-guard.ts';
