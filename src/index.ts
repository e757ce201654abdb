/** mapfile: named, typed memory that processes share. */

export {
  type CodedTypeError,
  isMapFileError,
  MapFileError,
  type MapFileErrorCode,
  type MapFileErrorContexts,
} from './base/errors.ts';
export type { Access, Memory } from './base/memory.ts';
export * from './codec/index.ts';
export * from './heap/index.ts';
export * from './mapfile/index.ts';
export * from './memory/index.ts';
export * from './queue/index.ts';
export * from './sync/index.ts';
