import { MapFileError } from '../base/errors.ts';
import { show } from '../base/show.ts';
import type { AnyCodec } from '../codec/codec.ts';
import type { BlockHandle } from './handle-layout.ts';
import type { HandleTable } from './handle-table.ts';
import { checkCodec } from './heap-arguments.ts';
import { tooSmall } from './heap-errors.ts';
import type { HeapMemory } from './heap-memory.ts';
import { NO_FINGERPRINT, type Root, RootDirectory, rootName } from './root-directory.ts';

/** The root directory by names and codecs, checked. Every method wants the heap's lock. */
export class NamedRoots {
  readonly #directory: RootDirectory;
  readonly #table: HandleTable;

  constructor(memory: HeapMemory, table: HandleTable) {
    this.#directory = new RootDirectory(memory, table);
    this.#table = table;
  }

  get(name: string, codec: AnyCodec | undefined): BlockHandle | undefined {
    if (codec !== undefined) checkCodec('use root', codec);
    const root = this.#directory.get(rootName(name));
    if (root !== undefined && codec !== undefined) this.#check(root, codec);
    return root?.handle;
  }

  set(name: string, handle: BlockHandle | null, codec: AnyCodec | undefined): void {
    const root = rootName(name);
    if (codec !== undefined) checkCodec('name a block', codec);
    if (handle === null) {
      this.#directory.delete(root);
      return;
    }
    this.#table.live(handle);
    if (codec !== undefined) this.#checkSize(handle, codec);
    this.#directory.set(root, handle, codec?.fingerprint ?? NO_FINGERPRINT);
  }

  /** The block that the name has, if it is large enough for `size`. */
  find(name: string, size: number | AnyCodec): BlockHandle | undefined {
    if (typeof size !== 'number') return this.get(name, size);
    const found = this.get(name, undefined);
    if (found !== undefined) this.#checkSize(found, { name: `root ${show(name)}`, byteLength: size });
    return found;
  }

  /** The block that the name has, or `handle` from now on. */
  findOrSet(name: string, size: number | AnyCodec, handle: BlockHandle): BlockHandle {
    const found = this.find(name, size);
    if (found === undefined) this.set(name, handle, typeof size === 'number' ? undefined : size);
    return found ?? handle;
  }

  list(): Root[] {
    return this.#directory.list();
  }

  #check(root: Root, codec: AnyCodec): void {
    if (root.fingerprint !== NO_FINGERPRINT && root.fingerprint !== codec.fingerprint) {
      throw new MapFileError(
        'ERR_LAYOUT_MISMATCH',
        `Cannot use root "${root.name}" as ${codec.name}: it was named with a layout of fingerprint ${root.fingerprint}, ` +
          `expected ${codec.fingerprint}`,
        { name: root.name, expected: codec.describe(), actual: `fingerprint ${root.fingerprint}` },
      );
    }
    this.#checkSize(root.handle, codec);
  }

  #checkSize(handle: BlockHandle, wanted: { readonly name: string; readonly byteLength: number }): void {
    const byteLength = this.#table.byteLength(this.#table.index(handle));
    if (wanted.byteLength > byteLength) throw tooSmall(handle, byteLength, wanted);
  }
}
