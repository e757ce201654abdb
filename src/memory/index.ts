/** Named memory and files. */

export type { DataViewReader } from '../base/readonly-data-view.ts';
export type { Advice } from '../os/contract.ts';
export type { CreateFileOptions, CreateOptions, OpenFileOptions, OpenOptions } from './make-window.ts';
export { type CopyRange, MappedView } from './mapped-view.ts';
export type { ByteRange, SecurityOptions, UnlinkOptions } from './options.ts';
export type { TypedArrayConstructor } from './typed-arrays.ts';
