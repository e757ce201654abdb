import { MapFileError } from '../base/errors.ts';
import { show } from '../base/show.ts';
import type { AnyCodec } from '../codec/codec.ts';
import type { BlockHandle } from './handle-layout.ts';
import { checkCodec } from './heap-arguments.ts';
import type { HeapCore } from './heap-core.ts';
import { tooSmall } from './heap-errors.ts';
import { NO_FINGERPRINT, type Root } from './root-directory.ts';
import { type RootName, rootName } from './root-name.ts';

/** The root directory by names and codecs, checked before the lock is taken. */
export class NamedRoots {
  readonly #core: HeapCore;

  constructor(core: HeapCore) {
    this.#core = core;
  }

  get(name: string, codec: AnyCodec | undefined): BlockHandle | undefined {
    const root = rootName(name);
    if (codec !== undefined) checkCodec('use root', codec);
    return this.#core.exclusive(() => this.#get(root, codec));
  }

  set(name: string, handle: BlockHandle | null, codec: AnyCodec | undefined): void {
    const root = rootName(name);
    if (codec !== undefined) checkCodec('name a block', codec);
    this.#core.exclusive(() => (handle === null ? this.#core.roots.delete(root) : this.#set(root, handle, codec)));
  }

  /** The block that the name has, if it is large enough for `size`. */
  find(name: string, size: number | AnyCodec): BlockHandle | undefined {
    const root = rootName(name);
    return this.#core.exclusive(() => this.#find(root, size));
  }

  /** The block that the name has, or `handle` from now on. */
  findOrSet(name: string, size: number | AnyCodec, handle: BlockHandle): BlockHandle {
    const root = rootName(name);
    return this.#core.exclusive(() => {
      const found = this.#find(root, size);
      if (found === undefined) this.#set(root, handle, typeof size === 'number' ? undefined : size);
      return found ?? handle;
    });
  }

  list(): Root[] {
    return this.#core.exclusive(() => this.#core.roots.list());
  }

  #get(name: RootName, codec: AnyCodec | undefined): BlockHandle | undefined {
    const { roots } = this.#core;
    const number = roots.find(name);
    if (number === 0) return undefined;
    const handle = roots.handle(number);
    if (codec !== undefined) this.#check(name.text, handle, roots.fingerprint(number), codec);
    return handle;
  }

  #find(name: RootName, size: number | AnyCodec): BlockHandle | undefined {
    if (typeof size !== 'number') return this.#get(name, size);
    const found = this.#get(name, undefined);
    if (found !== undefined) this.#checkSize(found, { name: `root ${show(name.text)}`, byteLength: size });
    return found;
  }

  #set(name: RootName, handle: BlockHandle, codec: AnyCodec | undefined): void {
    const { roots, table } = this.#core;
    table.live(handle);
    if (codec !== undefined) this.#checkSize(handle, codec);
    roots.set(name, handle, codec?.fingerprint ?? NO_FINGERPRINT);
  }

  #check(name: string, handle: BlockHandle, fingerprint: string, codec: AnyCodec): void {
    if (fingerprint !== NO_FINGERPRINT && fingerprint !== codec.fingerprint) {
      throw new MapFileError(
        'ERR_LAYOUT_MISMATCH',
        `Cannot use root "${name}" as ${codec.name}: it was named with a layout of fingerprint ${fingerprint}, ` +
          `expected ${codec.fingerprint}`,
        { name, expected: codec.describe(), actual: `fingerprint ${fingerprint}` },
      );
    }
    this.#checkSize(handle, codec);
  }

  #checkSize(handle: BlockHandle, wanted: { readonly name: string; readonly byteLength: number }): void {
    const { table } = this.#core;
    const byteLength = table.byteLength(table.index(handle));
    if (wanted.byteLength > byteLength) throw tooSmall(handle, byteLength, wanted);
  }
}
