/** A file as it is: no footer, no lifetime of ours. */
import { closedError } from '../base/errors.ts';
import type { Access, MemoryScope } from '../base/memory.ts';
import type { MappedFile, OpenFile, Region } from '../os/contract.ts';
import { os } from '../os/current.ts';
import type { Origin } from './window.ts';

export class OpenedFile implements Origin {
  readonly name: string;
  readonly created: boolean;
  readonly #file: MappedFile;
  readonly #regions = new Set<Region>();
  #closed = false;

  constructor(path: string, options: OpenFile) {
    if (typeof path !== 'string') throw new TypeError(`Cannot use ${typeof path} as a path: pass a string`);
    if (path === '' || path.includes('\0')) {
      throw new RangeError(`Cannot use ${JSON.stringify(path)} as a path: it is empty or contains NUL`);
    }
    this.name = path;
    this.#file = os.openFile(path, options);
    this.created = this.#file.created;
  }

  /** No layout is promised by a file. */
  get foreign(): boolean {
    return true;
  }

  get byteLength(): number {
    return this.#file.byteLength;
  }

  get originKey(): number {
    return this.#file.originKey;
  }

  get scope(): MemoryScope | undefined {
    return this.#file.scope;
  }

  map(byteOffset: number, byteLength: number, access: Access): Region {
    if (this.#closed) throw closedError(`file "${this.name}"`);
    const region = this.#file.map(byteOffset, byteLength, access);
    this.#regions.add(region);
    return region;
  }

  verify(): void {
    this.#file.measure();
  }

  resize(byteLength: number): void {
    this.#file.resize(byteLength);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const region of this.#regions) region.unmap();
    this.#file.close();
  }
}
