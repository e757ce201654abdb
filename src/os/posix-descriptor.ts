/** An open descriptor that can be mapped. */
import { type BigIntStats, closeSync, fstatSync, readSync } from 'node:fs';
import { closedError } from '../base/errors.ts';
import type { Access, MemoryScope } from '../base/memory.ts';
import type { Mappable, Region } from './contract.ts';
import { typed } from './posix-errors.ts';
import { mapRegion } from './posix-region.ts';

/** Names an inode by 32 bits, alike in every process and never 0: FNV-1a over device and inode. */
export function inodeKey({ dev, ino }: { dev: bigint; ino: bigint }): number {
  let hash = 0x811c9dc5;
  for (let value of [dev, ino]) {
    for (let i = 0; i < 4; i++, value >>= 16n) hash = Math.imul(hash ^ Number(value & 0xffffn), 0x01000193);
  }
  return hash >>> 0 || 1;
}

/** The last bytes of a file, fewer if it is shorter. */
export function readTail(fd: number, { size }: BigIntStats, tailByteLength: number): Uint8Array {
  const byteLength = Math.min(Number(size), tailByteLength);
  const tail = new Uint8Array(byteLength);
  const got = byteLength === 0 ? 0 : readSync(fd, tail, 0, byteLength, Number(size) - byteLength);
  return tail.subarray(0, got);
}

export class PosixDescriptor implements Mappable {
  readonly originKey: number;
  readonly writable: boolean;
  readonly #spelled: string;
  readonly #syncFlag: number;
  #fd: number;
  #byteLength: number;

  constructor(
    fd: number,
    spelled: string,
    stats: BigIntStats,
    writable: boolean,
    syncFlag: number,
    originKey: number = inodeKey(stats),
  ) {
    this.#fd = fd;
    this.#spelled = spelled;
    this.#byteLength = Number(stats.size);
    this.originKey = originKey;
    this.writable = writable;
    this.#syncFlag = syncFlag;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Others may write: everyone's. Else the owner's, whoever of us opens it (root may). */
  get scope(): MemoryScope {
    const { mode, uid } = fstatSync(this.fd);
    return (mode & 0o022) !== 0 ? 'everyone' : uid;
  }

  /** The descriptor, while open. */
  protected get fd(): number {
    if (this.#fd < 0) throw closedError(`"${this.#spelled}"`);
    return this.#fd;
  }

  map(byteOffset: number, byteLength: number, access: Access): Region {
    return mapRegion(this.fd, this.#spelled, byteOffset, byteLength, access, this.#syncFlag, this.originKey);
  }

  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    try {
      this.leave(fd);
    } finally {
      this.release(fd);
    }
  }

  protected release(fd: number): void {
    closeSync(fd);
  }

  /** What is left to do before the descriptor goes. */
  protected leave(_fd: number): void {}

  measure(): number {
    this.#byteLength = typed({ name: this.#spelled, action: 'measure' }, () => fstatSync(this.fd).size);
    return this.#byteLength;
  }
}
